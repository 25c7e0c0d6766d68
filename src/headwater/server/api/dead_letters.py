"""Dead letters, for scripts: listed, read, put back on the queue, deleted."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.server.answer import answer
from headwater.server.api.page import KeyPage
from headwater.server.api.visible import project_of
from headwater.server.auth import TokenGuard
from headwater.server.errors import NothingThere, Overloaded
from headwater.server.numbers import number_in
from headwater.server.paths import segment
from headwater.storage.people.tokens import Scope
from headwater.storage.projects import Projects
from headwater.storage.queue.dead_letters import DeadLetter, DeadLetters, DeadLetterSummary
from headwater.storage.queue.retry import Retried, Retry

_LIST = "/api/0/projects/{org}/{project}/dead-letters/"
_ONE = _LIST + "{letter}/"


class DeadLettersDoor:
    """`{org}` may be any value; a project's token sees its project only."""

    def __init__(
        self, guard: TokenGuard, projects: Projects, letters: DeadLetters, retry: Retry
    ) -> None:
        self._guard = guard
        self._projects = projects
        self._letters = letters
        self._retry = retry

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            Route(_LIST, self.list, methods=["GET"]),
            Route(_LIST + "retry/", self.retry_all, methods=["POST"]),
            Route(_ONE, self.show, methods=["GET"]),
            Route(_ONE, self.delete, methods=["DELETE"]),
            Route(_ONE + "envelope/", self.show_envelope, methods=["GET"]),
            Route(_ONE + "retry/", self.retry, methods=["POST"]),
        ]

    def list(self, request: Request) -> Response:
        """The newest first, without their envelopes."""
        project_id = self._project(request)
        page = KeyPage.of(request)
        found = self._letters.part(project_id, page.part)
        shown = [_shape(letter) for letter in found.items]
        keys = [letter.id for letter in found.items]
        return answer(shown, headers=page.headers(request, keys, has_more=found.has_next))

    def show(self, request: Request) -> Response:
        """One, without its envelope."""
        return answer(_shape(self._letter(request)))

    def show_envelope(self, request: Request) -> Response:
        """Its envelope as it came, in the encoding that `show` names; nothing is scrubbed."""
        envelope = self._letter(request).envelope
        return Response(envelope, media_type="application/octet-stream")

    def delete(self, request: Request) -> Response:
        """For good."""
        self._letters.delete(self._letter(request).id)
        return Response(status_code=204)

    def retry(self, request: Request) -> Response:
        """Put one back on the queue; it is there when this is answered."""
        return _retried(self._retry.one(self._letter(request).id))

    def retry_all(self, request: Request) -> Response:
        """Put the project's back; `left` are to be asked for again."""
        return _retried(self._retry.all(self._project(request)))

    def _project(self, request: Request) -> int:
        token = self._guard.require(request, Scope.FULL)
        return project_of(request, token, self._projects)

    def _letter(self, request: Request) -> DeadLetter:
        project_id = self._project(request)
        named = segment(request, "letter")
        letter = self._letters.get(number_in(named))
        if letter is None or letter.project_id != project_id:
            raise NothingThere(
                f"There is no dead letter {named[:40]!r} in this project; it may have been retried"
                " or deleted."
            )
        return letter


def _shape(letter: DeadLetterSummary) -> Mapping[str, object]:
    return {
        "id": str(letter.id),
        "eventID": letter.event_id,
        "dateReceived": letter.received_at,
        "dateFailed": letter.failed_at,
        "error": letter.error,
        "size": letter.size,
        "encoding": letter.encoding,
    }


def _retried(retried: Retried) -> Response:
    """Raises Overloaded."""
    if retried.fault:
        raise Overloaded(
            f"{retried.put_back} are back on the queue; {retried.left} could not be put back:"
            f" {retried.fault}. Nothing is lost; try again later."
        )
    return answer({"putBack": retried.put_back, "left": retried.left})
