"""What other web processes have taken of the same rates, as one of them comes to hear it.

Counts are told that only grow, so that it does no harm to hear one twice, or late. Whoever hears of a
rate for the first time knows none of the counts before, and goes by how full the others' buckets are.
"""

import math
import secrets
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from msgspec import Struct

from headwater.storage.told_rates import HELD_SECONDS, Heard, Told

BEGINS_AGAIN_SECONDS: Final = HELD_SECONDS / 2
"""After so long without a word a process begins anew, under another name, as if it had just started:
others may have forgotten what it told."""


class Talk(Protocol):
    """`storage.told_rates.ToldRates`."""

    def exchange(self, process: str, told: Mapping[int, Told]) -> Sequence[Heard]:
        """Tell, and hear. Raises SQLAlchemyError."""
        ...


class Own(Struct, frozen=True):
    """Of a rate, as this process knows it: what it has taken since it started, and what its bucket is
    short of `per_minute`."""

    taken: int
    short: float
    per_minute: int


class News(Struct, frozen=True):
    """Of a rate. `taken` by others since it was last heard of; or, when that is the first time, what the
    emptiest of their buckets is `short` of, to which comes what was taken here beyond `told` lately."""

    taken: int
    short: float | None = None
    told: int = 0


class RateExchange:
    """Of one process; used by one thread."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._name = ""
        self._at = float("-inf")
        self._told: Mapping[int, int] = {}
        """What the others know that was taken here, since this process started."""
        self._before: Mapping[int, int] = {}
        """What they are not told under this name: they know it, or it was too long ago."""
        self._heard: Mapping[tuple[str, int], int] = {}
        self._known: frozenset[int] = frozenset()
        """The rates that were heard of under this name."""

    def round(self, own: Mapping[int, Own], now: float) -> Mapping[int, News]:
        """Tell what was taken here; what is new of the same rates. `now`: seconds of any steady clock.

        Raises SQLAlchemyError: the next round tells and hears all of it.
        """
        forgotten = {of for of, each in own.items() if each.taken < self._told.get(of, 0)}
        if forgotten:
            self._told = {of: each for of, each in self._told.items() if of not in forgotten}
            self._at = float("-inf")
        if now - self._at > BEGINS_AGAIN_SECONDS:
            self._name = secrets.token_hex(16)
            self._before = {of: self._over(of, each) for of, each in own.items()}
            self._heard, self._known = {}, frozenset()
        told = {of: self._word(of, each) for of, each in own.items()}
        heard = self._talk.exchange(self._name, told)
        news = {of: self._news(of, each.per_minute, heard) for of, each in own.items()}
        self._heard = {
            (each.process, of): said.taken for each in heard for of, said in each.told.items()
        }
        self._told = {of: each.taken for of, each in own.items()}
        self._known, self._at = frozenset(own), now
        return {of: each for of, each in news.items() if each.taken or each.short}

    def _word(self, of: int, own: Own) -> Told:
        taken = own.taken - self._before.get(of, 0)
        return Told(taken, round(own.short, 1), of not in self._known)

    def _over(self, of: int, own: Own) -> int:
        untold = own.taken - self._told.get(of, 0)
        return own.taken - min(untold, math.ceil(own.short))

    def _news(self, of: int, per_minute: int, heard: Sequence[Heard]) -> News:
        said = [(each, each.told[of]) for each in heard if of in each.told]
        if of in self._known:
            before = self._heard
            return News(sum(max(0, it.taken - before.get((by.process, of), 0)) for by, it in said))
        shorts = [(it.short - by.age * per_minute / 60, it.is_first) for by, it in said]
        # Who has heard the others counts them in; those who have just begun add up.
        begun = sum(max(0.0, each) for each, is_first in shorts if is_first)
        short = max((each for each, _ in shorts), default=0.0)
        return News(0, max(begun, short, 0.0), self._told.get(of, 0))
