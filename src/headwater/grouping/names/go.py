"""Packages and functions of Go."""

import re
from typing import Final

from headwater.grouping.names.brackets import without

_CLOSURES: Final = re.compile(
    r"[.·](?:func|gowrap|deferwrap)\d+(?:\.\d+)*|-range\d+|-fm$|(?<=glob)\.(?=\.)"
)
_VERSION: Final = re.compile(r"@v?[\w.+-]+(?=/|$|\.)|/v\d+(?=/|$|[.@])")


def go_name(name: str) -> str:
    """`(*Cart[go.shape.int]).Pay.func1.2` is `(*Cart).Pay`, `shop/v2@v2.1.0` is `shop`."""
    return _VERSION.sub("", _CLOSURES.sub("", without(name, "[")))
