"""Functions of Dart and Flutter."""

import re
from typing import Final

_CLOSURES: Final = re.compile(r"(?:^|\.)<(?:anonymous closure|fn)>")
_PRIVATE: Final = re.compile(r"@\d+")


def dart_function(name: str) -> str:
    """`_CartState@17.build.<anonymous closure>` is `_CartState.build`."""
    return _PRIVATE.sub("", _CLOSURES.sub("", name)).removeprefix("new ")
