"""Which class a frame makes an object of: as the minified file calls it, and as the source does.

An error's stack trace begins where the error was made. A `new` at that very place, on both sides
of the mapping, so says of what class it is, whatever a minifier made of the class's name.
"""

import re
from typing import Final

import msgspec

from headwater.sourcemaps.compiled.spots import Spot
from headwater.sourcemaps.mapping import Mapping

MAX_CLASS_NAME: Final = 100
"""Characters of a class's name, on either side; longer ones are generated."""

_NEW: Final = re.compile(
    r"(?:throw\s+)?new\s+(?P<path>[\w$]{1,100}(?:\.[\w$]{1,100}){0,4})\s*(?=[(<;,)\]}:]|$)"
)
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

    `generated` is the place itself, `original` what the mapping leads to. None unless the mapping
    is that `new`'s own: the nearest one may belong to another within the same statement.
    """
    if column is None or generated is None or original is None or not generated.begins("new "):
        return None
    before = column - mapping.column
    if before != 0 and not _is_its_throw(before, generated):
        return None
    made = _NEW.match(generated.text, generated.at)
    meant = _NEW.match(original.text, original.at)
    return Constructed(made["path"], meant["path"]) if made and meant else None


def _is_its_throw(before: int, generated: Spot) -> bool:
    start = generated.at - before
    return before == _THROW and start >= 0 and generated.text.startswith(_THROW_NEW, start)
