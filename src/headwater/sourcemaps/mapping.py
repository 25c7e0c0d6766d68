"""One mapping of a source map: a place in the generated file and where it comes from."""

import msgspec

SourcePlace = tuple[int, int, int]
"""A source's index, and line and column in it."""


class Mapping(msgspec.Struct, frozen=True, gc=False):
    """All from 0, columns in UTF-16 units.

    `source` is an index into the map's sources, or None where the map says that this piece of the
    generated file has no original; then the original's line and column mean nothing. `name` is an
    index into the map's names. Of a range mapping, line and column are those that were asked for.
    """

    line: int
    column: int
    source: int | None
    source_line: int
    source_column: int
    name: int | None

    @property
    def place_in_source(self) -> SourcePlace | None:
        """Where it leads to; None if it has no original."""
        if self.source is None:
            return None
        return self.source, self.source_line, self.source_column


class LineOrigins(msgspec.Struct, frozen=True, gc=False):
    """Of a generated line: its first mapping that has an original, and whether others of its
    mappings lead to other lines of sources."""

    first: Mapping | None
    has_others: bool
