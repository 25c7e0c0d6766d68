"""The resolver's side of symbolication: where foreign maps are decoded and foreign sources parsed.

Runs in a child process of the worker; see `digest.resolver`.
"""

from collections.abc import Callable

import msgspec
from sqlalchemy.exc import DatabaseError

from headwater.bounded_child.answering import Answering
from headwater.digest.question import Answer, Question
from headwater.digest.work import NotedMaps, Work
from headwater.symbolicate.source_maps import SourceMaps
from headwater.symbolicate.stacktrace import symbolicate


def serve(answering: Answering, maps_of: Callable[[int], SourceMaps]) -> None:
    """Answer until the input ends. `maps_of` gives a project's source maps."""

    def answer(asked: bytes) -> bytes:
        question = msgspec.msgpack.decode(asked, type=Question)
        work = Work(question.refused, answering.note)
        try:
            maps = NotedMaps(maps_of(question.project_id), work)
            resolution = symbolicate(question.event, maps)
        except DatabaseError as error:
            return msgspec.msgpack.encode(Answer(None, str(error.orig)))
        return msgspec.msgpack.encode(Answer(resolution))

    answering.answer_questions(answer)
