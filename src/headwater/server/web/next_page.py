"""Where to go after a form: an address on this server, whatever the form says."""

from typing import Final
from urllib.parse import urlsplit

HOME: Final = "/issues"

MAX_ADDRESS: Final = 2_000
"""Characters of an address to go on to; a longer one is not one of ours."""


def safe_next(wanted: str) -> str:
    """An address on this server; anything else becomes the start page.

    `//host`, `/\\\\host` and control characters are how browsers are led elsewhere.
    """
    if len(wanted) > MAX_ADDRESS or not wanted.startswith("/") or wanted.startswith("//"):
        return HOME
    if "\\" in wanted or " " in wanted or not wanted.isprintable():
        return HOME
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path in ("/sign-in", "/sign-out"):
        return HOME
    return wanted
