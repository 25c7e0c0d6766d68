"""Times and numbers as people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from headwater.server.web.moments import counted, exact, relative, sized

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-3), "just now"),
        (timedelta(seconds=59), "59 s ago"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "1 d ago"),
        (timedelta(days=59), "59 d ago"),
        (timedelta(days=61), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(minutes=-10), "in 10 min"),
    ],
)
def test_a_time_is_told_from_now(ago: timedelta, text: str) -> None:
    assert relative(NOW - ago, NOW) == text


def test_an_exact_time_is_in_utc() -> None:
    moment = datetime(2026, 11, 22, 12, 30, 5, tzinfo=timezone(timedelta(hours=2)))

    assert exact(moment) == "2026-11-22 10:30:05 UTC"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (1_234, "1,234"),
        (9_999, "9,999"),
        (10_000, "10.0k"),
        (12_399, "12.3k"),
        (999_999, "999k"),
        (1_000_000, "1.0M"),
        (4_560_000_000, "4.5G"),
    ],
)
def test_large_numbers_are_rounded_down(number: int, text: str) -> None:
    assert counted(number) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (4_199, "4.1 KB"), (12_900, "12 KB"), (2 * 10**9, "2.0 GB")],
)
def test_a_size_is_rounded_down(size: int, text: str) -> None:
    assert sized(size) == text
