"""What is wrong with one field of a source map: a sentence per reason, however often it occurs."""

from collections.abc import Iterator


class FieldFaults:
    """Gathers reasons while a field is read. Reasons are a closed list, so this stays small."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._first: dict[str, str] = {}
        self._times: dict[str, int] = {}
        self.place = ""
        """Where in the field the reading is, to be kept up by the reader: `item 17`."""

    def note(self, reason: str) -> None:
        """Count a reason, and keep the place where it occurred first."""
        self._first.setdefault(reason, self.place)
        self._times[reason] = self._times.get(reason, 0) + 1

    def sentences(self) -> Iterator[str]:
        """For each reason where it occurred first, and how often if more than once."""
        for reason, place in self._first.items():
            times = self._times[reason]
            where = f", in {place}" if place else ""
            again = f" first, {times:,} times in all" if times > 1 else ""
            yield f"`{self._field}`: {reason}{where}{again}"
