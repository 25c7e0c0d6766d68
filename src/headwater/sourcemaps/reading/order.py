"""Mappings put into the order of their places as they come, without holding all of them."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from headwater.sourcemaps.reading.document import SourceMapTooLarge

MAX_DISORDER: Final = 128 * 1024
"""Mappings that one may come too late. Lines always come in order; of one line, tools that move
code around write neighbours the wrong way round."""

Rows = NDArray[np.int32]
"""Parallel columns of mappings: the first is their lines, the second their columns."""


class InOrder:
    """Sorts mappings; those at equal places keep the order they come in."""

    def __init__(self) -> None:
        self._held: list[Rows] = []
        self._holds = 0
        self._given = -1

    def add(self, rows: Rows) -> Iterator[Rows]:
        """Take some in and give those that none can come before. Raises SourceMapTooLarge."""
        self._held.append(rows)
        self._holds += rows.shape[1]
        if self._holds > 2 * MAX_DISORDER:
            every = self._sorted()
            give = every.shape[1] - MAX_DISORDER
            self._held, self._holds = [every[:, give:]], MAX_DISORDER
            yield every[:, :give]

    def rest(self) -> Iterator[Rows]:
        """All that are held; none may follow. Raises SourceMapTooLarge."""
        if self._held:
            yield self._sorted()
        self._held, self._holds = [], 0

    def _sorted(self) -> Rows:
        every = self._held[0] if len(self._held) == 1 else np.concatenate(self._held, axis=1)
        keys = every[0].astype(np.int64) << 32 | every[1]
        if (keys[1:] < keys[:-1]).any():
            order = np.argsort(keys, kind="stable")
            every, keys = every[:, order], keys[order]
        if keys.size and keys[0] < self._given:
            raise SourceMapTooLarge(
                f"a mapping comes more than {MAX_DISORDER:,} mappings too late in its line"
            )
        give = max(0, keys.size - MAX_DISORDER)
        self._given = int(keys[give - 1]) if give else self._given
        return every
