"""The versions of the grouping algorithm: there is one algorithm, and a version is how it differs."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct


class Version(Struct, frozen=True):
    """Named differences; `name` is part of every hash, and what a project's choice says.

    A change that would change hashes becomes one more difference here, which the older versions
    have as it was, so that old and new hashes can be made side by side while issues move over.
    """

    name: str
    counts_source: bool = True
    """Whether the line of source and a function's class count, where the source text is known."""
    joins_engines: bool = True
    """Whether what browsers' engines and languages word differently is told as one."""
    counts_minified_types: bool = False
    """Whether an exception's type counts that is known to be a minifier's, whatever its length."""


VERSIONS: Final[Mapping[str, Version]] = {
    version.name: version
    for version in (Version("1", joins_engines=False, counts_minified_types=True), Version("2"))
}
"""By name, newest last."""

CURRENT: Final = tuple(VERSIONS.values())[-1]


def version_named(name: str | None) -> Version | None:
    """The version that a project chose; None for no name, or one of a newer server's."""
    return VERSIONS.get(name) if name else None
