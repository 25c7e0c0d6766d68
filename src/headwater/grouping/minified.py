"""What of a minified frame stays the same from build to build."""

import re
from typing import Final

from headwater.grouping.paths import MAX_PATH, without_root

_ORIGIN: Final = re.compile(r"(?:async )?(?:[a-zA-Z][a-zA-Z0-9+.-]+:)?(?://[^/]*)?/*")
_QUERY: Final = re.compile(r"[?#]")
_EXTENSIONS: Final = re.compile(
    r"(?:\._)?(?:\.(?:min|bundle|chunk|prod|production|esm|umd|iife|legacy))*\.(?:[cm]?jsx?|[cm]?tsx?|html?|php|aspx?)$",
    re.IGNORECASE,
)

# Content hashes as bundlers write them, at the end of a name or alone:
_HASHES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # Turbopack: base 40, always begins with 0: `_0bwf~zv`, `page_tsx_09hq4k7`, `0reyq3apo19g9`
        r"(?:^|_)_*0[0-9a-z~_.-]{6,15}$",
        # webpack, Parcel, older Turbopack: hexadecimal with a digit: `main.5f3c9a1b`, `_1a2b3c4d`
        r"(?:^|[-._~])_*(?=[a-f]*[0-9])[0-9a-f]{7,64}$",
        # vite, rollup: eight of base 64, told from words by a digit, by two capitals after the
        # first letter, or by a dash beside a capital: `index-DCrZ1V9u`, `-gIsEbwlf`, `--ilfycrS`
        r"[-.](?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{8}$",
        r"[-.](?=.(?:[a-z_-]*[A-Z]){2})(?=[A-Z_-]*[a-z])[A-Za-z_-]{8}$",
        r"[-.](?=[A-Za-z]*[_-])(?=[^A-Z]*[A-Z])(?=[A-Z_-]*[a-z])[A-Za-z_-]{8}$",
        # esbuild: eight of base 32: `chunk-ABCDEFGH`
        r"[-.][A-Z2-7]{8}$",
        r"(?:^|[-._])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    )
)
_MAY_END_IN_HASH: Final = re.compile(r"(?:^|[-._~])[A-Za-z0-9_.~-]{6,64}$")
_HASHED_FOLDER: Final = re.compile(
    r"(?=.*[0-9])(?:[0-9a-f]{7,64}|[A-Za-z0-9_-]{20,22})|v?\d+(?:\.\d+)*(?:[-+][\w.]+)?"
)

MAX_FUNCTION: Final = 500
"""Characters of a function's name that count; a method and its alias have 100."""

_ALIAS: Final = re.compile(r"\[as (?P<name>[^\]]+)\]\s*$")
_NOISE: Final = re.compile(r"^(?:async |new |get |set |static |bound )+|[#_$]+| \(index \d+\)$")
_NAMELESS: Final = frozenset(
    (
        *("", "?", "<anonymous>", "anonymous", "<unknown>", "eval", "native", "?anon_0_"),
        *(
            "global code",
            "module code",
            "eval code",
            "[native code]",
            "<global>",
            "<instance_members_initializer>",
        ),
    )
)
LONGEST_MINIFIED: Final = 2
"""Characters of a name that a minifier makes in a bundle of some thousand names: `t`, `e1`, `aX`."""


def stable_path(path: str) -> str:
    """A file's path without host, query, and the hashes of its content or build.

    `https://cdn.example/assets/index-DCrZ1V9u.js?v=1` becomes `assets/index`,
    `app:///_next/server/chunks/ssr/_0bwf~zv._.js` becomes `_next/server/chunks/ssr/`.
    """
    plain = _QUERY.split(path[:MAX_PATH], maxsplit=1)[0].replace("\\", "/")
    *folders, name = _ORIGIN.sub("", without_root(plain), count=1).split("/")
    kept = [
        folder
        for folder in folders
        if folder.isalpha() or (folder not in (".", "..") and not _HASHED_FOLDER.fullmatch(folder))
    ]
    return "/".join([*kept, _without_hash(_EXTENSIONS.sub("", name))])


def stable_function(name: str | None) -> str | None:
    """A function's own name, or None if it has none, or one that only a minifier would give.

    `Object.t [as openCheckout]` is `openCheckout`: properties keep their names.
    """
    name = (name or "")[:MAX_FUNCTION]
    alias = _ALIAS.search(name) if name.endswith("]") else None
    last = (alias["name"] if alias else name).rpartition(".")[2].strip()
    if last.rstrip("/<") in _NAMELESS or last.endswith("/<"):
        return None
    bare = _NOISE.sub("", last)
    return bare if len(bare) > LONGEST_MINIFIED else None


def _without_hash(name: str) -> str:
    if name.isalpha() or not _MAY_END_IN_HASH.search(name):
        return name
    for pattern in _HASHES:
        shorter = pattern.sub("", name)
        if shorter != name:
            return shorter.rstrip("-._~")
    return name
