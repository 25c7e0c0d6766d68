"""Which fields hold secrets, by their names."""

import re
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

MAX_JUDGED_NAME: Final = 200
"""Characters of a name that are looked at; field names are words."""

MAX_VERDICTS: Final = 10_000
"""Names whose verdict is remembered, about 2 MB: programs have a few hundred, and who makes them up
pays for each."""


class Verdict(IntEnum):
    """What a field of some name may keep."""

    HARMLESS = 0
    COUNT = 1
    """It holds secrets, unless it is a number: `tokens`."""
    SECRET = 2


_PARTS: Final = re.compile(
    r"passw(?:or)?d|passphrase|passcode|secret(?!ar)|apikey|privatekey|accesskey|credential"
    r"|mysqlpwd|(?<!old).pwd$|csrf|xsrf|authorization|setcookie|connectsid|twofactor|authtoken"
)
"""Looked for anywhere in a name without its separators: Relay's list, and Python's SDK's."""

STEMS: Final = (
    "pass",
    "secret",
    "key",
    "cred",
    "pwd",
    "srf",
    "auth",
    "cook",
    "connect",
    "tok",
    "bear",
    "ses",
    "otp",
    "jwt",
    "factor",
)
"""Each of the usual names has one of them in it, however it is spelled."""

_WORDS: Final = frozenset(
    {"auth", "oauth", "token", "bearer", "session", "sessionid", "cookie", "cookies", "otp", "jwt"}
)
"""Looked for among a name's words alone, for they are parts of harmless ones: `author`."""

_ENDINGS: Final = ("token", "sessionid", "sessid")
"""Ends of words: `csrfmiddlewaretoken`, `PHPSESSID`."""

_ABOUT: Final = frozenset(
    [
        "age",
        "at",
        "backend",
        "count",
        "counts",
        "driver",
        "duration",
        "enabled",
        "endpoint",
        "expiration",
        "expired",
        "expires",
        "expiry",
        "kind",
        "length",
        "lifetime",
        "limit",
        "limits",
        "method",
        "methods",
        "mode",
        "name",
        "policy",
        "provider",
        "providers",
        "required",
        "scheme",
        "scopes",
        "size",
        "started",
        "state",
        "status",
        "timeout",
        "ttl",
        "type",
        "types",
        "uri",
        "url",
        "usage",
        "used",
        "valid",
        "version",
    ]
)
"""Last words of names that are about a secret and don't hold one: `token_type`, `session_ttl`."""

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W_a-zA-Z]+")


class SensitiveNames:
    """The usual names, `extra` ones, or both. Judged once, then remembered."""

    def __init__(self, extra: Iterable[str] = (), *, usual: bool = True) -> None:
        """`extra` is looked for anywhere in a name, whatever its case and separators."""
        self.has_usual = usual
        self._extra = tuple(filter(None, map(_squeezed, extra)))
        self.has_extra = bool(self._extra)
        self.known: dict[str, Verdict] = {}
        """What was judged; whoever is in a hurry looks here first."""

    def verdict(self, name: str) -> Verdict:
        """Of a field, a variable, a header, a cookie or a parameter."""
        found = self.known.get(name)
        return self._judge(name) if found is None else found

    def may_be_in(self, text: str) -> bool:
        """Whether one of the names, or what looks like it, is a part of a text."""
        if not text:
            return False
        squeezed = _squeezed(text) if self._extra else text.lower()
        stems = (*self._extra, *STEMS) if self.has_usual else self._extra
        return any(stem in squeezed for stem in stems)

    def _judge(self, name: str) -> Verdict:
        if len(name) > MAX_JUDGED_NAME:
            return self._judge(name[:MAX_JUDGED_NAME])
        squeezed = _squeezed(name)
        verdict = Verdict.HARMLESS
        if any(part in squeezed for part in self._extra):
            verdict = Verdict.SECRET
        elif self.has_usual:
            verdict = _usual_verdict(name, squeezed)
        if len(self.known) >= MAX_VERDICTS:
            self.known.clear()
        self.known[name] = verdict
        return verdict


def _usual_verdict(name: str, squeezed: str) -> Verdict:
    if _PARTS.search(squeezed):
        return Verdict.SECRET
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _ABOUT:
        return Verdict.HARMLESS
    if any(word in _WORDS or word.endswith(_ENDINGS) for word in words):
        return Verdict.SECRET
    return Verdict.COUNT if "tokens" in words else Verdict.HARMLESS


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()
