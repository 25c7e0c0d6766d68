"""Whole hours since 1970, and equal spans of them: what is counted by the hour is shown by these."""

from datetime import UTC, datetime, timedelta
from typing import Final, Self

from msgspec import Struct

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


def hour_number(moment: datetime) -> int:
    """Whole hours since 1970."""
    return (moment - _EPOCH) // _HOUR


def hour_begins(number: int) -> datetime:
    """The other way round."""
    return _EPOCH + number * _HOUR


class Window(Struct, frozen=True):
    """`places` spans of `width` hours each, from hour `first` since 1970 on; the last one goes on."""

    first: int
    width: int
    places: int

    @classmethod
    def ending(cls, now: datetime, width: int, places: int) -> Self:
        """Spans that begin at multiples of `width` hours: those of 24 hours are days in UTC."""
        return cls((hour_number(now) // width - places + 1) * width, width, places)

    def begins(self, place: int = 0) -> datetime:
        """When a span begins; that of `places` is the end of all."""
        return hour_begins(self.first + place * self.width)
