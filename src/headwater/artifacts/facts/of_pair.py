"""What the child process finds in a minified file and its source map; others judge it."""

from collections.abc import Sequence
from typing import Final

import msgspec

MAX_IDS: Final = 8
"""Debug ids of one file that are told of."""

MAX_EXAMPLES: Final = 3
"""Names or sentences that stand for all of their kind."""

MAX_TEXT: Final = 300
"""Characters of a name or sentence out of a file."""

MAX_PRECACHED: Final = 2_000
"""Entries of a service worker's list of files that are compared."""


class Counted(msgspec.Struct, frozen=True):
    """How many there are, and the first of them."""

    number: int = 0
    examples: Sequence[str] = ()

    def __bool__(self) -> bool:
        return self.number > 0


class Precached(msgspec.Struct, frozen=True):
    """A file as a service worker lists it. `digest`: MD5 or SHA-1 in lower-case hexadecimal digits."""

    url: str
    digest: str


class ScriptFacts(msgspec.Struct, frozen=True):
    """Of a minified file, or another that may be a service worker's list."""

    comment_ids: Sequence[str] = ()
    """Debug ids in `//# debugId=` comments, each once, the last one last."""
    snippet_ids: Sequence[str] = ()
    """Debug ids that the file gives to the SDK at runtime."""
    named_ids: Sequence[str] = ()
    """Of those that were asked about and those in comments: which stand anywhere but in a comment."""
    is_bytecode: bool = False
    digests: Sequence[str] = ()
    """MD5 and SHA-1 of the content, as it is and without a debug id's comment at its end."""
    precached: Sequence[Precached] = ()


class Fit(msgspec.Struct, frozen=True):
    """How well a sample of mappings fits the minified file."""

    sampled: int
    outside: int
    """Lead to places that the minified file does not have."""
    doubted: int
    """Join two places that can't be one."""
    examples: Sequence[str] = ()


class MapFacts(msgspec.Struct, frozen=True):
    """Of a source map."""

    mappings: int
    sources: int
    gist: str = ""
    """A digest of what the map says, however it is written: of its sources' texts and of a sample of
    its mappings."""
    debug_id: str | None = None
    file: str | None = None
    """What the bundler calls the minified file."""
    without_text: Counted = Counted()
    """Sources whose text is not in the map."""
    absolute: Counted = Counted()
    """Sources with a path of the machine that built them."""
    private: Counted = Counted()
    """Of these, those in a person's home folder."""
    faults: Counted = Counted()
    """What a validator would refuse."""
    fit: Fit | None = None


class Facts(msgspec.Struct, frozen=True, tag="facts"):
    """The child's answer."""

    script: ScriptFacts | None = None
    map: MapFacts | None = None
