"""How many events are taken from which issue when there are too many: from the largest first.

Water finds its level: of a project's issues each may keep as many events as the others, and what
stands out above that level goes. So an error that comes a million times pays for itself, and the only
event of a rare one stays.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct

from headwater.storage.events.redundancy import MAX_REDUNDANT
from headwater.storage.events.retention import MAX_REMOVED, IssueSize, Retained

MIN_KEPT: Final = 20
"""Events that an issue keeps while any other has more: its first, its latest, and between them enough
for what changed in it, at exponentially growing distances."""


class Thinning(Struct, frozen=True):
    """Each generator removes events until `excess` says that no more need to go, or there are none.

    It yields after each short transaction the number of events that this one removed.
    `project_id` None: of all projects.
    """

    retained: Retained

    def thin(self, project_id: int | None, excess: Callable[[], int]) -> Iterator[int]:
        """Redundant events of the largest issues; none of an issue's last MIN_KEPT."""
        removed = 1
        while removed and (count := excess()) > 0:
            sizes = self.retained.largest(project_id, MIN_KEPT)
            level = water_level([size.events for size in sizes], count)
            removed = 0
            for size in sizes:
                if size.events > level:
                    for some in self._lower(size, level):
                        removed += some
                        yield some

    def clear(self, project_id: int | None, excess: Callable[[], int]) -> Iterator[int]:
        """All events of issues that were not seen for the longest time."""
        removed = 1
        while removed and excess() > 0:
            removed = 0
            for issue_id in self.retained.longest_unseen(project_id):
                if excess() <= 0:
                    return
                for some in self._empty(issue_id):
                    removed += some
                    yield some

    def _lower(self, size: IssueSize, level: int) -> Iterator[int]:
        ids = self.retained.redundant(size.issue_id, level)
        if not ids:
            self.retained.recount(size.issue_id)
        while ids:
            # In the order of storing: neighbours are on one page, and the oldest go first.
            in_order = sorted(ids)
            for start in range(0, len(ids), MAX_REMOVED):
                yield self.retained.remove(in_order[start : start + MAX_REMOVED], size.issue_id)
            is_more = len(ids) == MAX_REDUNDANT
            ids = self.retained.redundant(size.issue_id, level) if is_more else ()

    def _empty(self, issue_id: int) -> Iterator[int]:
        ids = self.retained.all_of(issue_id)
        if not ids:
            self.retained.recount(issue_id)
        while ids:
            yield self.retained.remove(ids, issue_id)
            ids = self.retained.all_of(issue_id) if len(ids) == MAX_REMOVED else ()


def water_level(sizes: Sequence[int], count: int) -> int:
    """The highest level above which at least `count` stand out, MIN_KEPT at least.

    `sizes` has the largest first.
    """
    total = 0
    for number, size in enumerate(sizes, 1):
        total += size
        following = sizes[number] if number < len(sizes) else MIN_KEPT
        if total - number * following >= count:
            return max(MIN_KEPT, (total - count) // number)
    return MIN_KEPT
