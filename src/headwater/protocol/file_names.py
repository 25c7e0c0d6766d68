"""A built file's name without what each build makes anew, so that two builds can be compared."""

import re
from itertools import pairwise
from typing import Final
from urllib.parse import unquote

MAX_STEM: Final = 200
"""Characters of a stem: the database's column. Bundlers' names are far shorter."""

_HASH: Final = re.compile(r"[-._](?=([A-Za-z0-9_-]{7,40})(?:\.[a-z]+)+$)")
_EXTENSIONS: Final = re.compile(r"(?:\.[A-Za-z]{1,10})+$")
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_BUNDLERS_HASH: Final = 8
"""Characters of a hash that Vite, Rollup and esbuild put into names; some have no digit."""
_CHANGES: Final = 4
"""Between capitals and small letters: `HomePage` has three."""
_LONE_HASH: Final = 16
"""Characters of a name that is nothing but a hash; what is shorter may be a word."""


def name_of(url: str) -> str:
    """The last part of an address's path, without query and fragment."""
    path = re.split(r"[?#]", url, maxsplit=1)[0].replace("\\", "/")
    return unquote(path.rpartition("/")[2])


def stem_of(url: str) -> str:
    """`index-*.js` for `~/assets/index-DkR4xzQ_.js`: the name with `*` for a hash of the content.

    Empty where nothing would be left but a hash, or the debug id that plugins name uploads by: such
    names have nothing in common. A map has the stem of its minified file.
    """
    name = name_of(url).removesuffix(".map")[-MAX_STEM:]
    # `%00` in an address: no file is called so, and PostgreSQL refuses to be asked for it.
    if _ID.match(name) or "\x00" in name:
        return ""
    for found in reversed(tuple(_HASH.finditer(name))):
        if _is_hash(found[1]):
            return f"{name[: found.end()]}*{name[found.end(1) :]}"
    bare = _EXTENSIONS.sub("", name)
    return "" if len(bare) >= _LONE_HASH and _is_hash(bare) else name


def _is_hash(text: str) -> bool:
    """Whether it looks computed: digits among letters, or letters as no word has them."""
    if any(each.isdigit() for each in text):
        return any(each.isalpha() for each in text)
    changes = sum(one.isupper() != other.isupper() for one, other in pairwise(text))
    return len(text) == _BUNDLERS_HASH and (text.isupper() or changes >= _CHANGES)
