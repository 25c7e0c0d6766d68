"""What is asked of each map of the corpus: positions with an oracle's answers, and whole events."""

import msgspec

from bench.corpus import shelf

POSITIONS = 2_000
EVENTS = 100
FRAMES = 50

Answer = tuple[str | None, int, int, str | None]
"""Source (with `sourceRoot` in front), line, column, name; lines and columns from 0."""

Place = tuple[int, int]
"""Generated line and column, from 0."""

Position = tuple[int, int, Answer | None, Answer | None]
"""Line and column, what @jridgewell/trace-mapping answers, and what the last of the mappings at the very
place says that this answer was taken from: they differ where several mappings share one place."""


class Asked(msgspec.Struct, frozen=True):
    """Of one map: how many mappings and sources it has, what is asked of it."""

    mappings: int
    sources: int
    positions: tuple[Position, ...]
    events: tuple[tuple[Place, ...], ...]


def asked_of(item: shelf.Item) -> Asked:
    """Raises `NoCorpus` if the oracle was not asked."""
    try:
        return msgspec.json.decode(
            (shelf.folder() / "asked" / f"{item.id}.json").read_bytes(), type=Asked
        )
    except FileNotFoundError:
        raise shelf.NoCorpus(
            f"{item.id}: the oracle was not asked; build the corpus again"
        ) from None
