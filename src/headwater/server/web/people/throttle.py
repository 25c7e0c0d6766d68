"""How often a password may be tried. Kept in memory: a restart forgives."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

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


@dataclass(slots=True)
class _Counter:
    failures: int
    since: datetime


class Throttle:
    """Counts failed attempts by address, by account, and by both."""

    def __init__(self, of_account: int = MAX_FAILURES_OF_ACCOUNT) -> None:
        """`of_account`: how many failures of one account from anywhere are too many."""
        self._of_account = of_account
        self._counters: OrderedDict[tuple[str, str], _Counter] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, address: str, account: str, now: datetime) -> bool:
        """Whether the password may be looked at. Counts as a failure until `forgive` is called.

        Counted before rather than after, so that a hundred attempts at once are a hundred.
        """
        keys = _keys(address, account)
        limits = (MAX_FAILURES_OF_PAIR, MAX_FAILURES_OF_ADDRESS, self._of_account)
        with self._lock:
            if any(
                self._failures(key, now) >= limit for key, limit in zip(keys, limits, strict=True)
            ):
                return False
            for key in keys:
                self._count(key, now)
            while len(self._counters) > MAX_COUNTED:
                self._counters.popitem(last=False)
        return True

    def forgive(self, address: str, account: str) -> None:
        """The password was right: the person's slips are forgotten, the address's others are not."""
        pair, *others = _keys(address, account)
        with self._lock:
            self._counters.pop(pair, None)
            for key in others:
                if key in self._counters:
                    self._counters[key].failures -= 1

    @property
    def counted(self) -> int:
        """How many counters there are now."""
        return len(self._counters)

    def _count(self, key: tuple[str, str], now: datetime) -> None:
        if self._failures(key, now):
            self._counters[key].failures += 1
        else:
            self._counters[key] = _Counter(1, now)
        self._counters.move_to_end(key)

    def _failures(self, key: tuple[str, str], now: datetime) -> int:
        counter = self._counters.get(key)
        if counter is None or now - counter.since >= WINDOW:
            return 0
        return counter.failures


def _keys(address: str, account: str) -> tuple[tuple[str, str], ...]:
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
