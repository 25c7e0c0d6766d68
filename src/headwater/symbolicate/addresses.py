"""The addresses under which a file may have been uploaded."""

import re
from typing import Final
from urllib.parse import unquote

from headwater.sourcemaps.urls import join

_ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
_ANY_HOST: Final = "http://~"
_DRIVE: Final = re.compile(r"^[A-Za-z]:[\\/]")


def without_query(url: str) -> str:
    """The address up to `?` or `#`."""
    return re.split(r"[?#]", url, maxsplit=1)[0]


def addresses_of(url: str) -> tuple[str, ...]:
    """Every spelling under which clients upload the file at `url`, most exact first.

    `https://h/a/b.js?x=1#f`: without fragment, without query, then both with `~` for the host.
    None holds a NUL, which uploads can't have and PostgreSQL refuses to be asked for.
    """
    full = url.split("#", 1)[0]
    exact = dict.fromkeys((full, without_query(full)))
    tilde = [with_tilde(each) for each in exact]
    decoded = [unquote(each) for each in (*exact, *tilde) if "%" in each]
    every = dict.fromkeys((*exact, *tilde, *decoded))
    return tuple(each for each in every if "\x00" not in each)


def with_tilde(url: str) -> str:
    """`~/a/b.js` of `https://h/a/b.js`: `~` stands for any host."""
    if url.startswith("~/"):
        return url
    path = _ORIGIN.sub("", url, count=1)
    path = path.replace("\\", "/") if _DRIVE.match(path) else path
    return "~/" + path.lstrip("/")


def joined(base: str, reference: str) -> str:
    """The address that `reference` means in the file at `base`; `~` stands for any host."""
    if not base.startswith("~/"):
        return join(base, reference)
    address = join(_ANY_HOST + base[1:], reference)
    return "~" + address.removeprefix(_ANY_HOST) if address.startswith(_ANY_HOST) else address


def fit(one: str, other: str) -> int:
    """How many last parts of two addresses' paths are equal; 0 if the files' names differ."""
    count = 0
    for left, right in zip(_parts(one), _parts(other), strict=False):
        if left != right:
            break
        count += 1
    return count


def _parts(url: str) -> list[str]:
    path = unquote(without_query(_ORIGIN.sub("", url, count=1))).removeprefix("~")
    return [part for part in reversed(path.replace("\\", "/").split("/")) if part]
