"""Metro's spelling of functions, in the spelling that the other evidence of a name has."""

import re
from typing import Final

from headwater.sourcemaps.functions.function import ANONYMOUS

_TOP_LEVEL: Final = "<global>"
_ARGUMENT: Final = re.compile(r"\$argument_\d+$")
_IN_ARGUMENT: Final = re.compile(r"^.*\$argument_\d+[.#]")
_PROTOTYPE: Final = ".prototype."
_ACCESSOR: Final = re.compile(r"^(get|set)__(?=.)")
_CONSTRUCTOR: Final = "constructor"
_SYMBOL: Final = "@@"


def spelled_as_elsewhere(name: str) -> str | None:
    """`Queue#onTick` is `Queue.onTick`, `Queue#get__size` is `Queue.get size`.

    `Queue#constructor` is `new Queue`. `map$argument_0` is what Metro calls a function that it
    found as an argument: V8 has no name for it, and none for the object that is an argument in
    `map$argument_0.run`. None is the top level.
    """
    if name == _TOP_LEVEL:
        return None
    if not name or _ARGUMENT.search(name):
        return ANONYMOUS
    owner, separator, own = _IN_ARGUMENT.sub("", name).replace(_PROTOTYPE, "#").rpartition("#")
    if separator and own == _CONSTRUCTOR:
        return f"new {owner}"
    if not separator:
        owner, separator, own = own.rpartition(".")
    accessor = _ACCESSOR.match(own)
    if accessor:
        own = f"{accessor[1]} {own[accessor.end() :]}"
    if own.startswith(_SYMBOL):
        own = f"[Symbol.{own.removeprefix(_SYMBOL)}]"
    return f"{owner}.{own}" if separator else own
