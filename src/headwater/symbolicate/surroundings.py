"""What symbolication asks of the world about what it did not find. (Interface.)

Only frames that stay minified ask. `artifacts.surroundings` answers from storage.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from headwater.protocol.debug_id import DebugId


class Alike(Struct, frozen=True):
    """An uploaded file that is called like the frame's, but for a hash of the content."""

    url: str
    name: str
    """As the bundler called it; plugins upload it by its debug id."""
    debug_id: DebugId | None
    bundle: int
    uploaded_at: datetime
    release: str | None
    dist: str | None


class Elsewhere(Struct, frozen=True):
    """An upload of the very file that the event's project may not use. `project`: its number."""

    project: int
    uploaded_at: datetime


class Removed(Struct, frozen=True):
    """An upload that was there. `has_expired`: it was removed for its age, not by anybody."""

    at: datetime
    by: str
    has_expired: bool


class Surroundings(Protocol):
    """Uploads beside those that an event asked for, as far as its project may know of them."""

    def is_expected(self, happened: datetime, wanted: str) -> bool:
        """Whether an upload of `wanted`, by any name for it, may be on its way: nothing asked for
        it until a short while ago, and the event, which happened then, isn't older either."""
        ...

    def is_uploaded(self, debug_id: DebugId) -> bool:
        """Whether any file with the debug id is there for the project."""
        ...

    def named(self, stem: str, release: str | None = None) -> Sequence[Alike]:
        """Files that are called alike, the latest first; with `release`, only that release's."""
        ...

    def dists(self, release: str) -> Sequence[str | None]:
        """The dists that a release was uploaded for; None: without one."""
        ...

    def elsewhere(self, debug_id: DebugId) -> Elsewhere | None:
        """Whether another project has the debug id."""
        ...

    def removed_with_debug_id(self, debug_id: DebugId) -> Removed | None:
        """When the debug id's files were removed."""
        ...

    def removed_at_urls(
        self, urls: Sequence[str], release: str, dist: str | None
    ) -> Removed | None:
        """When the release's file at one of the addresses was removed."""
        ...


class NoSurroundings:
    """Where nothing but the files themselves is known: a folder on somebody's computer."""

    def is_expected(self, happened: datetime, wanted: str) -> bool:
        """It is not: nobody uploads there."""
        del happened, wanted
        return False

    def is_uploaded(self, debug_id: DebugId) -> bool:
        """Nothing is."""
        del debug_id
        return False

    def named(self, stem: str, release: str | None = None) -> Sequence[Alike]:
        """None."""
        del stem, release
        return ()

    def dists(self, release: str) -> Sequence[str | None]:
        """None."""
        del release
        return ()

    def elsewhere(self, debug_id: DebugId) -> Elsewhere | None:
        """It has not."""
        del debug_id
        return None

    def removed_with_debug_id(self, debug_id: DebugId) -> Removed | None:
        """Nothing was."""
        del debug_id
        return None

    def removed_at_urls(
        self, urls: Sequence[str], release: str, dist: str | None
    ) -> Removed | None:
        """Nothing was."""
        del urls, release, dist
        return None
