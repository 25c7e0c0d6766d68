"""In which release an issue can be resolved: the choices of a form."""

from collections.abc import Mapping, Sequence
from typing import Final

from headwater.server.errors import MalformedRequest
from headwater.storage.issues.resolved import MAX_VERSION, NEXT_RELEASE

SHOWN: Final = 20
"""Releases of a project that a form offers, the newest."""

_NOW: Final = ""
_NEXT: Final = "next"
_IN: Final = "="
"""What a version in a form begins with, so that it can be called whatever it likes."""


def choices(versions: Sequence[str]) -> Mapping[str, str]:
    """Word in forms, and words for people, after `Resolve`."""
    given = {_IN + version: in_words(version) for version in versions}
    return {_NOW: "now", _NEXT: in_words(NEXT_RELEASE), **given}


def release_of(word: str) -> str | None:
    """As `Decisions.decide` has it. Raises MalformedRequest."""
    if word == _NEXT:
        return NEXT_RELEASE
    version = word.removeprefix(_IN).strip()
    if word != _NOW and (not word.startswith(_IN) or not 0 < len(version) <= MAX_VERSION):
        raise MalformedRequest(
            f"An issue is resolved now, in the next release, or in one whose name has between 1 and"
            f" {MAX_VERSION} characters."
        )
    return version or None


def in_words(release: str) -> str:
    """After `Resolved`."""
    return "in the next release" if release == NEXT_RELEASE else f"in {release}"
