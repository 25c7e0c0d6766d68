"""What files that people upload are called: names out of a browser or a ZIP, which decide nothing."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from headwater.protocol.manifest import MAX_URL, ArtifactType

MAX_NAME: Final = 1_000
"""Characters of a file's name with its folders; longer ones are left out."""

ANY_HOST: Final = "~/"
"""Begins the address of a file that is found at any host."""

OUTPUT_FOLDERS: Final = ("dist", "build", "out", "output", "public", "www", "target", "_site")
"""What build tools call the folder that is deployed: no part of an address."""

_MACOS: Final = "__MACOSX"
"""A folder that macOS puts into its ZIPs, with a shadow of each file."""

_SCRIPT: Final = re.compile(r"\.(?:[cm]?js|bundle|jsbundle)$", re.IGNORECASE)
_MAP: Final = re.compile(r"(?<!\.css)\.map$", re.IGNORECASE)
_SEPARATOR: Final = re.compile(r"[/\\]")
_DRIVE: Final = re.compile(r"^[A-Za-z]:")


def kind_of(name: str) -> ArtifactType | None:
    """What a file is by its name; None: it has nothing to do with source maps."""
    if _MAP.search(name):
        return ArtifactType.SOURCE_MAP
    return ArtifactType.MINIFIED_SOURCE if _SCRIPT.search(name) else None


def clean_name(name: str) -> str | None:
    """`assets/app.js`: without drive, root, `..`, empty parts and what can't be printed. None: no name
    is left, it is too long, or macOS added it."""
    parts = [
        "".join(each for each in part if each.isprintable()).strip()
        for part in _SEPARATOR.split(_DRIVE.sub("", name))
    ]
    kept = [part for part in parts if part not in ("", ".", "..")]
    if _MACOS in kept or (kept and kept[-1].startswith("._")):
        return None
    cleaned = "/".join(kept)
    return cleaned if 0 < len(cleaned) <= MAX_NAME else None


def without_folder(names: Sequence[str], *, is_chosen: bool) -> list[str]:
    """The names without the folder that all of them are in: always, if somebody chose that folder, else
    if it is called like a build's output."""
    tops = {name.partition("/")[0] for name in names if "/" in name}
    if len(tops) != 1 or not all("/" in name for name in names):
        return list(names)
    (top,) = tops
    if not is_chosen and top.lower() not in OUTPUT_FOLDERS:
        return list(names)
    return [name.partition("/")[2] for name in names]


def clean_prefix(prefix: str) -> str | None:
    """`~/assets/`, or `https://cdn.example.com/assets/`; None: it can't begin an address."""
    prefix = prefix.strip() or ANY_HOST
    if not prefix.isprintable() or " " in prefix or len(prefix.encode(errors="replace")) > MAX_NAME:
        return None
    if not re.match(r"(?:~|[A-Za-z][A-Za-z0-9+.-]*://)", prefix):
        prefix = ANY_HOST + prefix.lstrip("/")
    prefix = ANY_HOST if prefix == "~" else prefix
    return prefix if prefix.endswith("/") else f"{prefix}/"


def address(prefix: str, name: str) -> str | None:
    """Where a file is deployed; None: no address is so long. Blanks and the like are written as
    browsers write them."""
    url = prefix + quote(name, safe="/@+~!$&'()*,;=:[]%-._", encoding="utf-8", errors="replace")
    return url if len(url) <= MAX_URL else None
