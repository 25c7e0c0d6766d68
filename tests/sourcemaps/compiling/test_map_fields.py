"""What the sections of a map say of functions."""

from collections.abc import Sequence
from typing import overload

from headwater.sourcemaps.compiling.map_fields import MapFields, PieceFields
from headwater.sourcemaps.reading.sections import Offset


class Counted(Sequence[PieceFields]):
    """Sections, and how often one was looked at."""

    def __init__(self, pieces: Sequence[PieceFields]) -> None:
        self._pieces = pieces
        self.looked_at = 0

    def __len__(self) -> int:
        return len(self._pieces)

    @overload
    def __getitem__(self, index: int) -> PieceFields: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PieceFields]: ...
    def __getitem__(self, index: int | slice) -> PieceFields | Sequence[PieceFields]:
        self.looked_at += 1
        return self._pieces[index]


def test_of_very_many_sections_only_that_of_the_source_is_looked_at() -> None:
    pieces = Counted([PieceFields(Offset(each, 0), each, 1, None, None) for each in range(1000)])
    fields = MapFields(pieces)
    pieces.looked_at = 0

    found = list(fields.of_source(999))

    assert found == []
    assert pieces.looked_at == 1
