"""What a source's name tells: worked out once for all events, since bundlers' names are much alike."""

import re
from functools import lru_cache
from typing import Final

import msgspec

from headwater.symbolicate.addresses import joined
from headwater.symbolicate.in_app import is_foreign
from headwater.symbolicate.paths import filename_of, module_of

NAMES_KEPT: Final = 4096
"""Sources whose names are kept, by the map that they are in; an event touches ten."""
MAX_KEPT: Final = 500
"""Characters of a source's name and its map's address that are kept: with NAMES_KEPT, 8 MB."""
_JAVASCRIPT: Final = re.compile(r"\.[cm]?js(?:[?#].*)?$")


class SourceName(msgspec.Struct, frozen=True):
    """One source's name in one map."""

    filename: str
    """The path for people."""
    abs_path: str
    """The path for programs."""
    module: str | None
    is_foreign: bool
    """By its path it is no code of the user's own."""
    is_javascript: bool
    """It may be what a compiler wrote."""


def source_name(name: str, base: str) -> SourceName:
    """What `name`, as the map has it, tells; `base` is the address that it is relative to."""
    if len(name) + len(base) > MAX_KEPT:
        return _source_name(name, base)
    return _kept(name, base)


def _source_name(name: str, base: str) -> SourceName:
    filename = filename_of(name)
    return SourceName(
        filename,
        joined(base, name),
        module_of(filename),
        is_foreign(filename, name),
        _JAVASCRIPT.search(name) is not None,
    )


_kept = lru_cache(maxsize=NAMES_KEPT)(_source_name)
