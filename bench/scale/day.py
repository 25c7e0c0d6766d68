"""How events come: a day with its rush hours, and a deployment that breaks something for everybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi, sin
from random import Random
from typing import Final

DAY: Final = 86_400
"""Seconds."""

SWING: Final = 0.6
"""The rush hour has so much more than the mean, the night so much less."""

SPIKE: Final = range(11 * 3_600, 11 * 3_600 + 600)
SPIKE_FACTOR: Final = 10
"""Times the mean, for ten minutes."""

HOT: Final = 0.8
"""The part of a spike that is one issue."""


@dataclass(frozen=True, slots=True)
class Second:
    """Events that come in it, and how many of them are of the one issue."""

    at: int
    events: float
    hot: float


def day(mean: float, seed: int = 1) -> Iterator[Second]:
    """`mean`: events a second, without the spike. The same day whenever it is asked for."""
    random = Random(seed)  # noqa: S311
    for at in range(DAY):
        usual = mean * (1 + SWING * sin(2 * pi * (at / DAY - 0.25)))
        # What a second has by chance; of many events hardly anything.
        usual = max(0.0, random.gauss(usual, usual**0.5))
        spike = mean * SPIKE_FACTOR if at in SPIKE else 0.0
        yield Second(at, usual + spike, spike * HOT)
