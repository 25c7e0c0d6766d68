"""Secrets in the middle of a text: card numbers, keys, passwords in addresses, `token=…`."""

import binascii
import re
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from headwater.digest.sensitive_names import SensitiveNames, Verdict

FILTERED: Final = "[Filtered]"
"""What stands where a secret was; Sentry's word for it."""

Clean: TypeAlias = Callable[[str], str]
"""A text without its secrets; the very same text if it has none."""

_CARD: Final = re.compile(
    r"(?<![\w.+/=-])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{5})(?![\w+/=-]|\.\d)"
)
_BRAND: Final = re.compile(r"4|5[1-5]|2[2-7]|3[47]|3[0689]|6(?:011|4|5)")
"""First digits of Visa, Mastercard, American Express, Diners, Discover."""

_SSN: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
"""Relay's pattern of a US social security number."""

_PEM: Final = re.compile(
    r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----).*?(-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_URL_PASSWORD: Final = re.compile(r"(//[\w%.~+-]{0,100}:)[^\s/?#@\"'<>]{1,500}@")
_BEARER: Final = re.compile(
    r"\b(Bearer\s{1,3})(?!token|auth|realm|error|scheme)[\w.~+/=-]+", re.IGNORECASE
)
_BASIC: Final = re.compile(r"\b(Basic\s{1,3})([A-Za-z0-9+/]{4,2000}={0,2})", re.IGNORECASE)

TOKEN_PREFIXES: Final = (
    *(
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "npm_",
        "pypi-",
        "AIza",
        "eyJ",
    ),
    *("xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"),
    *("sk_live_", "sk_test_", "rk_live_", "rk_test_"),
)
"""What tokens of GitHub, GitLab, npm, PyPI, Google, Slack and Stripe begin with, and all that are JSON
Web Tokens: their makers chose them so that they are found wherever they slip to."""

_TOKEN: Final = re.compile(
    r"(?<![A-Za-z0-9_-])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255}|glpat-[\w-]{20,255}"
    r"|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,500}|AIza[\w-]{35}|xox[abeoprs]-[\w-]{10,255}"
    r"|[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}"
    r"|eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{8,4000})"
)

_NAME: Final = re.compile(
    r"(?<![\w.-])([\w.-]{1,100})"
    r"(?:\]{0,2}\\*[\"']?\s?=>?\s?(?!=)|\\*[\"']\s?:\s?)"
)
"""`name=`, `'name': `, `"name" => `: what is behind it is the value. `name: ` alone is prose."""

_VALUE: Final = re.compile(
    r"[bu]?\"((?:[^\"\\]|\\.)*)|[bu]?'((?:[^'\\]|\\.)*)|\\\"([^\"]*)|([^\s&;,\"'{}\[\]()<>]+)",
    re.DOTALL,
)


def cleaners(names: SensitiveNames, texts: str, *, usual: bool) -> tuple[tuple[str, Clean], ...]:
    """What has to be looked for in an event's texts, each where the text has that piece in it.

    `texts` is all of them together. Few have a run of digits as long as a card's number, or the
    word `Bearer`: one look at all of them saves a look at each.
    """
    found: list[tuple[str, Clean]] = []
    if names.may_be_in(_before_values(texts)):
        without_values = _without_values(names)
        found += [("=", without_values), (":", without_values)]
    return (*found, *_usual_cleaners(texts)) if usual else tuple(found)


def has_user_of_url(text: str) -> bool:
    """Whether an address in it has a password before its host."""
    return _URL_PASSWORD.search(text) is not None


def _usual_cleaners(texts: str) -> Iterator[tuple[str, Clean]]:
    digits = texts.encode(errors="replace").translate(_DIGITS)
    if _SSN_SHAPE in digits:
        yield "-", _without_ssns
    if _SHORTEST_CARD in digits.translate(None, b" -"):
        yield "", without_cards
    if "-----BEGIN " in texts:
        yield "-----BEGIN ", _without_keys
    if "@" in texts and _has_user_of_url(texts):
        yield "@", _without_url_passwords
    if any(prefix in texts for prefix in TOKEN_PREFIXES):
        yield "", _without_tokens
    lower = digits.lower()
    if b"bearer" in lower:
        yield "", _without_bearers
    if b"basic " in lower:
        yield "", _without_basics


def _before_values(texts: str) -> str:
    """What stands before each `=`, and in quotes before a colon."""
    tails = {piece[-TAIL:] for piece in texts.split("=")[:-1]}
    for separator in ("':", '":'):
        if separator in texts:
            tails.update([piece[-TAIL:] for piece in texts.split(separator)[:-1]])
    return "\n".join(tails)


def _has_user_of_url(texts: str) -> bool:
    """Whether an `@` is in the same text as a `//` before it."""
    return any(
        "\n" not in piece[start:]
        for piece in texts.split("@")[:-1]
        if (start := piece.rfind("//")) >= 0
    )


TAIL: Final = 40
"""Characters before a `=` that are looked at for a name."""

_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_SSN_SHAPE: Final = b"000-00-0000"
_SHORTEST_CARD: Final = b"0" * 13


def is_card(digits: str) -> bool:
    """A brand's first digits, and a check digit that is right (Luhn)."""
    if not _BRAND.match(digits):
        return False
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(two - 9 if two > 9 else two for two in doubled)  # noqa: PLR2004
    return total % 10 == 0


def without_cards(text: str) -> str:
    """Numbers of the right length, brand and check digit, in one piece or in groups."""
    return _CARD.sub(_card, text)


def _card(found: re.Match[str]) -> str:
    return FILTERED if is_card(re.sub(r"[ -]", "", found[0])) else found[0]


def _without_ssns(text: str) -> str:
    return _SSN.sub(FILTERED, text)


def _without_keys(text: str) -> str:
    return _PEM.sub(rf"\1{FILTERED}\2", text)


def _without_url_passwords(text: str) -> str:
    return _URL_PASSWORD.sub(rf"\1{FILTERED}@", text) if "//" in text else text


def _without_tokens(text: str) -> str:
    return _TOKEN.sub(FILTERED, text)


def _without_bearers(text: str) -> str:
    return _BEARER.sub(rf"\1{FILTERED}", text)


def _without_basics(text: str) -> str:
    return _BASIC.sub(_basic, text)


def _basic(found: re.Match[str]) -> str:
    # `Basic realm`, `basic auth`: a real one is `user:password` in base 64.
    try:
        inside = binascii.a2b_base64(found[2])
    except binascii.Error:
        return found[0]
    return f"{found[1]}{FILTERED}" if b":" in inside else found[0]


def _without_values(names: SensitiveNames) -> Clean:
    def without_values(text: str) -> str:
        parts: list[str] = []
        done = 0
        for found in _NAME.finditer(text):
            if found.start() < done or not names.verdict(found[1]):
                continue
            value = _VALUE.match(text, found.end())
            if value is None or value.lastindex is None or _says_nothing(names, found[1], value):
                continue
            start, end = value.span(value.lastindex)
            parts += [text[done:start], FILTERED]
            done = end
        return "".join([*parts, text[done:]]) if parts else text

    return without_values


def _says_nothing(names: SensitiveNames, name: str, value: re.Match[str]) -> bool:
    said = value[value.lastindex or 0]
    if said in ("", FILTERED, "None", "null", "nil", "undefined", "true", "false", "True", "False"):
        return True
    return names.verdict(name) is Verdict.COUNT and said.isdecimal()
