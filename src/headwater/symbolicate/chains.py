"""Sources that are generated files themselves: their own maps are followed to what was written.

TypeScript's compiler writes a file and a map; a bundler that does not read that map writes another,
which leads to the compiler's file. Where the first was uploaded too, it leads on from there.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec.structs import replace

from headwater.sourcemaps.compiled.texts import Text
from headwater.symbolicate.answers import Answer, Asking, Place
from headwater.symbolicate.candidates import Candidate, Candidates
from headwater.symbolicate.source_names import source_name
from headwater.symbolicate.verdicts import Verdict

MAX_HOPS: Final = 3
"""Maps that are followed after the first; a build of four generators is not known."""
_SHIFTS: Final = range(3)
"""Lines that may stand above a file since it was bundled: debug ids are put in with a line of code."""
_AROUND: Final = 1
"""Lines before and after a place that have to be the same in both texts of one file."""

Where = tuple[int | None, str]
"""A bundle and an address in it."""


class Chains:
    """Follows the answers of one event."""

    def __init__(self, candidates: Candidates, asking: Asking) -> None:
        self._candidates = candidates
        self._asking = asking
        self._found: dict[Where, Candidate | None] = {}

    def look_for(self, answers: Iterable[Answer]) -> None:
        """Find the maps of all generated sources that answers lead to, in few questions."""
        wanted: dict[int | None, set[str]] = {}
        for answer in answers:
            where = _where(answer)
            if where is not None and where not in self._found:
                wanted.setdefault(where[0], set()).add(where[1])
        for bundle, addresses in wanted.items():
            found: Mapping[str, Candidate] = self._candidates.at(bundle, addresses)
            self._found.update(((bundle, each), found.get(each)) for each in addresses)

    def end_of(self, answer: Answer) -> Answer:
        """The last answer that can be had by following this one, whose maps were looked for; itself
        if it leads to no map."""
        if not any(self._found.values()):
            return answer
        seen = {answer.candidate.artifact.key}
        while len(answer.through) < MAX_HOPS:
            following = self._following(answer)
            if following is None or following.candidate.artifact.key in seen:
                break
            seen.add(following.candidate.artifact.key)
            answer = replace(following, through=(*answer.through, answer))
        return answer

    def _following(self, answer: Answer) -> Answer | None:
        where = _where(answer)
        if where is None or answer.mapping is None:
            return None
        if answer.verdict is Verdict.SUSPICIOUS_MAPPING:
            return None
        if where not in self._found:
            self.look_for([answer])
        candidate = self._found[where]
        shift = None if candidate is None else self._shift(answer, candidate)
        if candidate is None or shift is None:
            return None
        place = Place(answer.mapping.source_line + shift, answer.mapping.source_column)
        found = self._asking.ask(candidate, place)
        is_better = found.verdict is Verdict.RESOLVED or found.verdict is answer.verdict
        return found if is_better and found.mapping is not None else None

    def _shift(self, answer: Answer, candidate: Candidate) -> int | None:
        """By how many lines the uploaded file differs from what the bundler read; None if by more.

        Where either text is missing, the address alone has to do.
        """
        script = self._asking.script_of(candidate)
        if script is None or answer.source is None or answer.mapping is None:
            return 0
        text = self._asking.text_of(answer.candidate, answer.source)
        if text is None:
            return 0
        line = answer.mapping.source_line
        read = _lines(text, line)
        return next((each for each in _SHIFTS if _lines(script.text, line + each) == read), None)


def _where(answer: Answer) -> Where | None:
    """Where a map of the source would be; None if the source is nothing generated."""
    source, candidate = answer.source, answer.candidate
    if source is None or not source.name:
        return None
    named = source_name(source.name, candidate.address)
    return (candidate.artifact.bundle, named.abs_path) if named.is_javascript else None


def _lines(text: Text, line: int) -> list[str]:
    """Some lines, the middle one being `line`; of very long ones, parts that begin alike."""
    found = (text.line(each) for each in range(max(0, line - _AROUND), line + _AROUND + 1))
    return [each.text.rstrip("\r") for each in found if each is not None]
