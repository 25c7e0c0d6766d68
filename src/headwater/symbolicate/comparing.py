"""Which of the maps that claim a deployed file are its own, and whether they say the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from headwater.protocol.code_digest import code_digest
from headwater.sourcemaps.source_map import Point, SourceMap
from headwater.symbolicate.addresses import fit
from headwater.symbolicate.candidates import Candidate
from headwater.symbolicate.source_maps import ArtifactUnreadable, SourceMaps

MAX_READ: Final = 200
"""Uploaded files that are read for one answer: a page has at most 100 scripts."""

_LINES: Final = 16
_COLUMNS: Final = 32
_END: Final = 2**31 - 1
"""A column behind every line's end."""


def best_of(candidates: Sequence[Candidate], path: str) -> list[Candidate]:
    """Those whose address fits best, as events' frames prefer them."""
    fits = [
        max(
            fit(each.address.removesuffix(".map"), path),
            fit(each.script.url, path) if each.script else 0,
        )
        for each in candidates
    ]
    return [each for each, parts in zip(candidates, fits, strict=True) if parts == max(fits)]


@dataclass(slots=True)
class Comparing:
    """Of one answer, so that its work has an end; what was not compared counts as the same."""

    maps: SourceMaps
    _digests: dict[str, str | None] = field(default_factory=dict)

    def of_the_same_code(
        self, candidates: Sequence[Candidate], code: str | None
    ) -> list[Candidate]:
        """Those whose minified file has this code; else those for which that is not known."""
        if code is None:
            return list(candidates)
        digests = [self._digest(each) for each in candidates]
        paired = list(zip(candidates, digests, strict=True))
        same = [each for each, digest in paired if digest == code]
        return same or [each for each, digest in paired if digest is None]

    def agree(self, candidates: Sequence[Candidate]) -> bool:
        """Whether maps lead to the same places, as far as some of all are compared."""
        first, *others = candidates
        return all(_agree(first.map, each.map) for each in others)

    def _digest(self, candidate: Candidate) -> str | None:
        script = candidate.script
        if script is None:
            return None
        if script.key not in self._digests:
            if len(self._digests) >= MAX_READ:
                return None
            try:
                self._digests[script.key] = code_digest(self.maps.read_text(script))
            except ArtifactUnreadable:
                self._digests[script.key] = None
        return self._digests[script.key]


def _agree(one: SourceMap, other: SourceMap) -> bool:
    if (one.mappings, one.last_line) != (other.mappings, other.last_line):
        return False
    return all(_place(one, at) == _place(other, at) for at in _points(one))


def _points(source_map: SourceMap) -> Iterator[Point]:
    last = source_map.last_line or 0
    for line in sorted({last * part // (_LINES - 1) for part in range(_LINES)}):
        end = source_map.lookup(line, _END)
        if end is not None:
            yield from ((line, end.column * part // _COLUMNS) for part in range(_COLUMNS + 1))


def _place(source_map: SourceMap, at: Point) -> tuple[str | None, int, int] | None:
    mapping = source_map.lookup(*at)
    if mapping is None or mapping.source is None:
        return None
    name = source_map.source(mapping.source).name
    return name, mapping.source_line, mapping.source_column
