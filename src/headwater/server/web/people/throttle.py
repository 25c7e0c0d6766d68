"""How often a password may be tried."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final, Protocol

WINDOW: Final = timedelta(minutes=15)
"""Failures are counted over this long, and forgotten after it."""

MAX_FAILURES_OF_PAIR: Final = 10
"""Of one account from one address: more than anyone's own forgetfulness."""

MAX_FAILURES_OF_ADDRESS: Final = 50
"""From one address, whatever the account: an office behind one address has many people."""

MAX_FAILURES_OF_ACCOUNT: Final = 200
"""Of one account from anywhere. High, since everybody can fail in another's name."""

MAX_COUNTED: Final = 10_000
"""Counters kept, about 2 MB; the ones that failed longest ago go first."""

_NETWORK_OF_ONE_V6_CUSTOMER: Final = 64


Key = tuple[str, str]
"""Address and account; what is empty may be any."""


class Attempts(Protocol):
    """What has failed: `RememberedAttempts`, or `storage.people.attempts.CountedAttempts`. Each measures
    time by a clock that is the same for all who count there."""

    def count(self, limits: Mapping[Key, int]) -> bool:
        """One failure more of each; False, and nothing is counted, if one of them has so many."""
        ...

    def forgive(self, slips: Key, others: Sequence[Key]) -> None:
        """The slips are forgotten, and one failure of each of the others."""
        ...


class Throttle:
    """Counts failed attempts by address, by account, and by both."""

    def __init__(self, attempts: Attempts, of_account: int = MAX_FAILURES_OF_ACCOUNT) -> None:
        """`of_account`: how many failures of one account from anywhere are too many."""
        self._attempts = attempts
        self._limits = (MAX_FAILURES_OF_PAIR, MAX_FAILURES_OF_ADDRESS, of_account)

    def admit(self, address: str, account: str) -> bool:
        """Whether the password may be looked at. Counts as a failure until `forgive` is called.

        Counted before rather than after, so that a hundred attempts at once are a hundred.
        """
        return self._attempts.count(dict(zip(_keys(address, account), self._limits, strict=True)))

    def forgive(self, address: str, account: str) -> None:
        """The password was right: the person's slips are forgotten, the address's others are not."""
        slips, *others = _keys(address, account)
        self._attempts.forgive(slips, others)


@dataclass(slots=True)
class _Counter:
    failures: int
    since: float


class RememberedAttempts:
    """Of the only web process there is, in its memory: a restart forgives."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counters: OrderedDict[Key, _Counter] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, limits: Mapping[Key, int]) -> bool:
        """As Attempts has it."""
        now = self._clock()
        with self._lock:
            if any(self._failures(key, now) >= limit for key, limit in limits.items()):
                return False
            for key in limits:
                self._count(key, now)
            while len(self._counters) > MAX_COUNTED:
                self._counters.popitem(last=False)
        return True

    def forgive(self, slips: Key, others: Sequence[Key]) -> None:
        """As Attempts has it."""
        with self._lock:
            self._counters.pop(slips, None)
            for key in others:
                if key in self._counters:
                    self._counters[key].failures -= 1

    @property
    def counted(self) -> int:
        """How many counters there are now."""
        return len(self._counters)

    def _count(self, key: Key, now: float) -> None:
        if self._failures(key, now):
            self._counters[key].failures += 1
        else:
            self._counters[key] = _Counter(1, now)
        self._counters.move_to_end(key)

    def _failures(self, key: Key, now: float) -> int:
        counter = self._counters.get(key)
        if counter is None or now - counter.since >= WINDOW.total_seconds():
            return 0
        return counter.failures


def _keys(address: str, account: str) -> tuple[Key, ...]:
    address = _network(address)
    return (address, account), (address, ""), ("", account)


def _network(address: str) -> str:
    # One customer has 2^64 addresses of IPv6 to try from.
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((parsed, _NETWORK_OF_ONE_V6_CUSTOMER), strict=False))
    return str(parsed)
