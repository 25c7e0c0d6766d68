"""What one process keeps of rates, however many projects have one."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from headwater.server import rate_limits
from headwater.server.event_refused import EventRefused
from headwater.server.rate_limits import RateLimits
from headwater.storage.projects import Choices, Project

N = 10
PLENTY = 6 * N


def _project(number: int) -> Project:
    choices = replace(Choices(), events_per_minute=1000)
    return Project(number, f"p{number}", "P", None, datetime.now(UTC), f"{number:032x}", choices)


def test_the_instance_s_rate_holds_however_many_projects_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_BUCKETS", 5)
    rates = RateLimits(N, None, lambda: 0.0)

    taken = 0
    for number in range(1, PLENTY):
        try:
            rates.take(_project(number))
        except EventRefused:
            continue
        taken += 1

    assert taken == N
