"""Which class a frame makes an object of: as the minified file calls it, and as the source does.

An error's stack trace begins where the error was made. A `new` at that very place, on both sides
of the mapping, so says of what class it is, whatever a minifier made of the class's name.
"""

import re
from typing import Final

import msgspec

from headwater.sourcemaps.compiled.spots import Spot
from headwater.sourcemaps.mapping import Mapping

MAX_CLASS_PATH: Final = 300
"""Characters of a class's name with the objects that it is in, on either side; longer ones are
generated."""

_PATH: Final = r"[\w$]+(?:\.[\w$]+)*"
_IS_PATH: Final = re.compile(_PATH)
_ENDS: Final = r"(?=\s*(?:[(<;,)\]}:]|$))"
_MEANT: Final = re.compile(rf"(?:throw\s+)?new\s+({_PATH}){_ENDS}")
_NAME_MEANT: Final = re.compile(rf"{_PATH}{_ENDS}")
_NEW_BEFORE: Final = re.compile(rf"\bnew\s+((?:{_PATH}\.)?)$")
_BEHIND_A_NAME: Final = "(;,)]}: "
_NEW: Final = "new "
_THROW_NEW: Final = "throw new "
_THROW: Final = len("throw ")


class Constructed(msgspec.Struct, frozen=True):
    """One `new`. Either name may be a path: `errors.PaymentError`."""

    minified: str
    original: str


def constructed_at(
    column: int | None, mapping: Mapping, generated: Spot | None, original: Spot | None
) -> Constructed | None:
    """The `new` at a column of a minified file, from 0, and where the mapping of it leads.

    `generated` is the place itself, `original` what the mapping leads to. V8 and SpiderMonkey place
    an error at its `new`, JavaScriptCore behind the class's name. None unless the mapping is that
    `new`'s own: the nearest one may belong to another within the same statement.
    """
    if column is None or generated is None or original is None:
        return None
    start, made = _made(generated)
    if made is None:
        return None
    before = column - (generated.at - start) - mapping.column
    if before == -len(_NEW):
        meant = _named(original)
    elif before == 0 or (before == _THROW and _throws(generated.text, start - _THROW)):
        found = _MEANT.match(original.text, original.at, original.at + MAX_CLASS_PATH)
        meant = found[1] if found else None
    else:
        return None
    return Constructed(made, meant) if meant else None


def _made(spot: Spot) -> tuple[int, str | None]:
    """Where the `new` begins, and the class that it names; None where there is no `new`."""
    text, at = spot.text, spot.at
    if spot.begins(_NEW):
        named = _IS_PATH.match(text, at + len(_NEW), at + MAX_CLASS_PATH)
        return at, named[0] if named else None
    start = text.rfind(_NEW, max(0, at - MAX_CLASS_PATH), at) if _ends_a_name(text, at) else -1
    if start < 0 or (start > 0 and _IS_PATH.match(text[start - 1])):
        return at, None
    is_named = _IS_PATH.fullmatch(text, start + len(_NEW), at)
    return start, text[start + len(_NEW) : at] if is_named else None


def _ends_a_name(text: str, at: int) -> bool:
    return at == len(text) or text[at] in _BEHIND_A_NAME


def _named(spot: Spot) -> str | None:
    """The class that is named at a place of the source, if a `new` stands before it."""
    before = spot.text[max(0, spot.at - MAX_CLASS_PATH) : spot.at]
    made = _NEW_BEFORE.search(before)
    named = _NAME_MEANT.match(spot.text, spot.at, spot.at + MAX_CLASS_PATH)
    return made[1] + named[0] if made and named else None


def _throws(text: str, start: int) -> bool:
    return start >= 0 and text.startswith(_THROW_NEW, start)
