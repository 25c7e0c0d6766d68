"""Times, numbers and sizes as people read them."""

from datetime import UTC, datetime, timedelta
from typing import Final

_STEPS: Final = (
    (timedelta(minutes=1), timedelta(seconds=1), "s"),
    (timedelta(hours=1), timedelta(minutes=1), "min"),
    (timedelta(days=1), timedelta(hours=1), "h"),
    (timedelta(days=60), timedelta(days=1), "d"),
    (timedelta(days=730), timedelta(days=30), "months"),
)

_JUST_NOW: Final = timedelta(seconds=5)

_WRITTEN_OUT: Final = 10_000
_LETTERS: Final = ((10**9, "G"), (10**6, "M"), (10**3, "k"))
_NO_TENTHS: Final = 100

_SIZES: Final = ((10**9, "GB"), (10**6, "MB"), (10**3, "KB"))
_NO_TENTHS_OF_SIZES: Final = 10


def relative(moment: datetime, now: datetime) -> str:
    """`3 min ago`; the exact time belongs beside it (see `exact`)."""
    passed = now - moment
    if passed < -_JUST_NOW:
        return f"in {_length(-passed)}"
    if passed < _JUST_NOW:
        return "just now"
    return f"{_length(passed)} ago"


def last_day(end: datetime) -> str:
    """Of something that ends at a midnight: the day before it."""
    return (end.astimezone(UTC) - timedelta(microseconds=1)).date().isoformat()


def _length(span: timedelta) -> str:
    for below, unit, name in _STEPS:
        if span < below:
            return f"{span // unit} {name}"
    return f"{span // timedelta(days=365)} years"


def exact(moment: datetime) -> str:
    """`2026-11-22 10:45:07 UTC`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def counted(number: int) -> str:
    """1,234 up to 9,999, then 12.3k, then 4.5M; always rounded down: nothing is exaggerated."""
    if number < _WRITTEN_OUT:
        return f"{number:,}"
    size, letter = next(step for step in _LETTERS if number >= step[0])
    whole, tenth = divmod(number * 10 // size, 10)
    return f"{whole}{letter}" if whole >= _NO_TENTHS else f"{whole}.{tenth}{letter}"


def sized(bytes_: int) -> str:
    """`812 B`, `4.1 KB`, `12 MB`: powers of 1,000, rounded down."""
    if bytes_ < _SIZES[-1][0]:
        return f"{bytes_} B"
    unit, name = next(step for step in _SIZES if bytes_ >= step[0])
    whole, tenth = divmod(bytes_ * 10 // unit, 10)
    return f"{whole} {name}" if whole >= _NO_TENTHS_OF_SIZES else f"{whole}.{tenth} {name}"
