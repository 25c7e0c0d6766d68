"""From a map's answer to what people are shown: the original of a frame.

Here the positions of the map, which count from 0, become those that people read, from 1.
"""

import msgspec
from msgspec.structs import replace

from headwater.protocol.event import Frame
from headwater.sourcemaps.compiled.origins import Excerpt, Source
from headwater.sourcemaps.map_functions import FunctionName
from headwater.sourcemaps.mapping import Mapping
from headwater.symbolicate.answers import Answer
from headwater.symbolicate.context import context_of
from headwater.symbolicate.in_app import in_app
from headwater.symbolicate.resolution import Original
from headwater.symbolicate.source_names import source_name


class Originals(msgspec.Struct, frozen=True):
    """Makes the originals of one frame. `path` is the frame's file."""

    frame: Frame
    path: str
    answer: Answer

    def of_mapping(self, mapping: Mapping, source: Source, named: FunctionName) -> Original:
        """What the answer's mapping leads to."""
        # Without a column only the line is known.
        column = mapping.source_column if self.frame.colno else 0
        excerpt, line = self.answer.excerpt, mapping.source_line
        original = self.at(source, excerpt, line, column, named.name)
        return replace(original, passed_to=named.passed_to) if named.passed_to else original

    def at(
        self, source: Source, excerpt: Excerpt | None, line: int, column: int, function: str | None
    ) -> Original:
        """A place in a source of the answer's map, from 0, and what is around it."""
        context = None if excerpt is None else context_of(excerpt, column)
        path = self.path
        filename, abs_path, module, foreign = self.frame.filename or path, path, None, False
        if source.name:
            answer = self.answer
            is_here = answer.candidate.is_inline and not answer.through
            named = source_name(source.name, path if is_here else answer.candidate.address)
            filename, abs_path = named.filename, named.abs_path
            module, foreign = named.module, named.is_foreign or _came_through_foreign(answer)
        said = self.frame.in_app
        return Original(
            filename=filename,
            abs_path=abs_path,
            function=function,
            lineno=line + 1,
            colno=column + 1,
            module=module,
            in_app=in_app(ignored=source.is_ignored, foreign=foreign, said_by_sdk=said),
            context_line=None if context is None else context.line,
            pre_context=() if context is None else context.pre,
            post_context=() if context is None else context.post,
        )


def _came_through_foreign(answer: Answer) -> bool:
    """Whether a source on the way is no code of the user's own: then what it was made of isn't."""
    return any(
        each.source is not None
        and (each.source.is_ignored or source_name(each.source.name or "", "").is_foreign)
        for each in answer.through
    )
