"""One look at a part's JSON: whether there can be a secret in it, so that it has to be walked.

It takes a tenth of a walk's time and needs nothing decoded, since all that could tell a secret is
looked for in one pass. It errs in one direction: what it takes for harmless is.
"""

import re
from enum import IntEnum
from typing import Final

import msgspec
from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from headwater.digest.secret_texts import TAIL, TOKEN_PREFIXES, has_user_of_url, without_cards
from headwater.digest.sensitive_names import STEMS, SensitiveNames


class _Sign(IntEnum):
    """What a piece of text is a sign of."""

    NAME = 0
    """A field, a header or a parameter that holds a secret."""
    CARD = 1
    SECRET = 2
    LOOSE = 3
    """JSON that is not written as densely as it can be, as SDKs do: there, names end with `":` and
    lists that begin with a text with `["`."""


_SIGNS: Final = {
    _Sign.NAME: STEMS,
    _Sign.CARD: (
        "0" * 13,
        "0000 0000 0000 0000",
        "0000-0000-0000-0000",
        "0000 000000 00000",
        "0000-000000-00000",
    ),
    # A token, a password in base 64, a private key, a US social security number.
    _Sign.SECRET: (
        *("bearer", "basic ", "-----begin ", "000-00-0000"),
        *(prefix.lower() for prefix in TOKEN_PREFIXES),
    ),
    # Also within a text that is JSON itself, where quotes and line breaks are escaped.
    _Sign.LOOSE: (
        "\n",
        "\t",
        "\r",
        '" ',
        "[ ",
        *(f"{a}\\{b}" for a in ("[", '\\"') for b in "nrt"),
    ),
}
_PIECES: Final = [(piece.encode(), sign) for sign, pieces in _SIGNS.items() for piece in pieces]
_SIGN_OF: Final = [sign for _, sign in _PIECES]
_FIND: Final = BytesAhoCorasick(
    [piece for piece, _ in _PIECES], MatchKind.LeftmostLongest, Implementation.DFA
).find_matches_as_indexes

_FOLDED: Final = bytes.maketrans(
    b"123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"000000000abcdefghijklmnopqrstuvwxyz"
)
"""What the pieces are looked for in: lower case, and every digit is a 0."""

_LONGEST_CARD: Final = 24
"""Characters that a card's number has with what is between its digits, and then some."""

_VALUE: Final = (b'"value"', rb'"value\"')
"""A field beside another that says what it is called: `{"key": "password", "value": …}`."""

_INSIDE: Final = b"\\"

_ESCAPED: Final = re.compile(rb"\\u|\\/")
r"""How a part that nobody has decoded yet may spell any piece: PHP writes `https:\/\/`, .NET
`\u0022password\u0022`, Python `ren\u00e9`."""

_ESCAPED_WITHIN: Final = re.compile(rb"\\u[0-9a-fA-F]{4}|\\/")
"""The same in a text that is JSON itself, or in a control character."""


class Glance:
    """By the usual names; who has names of their own has them walked for."""

    def __init__(self, names: SensitiveNames) -> None:
        self._names = names

    def may_hold_secrets(self, part: bytes) -> bool:
        """Whether a part of an event, as JSON, is to be walked."""
        if self._names.has_extra:
            return True
        if _ESCAPED.search(part):
            try:
                part = msgspec.json.encode(msgspec.json.decode(part))
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                return True
            if _ESCAPED_WITHIN.search(part):
                return True
        if b"@" in part and has_user_of_url(part.decode()):
            return True
        found = _FIND(part.translate(_FOLDED))
        return any(self._tells(part, _SIGN_OF[piece], start, end) for piece, start, end in found)

    def _tells(self, part: bytes, sign: _Sign, start: int, end: int) -> bool:
        if sign is _Sign.CARD:
            # The letter of an escape, as in `\n4111`, is none of the text's.
            before = start if part[start - 2 : start - 1] == _INSIDE else max(0, start - 1)
            around = part[before : start + _LONGEST_CARD].decode(errors="replace")
            return without_cards(around) != around
        return sign is not _Sign.NAME or self._is_sensitive(part, start, end)

    def _is_sensitive(self, part: bytes, start: int, end: int) -> bool:
        """Whether the text around a piece of a name is one, and of what holds secrets."""
        opening, closing = part.rfind(b'"', 0, start), part.find(b'"', end)
        behind = part[end : closing + 3][:TAIL]
        if b"=" in behind or b"':" in behind:
            return True
        names_something = (
            part[closing + 1 : closing + 2] == b":"
            or part[:opening].removesuffix(_INSIDE).endswith(b"[")
            or any(value in part for value in _VALUE)
        )
        if not names_something:
            return False
        name = part[opening + 1 : closing]
        if part[opening - 1 : opening] == _INSIDE:
            if not name.endswith(_INSIDE):
                return True  # a quote within the name: it is longer than it seems
            name = name[:-1]
        return _INSIDE in name or bool(self._names.verdict(name.decode(errors="replace")))
