"""The sources inside of an uploaded map, to be looked at: read from what it is compiled to."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

from msgspec import Struct

from headwater.artifacts.compiler_questions import Fault
from headwater.artifacts.opened import OpenedMaps
from headwater.artifacts.workshop import Patience, Workshop
from headwater.sourcemaps.compiled.origins import Source
from headwater.sourcemaps.compiled.parts import CompiledFileDamaged
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.storage.files.compiled import Compiled
from headwater.storage.files.compiled_files import CompiledName, Kind
from headwater.storage.page import Page, PageRequest
from headwater.symbolicate.in_app import is_foreign

MAX_SEARCHED: Final = 5_000
"""Sources of a map whose names are looked through; of larger ones only pages are shown."""

MAX_LINE: Final = 1_000
"""Characters of a line that are shown: nobody wrote a longer one."""

TRIES: Final = 2
"""What is damaged is made anew once."""

T = TypeVar("T")


class MapUnreadable(Exception):
    """A map can't be shown; the message says why."""


class ListedSource(Struct, frozen=True):
    """`name` None: the map has none. `lines` and `size`, in bytes, None: the map lacks its text."""

    index: int
    name: str | None
    is_ignored: bool
    lines: int | None
    size: int | None


class ListedSources(Struct, frozen=True):
    """A page of a map's sources. `ignored` None: there are too many to be counted."""

    total: int
    found: int
    ignored: int | None
    page: Page[ListedSource]


class ShownLine(Struct, frozen=True):
    """A line, from 1; `is_cut`: it goes on."""

    number: int
    text: str
    is_cut: bool


class ShownSource(Struct, frozen=True):
    """A source, and some of its lines; none, if the map lacks its text."""

    source: ListedSource
    lines: Sequence[ShownLine]


class MapSources:
    """Made once per process, for every thread. Every method raises MapUnreadable, DatabaseError."""

    def __init__(self, opened: OpenedMaps, register: Compiled, workshop: Workshop) -> None:
        self._opened = opened
        self._register = register
        self._workshop = workshop

    def with_map_inside(self, sha256s: Collection[str]) -> set[str]:
        """Which of these minified files have a map inside of them."""
        names = self._register.find(sorted(sha256s)) if sha256s else ()
        return {name.sha256 for name in names if name.kind is Kind.INLINE}

    def listed(self, sha256: str, kind: Kind, text: str, page: PageRequest) -> ListedSources:
        """Sources whose names hold `text`, in whatever case: people's own, then those that packages and
        bundlers brought, both in the order of the map; of a map of more than MAX_SEARCHED all, as
        they come."""
        return self._ask(sha256, kind, lambda compiled: _listed(compiled, text.lower(), page))

    def shown(self, sha256: str, kind: Kind, index: int, first: int, count: int) -> ShownSource:
        """`count` lines of a source, from the line `first`, which counts from 0."""

        def read(compiled: CompiledMap) -> ShownSource:
            if not 0 <= index < compiled.sources:
                raise MapUnreadable(f"The map has {compiled.sources:,} sources, and none behind.")
            return ShownSource(_source(compiled, index), _lines(compiled, index, first, count))

        return self._ask(sha256, kind, read)

    def _ask(self, sha256: str, kind: Kind, ask: Callable[[CompiledMap], T]) -> T:
        for _ in range(TRIES):
            name = self._opened.find(sha256).get(kind) or self._made(sha256, kind)
            try:
                return ask(self._opened.map(name).compiled)
            except CompiledFileDamaged:
                damaged = self._opened.damaged()
                blamed = name if damaged is None else CompiledName.parse(damaged)
                self._opened.give_up(blamed, {name, blamed}, datetime.now(UTC))
            except OSError as error:
                raise MapUnreadable(f"The map can't be read: {error.strerror}.") from None
        raise MapUnreadable("The map can't be read back from what it is compiled to.")

    def _made(self, sha256: str, kind: Kind) -> CompiledName:
        try:
            made = self._workshop.compiled(sha256, kind, Patience())
        except OSError as error:
            raise MapUnreadable(f"The map can't be compiled: {error.strerror}.") from None
        if isinstance(made, Fault):
            raise MapUnreadable(f"The map {made.sentence}.")
        self._opened.forget(sha256)
        return made


def _listed(compiled: CompiledMap, text: str, page: PageRequest) -> ListedSources:
    total = compiled.sources
    if total > MAX_SEARCHED:
        indices = range(page.offset, min(total, page.offset + page.fetch))
        items = page.page([_source(compiled, index) for index in indices])
        return ListedSources(total, total, None, items)
    sources = [compiled.source(index) for index in range(total)]
    named = [each for each in sources if text in (each.name or "").lower()]
    found = [each.index for each in sorted(named, key=_is_others)]
    shown = found[page.offset : page.offset + page.fetch]
    items = page.page([_source(compiled, index) for index in shown])
    ignored = sum(each.is_ignored for each in sources)
    return ListedSources(total, len(found), ignored, items)


def _is_others(source: Source) -> bool:
    name = source.name or ""
    return source.is_ignored or is_foreign(name, name)


def _source(compiled: CompiledMap, index: int) -> ListedSource:
    source, text = compiled.source(index), compiled.text(index)
    lines, size = (None, None) if text is None else (text.lines, text.length)
    return ListedSource(index, source.name, source.is_ignored, lines, size)


def _lines(compiled: CompiledMap, index: int, first: int, count: int) -> Sequence[ShownLine]:
    text = compiled.text(index)
    if text is None:
        return ()
    found: list[ShownLine] = []
    for number in range(first, min(text.lines, first + count)):
        line = text.line(number)
        if line is not None:
            is_cut = line.is_cut or len(line.text) > MAX_LINE
            found.append(ShownLine(number + 1, line.text[:MAX_LINE], is_cut))
    return found
