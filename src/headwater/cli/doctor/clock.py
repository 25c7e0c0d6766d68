"""How far two machines' clocks are apart."""

from datetime import datetime
from typing import Final

from headwater.server.doctor.check import Check, failed, passed, warned

CLOCK_WARNING: Final = 60.0
"""Seconds that two clocks may differ: a busy machine without NTP drifts that much in weeks."""

CLOCK_FAILURE: Final = 900.0
"""Seconds from which events appear among others' hours, and sessions and certificates end early."""


def clock_check(said: datetime, asked: datetime) -> Check:
    """Compares a server's clock with this machine's, at the moment when it was asked."""
    ahead = (said - asked).total_seconds()
    how = f"The server's clock is {abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} this one's"
    remedy = "Run an NTP client on both machines (`timedatectl set-ntp true`), and ask again."
    if abs(ahead) > CLOCK_FAILURE:
        return failed("clock", f"{how}.", remedy)
    if abs(ahead) > CLOCK_WARNING:
        return warned("clock", f"{how}.", remedy)
    return passed("clock", "The server's clock and this one's agree.")
