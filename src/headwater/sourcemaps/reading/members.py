"""Small members of a source map, read as leniently as real maps need it."""

from typing import Any, Final

from headwater.sourcemaps.reading.document import (
    Document,
    beginning_of,
    is_absent,
    text_of,
    value_of,
)
from headwater.sourcemaps.urls import is_absolute

VERSION: Final = 3


def check_header(document: Document, faults: list[str]) -> None:
    """Note a wrong `version` or `file`: nothing depends on either."""
    version = value_of(document.version)
    if version != VERSION or not isinstance(version, int) or isinstance(version, bool):
        faults.append(f"`version` must be {VERSION}, there is {beginning_of(document.version)}")
    if not is_absent(document.file) and text_of(document.file) is None:
        faults.append(f"`file` must be a string, there is {beginning_of(document.file)}")


def rooted(root: str, source: Any) -> str | None:
    """A source's name with `sourceRoot` in front; None where it is none."""
    if not isinstance(source, str):
        return None
    if not root or source.startswith("/") or is_absolute(source):
        return source
    return f"{root.removesuffix('/')}/{source}"


def name_of(entry: Any) -> str:
    """Some generators write numbers for numeric keys; other types have no name to offer."""
    if isinstance(entry, str):
        return entry
    return str(entry) if isinstance(entry, int | float) and not isinstance(entry, bool) else ""
