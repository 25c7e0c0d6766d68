"""Which event belongs to which scenario, as the shop announces it when the SDK sends one."""

import re
from collections.abc import Iterable

ANNOUNCED = re.compile(r"sent (\w+) ([0-9a-f]{32})")


def sent_in(console: Iterable[str]) -> dict[str, str]:
    """Event ids by scenario."""
    found = (ANNOUNCED.fullmatch(line) for line in console)
    return {match[1]: match[2] for match in found if match}
