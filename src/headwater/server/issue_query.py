"""The language that issues are searched in: `is:unresolved release:1.2 browser:firefox "no money"`."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from headwater.protocol.event_id import parse_event_id
from headwater.server.errors import MalformedRequest
from headwater.storage.issues.search import (
    AssignedTo,
    Criterion,
    Fact,
    HasStatus,
    HasTag,
    InFile,
    InFunction,
    Number,
    Order,
    Says,
    Search,
    Seen,
    Status,
)

MAX_QUERY: Final = 1_000
"""Characters: the longest tag and the longest value that are kept, with every character of them
escaped."""

MAX_TERMS: Final = 20
"""Terms of a query, each a condition on every issue."""

STATES: Final[Mapping[str, Status]] = {
    "unresolved": Status.UNRESOLVED,
    "resolved": Status.RESOLVED,
    "muted": Status.IGNORED,
    "ignored": Status.IGNORED,  # as Sentry's clients have it
}

_OPERATORS: Final = ("OR", "AND", "||", "&&")
"""Written between terms elsewhere; here all terms hold."""

_ANYTHING: Final = ("", "")
"""A tag's value, as the pieces around `*`."""

_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_TERM: Final = re.compile(
    rf"(?P<not>[!-])?(?:(?P<key>[\w.\-]+|{_QUOTED}):(?!//))?(?P<value>{_QUOTED}|\S+)", re.DOTALL
)
_PIECE: Final = re.compile(r'\\(["*\\])|(\*)', re.DOTALL)
_AGE: Final = re.compile(r"([<>])(\d{1,5})(m|h|d|w)")
_COUNT: Final = re.compile(r"([<>])(\d{1,12})")
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


class Asker(Struct, frozen=True):
    """Who searches, and when: `assigned:me`, `age:<2h`. `user_of` finds a user by e-mail."""

    now: datetime
    user_id: int | None
    user_of: Callable[[str], int | None]


class Term(Struct, frozen=True):
    """One part of a query, as it was written."""

    text: str
    criterion: Criterion


class Query(Struct, frozen=True):
    """What was searched for."""

    terms: tuple[Term, ...]

    @property
    def text(self) -> str:
        """As it would be typed."""
        return " ".join(term.text for term in self.terms)

    @property
    def status(self) -> Status | None:
        """The one that all found issues have."""
        for term in self.terms:
            if isinstance(term.criterion.fact, HasStatus) and not term.criterion.is_not:
                return term.criterion.fact.status
        return None

    @property
    def event_id(self) -> str | None:
        """The event that is asked for, if nothing else is but a state."""
        asked = [
            term.criterion for term in self.terms if not isinstance(term.criterion.fact, HasStatus)
        ]
        if len(asked) != 1 or asked[0].is_not:
            return None
        match asked[0].fact:
            case Says(text) | HasTag("id" | "event.id", (text,)):
                return parse_event_id(text)
        return None

    @property
    def tags(self) -> tuple[str, ...]:
        """Names of tags that all found issues have."""
        asked = (term.criterion for term in self.terms if not term.criterion.is_not)
        return tuple(each.fact.key for each in asked if isinstance(each.fact, HasTag))

    def without(self, left_out: Term) -> str:
        """The text of all other terms."""
        return " ".join(term.text for term in self.terms if term is not left_out)

    def with_state(self, word: str) -> str:
        """The text with another state instead, first; with none if `word` is empty."""
        others = [
            term.text for term in self.terms if not isinstance(term.criterion.fact, HasStatus)
        ]
        return " ".join([f"is:{word}", *others] if word else others)

    def search(self, order: Order = Order.LAST_SEEN) -> Search:
        """For `storage.issues.issues`."""
        return Search(tuple(term.criterion for term in self.terms), order)


def read_query(text: str, asker: Asker) -> Query:
    """Raises MalformedRequest, which says what was expected."""
    if len(text) > MAX_QUERY:
        raise MalformedRequest(
            f"A search has at most {MAX_QUERY} characters, this has {len(text):,}."
        )
    found = list(_TERM.finditer(text))
    if len(found) > MAX_TERMS:
        raise MalformedRequest(f"A search has at most {MAX_TERMS} terms, this has {len(found)}.")
    return Query(tuple(_term(each, asker) for each in found))


def _term(found: re.Match[str], asker: Asker) -> Term:
    key, written = found["key"], found["value"]
    if key is not None and key.startswith('"'):
        tag = "".join(_pieces(key[1:-1], stars=False))
        return Term(found[0], Criterion(HasTag(tag, _pattern(written)), is_not=bool(found["not"])))
    value = _unquoted(written)
    if found[0] in _OPERATORS:
        raise MalformedRequest(
            f'{found[0]} is not understood: all terms must hold. In quotes it is a word: "{found[0]}".'
        )
    if key is None and written.endswith(":") and written[:-1] in _NEED_VALUE:
        _FACTS[written[:-1]]("", asker)  # says what is expected
    if key is None and found["not"] == "-" and not written.startswith('"'):
        # A dash belongs to a word as often as not: `-1`, `--force`.
        return Term(found[0], Criterion(Says(found[0])))
    if key is None:
        fact: Fact = Says(value)
    elif key in _FACTS:
        fact = _FACTS[key](value, asker)
    else:
        fact = HasTag(key, _pattern(written))
    return Term(found[0], Criterion(fact, is_not=bool(found["not"])))


def term_of(key: str, value: str) -> str:
    """The term that finds issues with exactly this tag."""
    named = key if re.fullmatch(r"[\w.\-]+", key) and key not in _FACTS else f'"{_escaped(key)}"'
    return f'{named}:"{_escaped(value)}"'


def _escaped(text: str) -> str:
    return re.sub(r'(["*\\])', r"\\\1", text)


def _unquoted(written: str) -> str:
    if len(written) > 1 and written[0] == written[-1] == '"':
        return "".join(_pieces(written[1:-1], stars=False))
    return written


def _pattern(written: str) -> tuple[str, ...]:
    """The pieces between stars. In quotes, a backslash takes its meaning from a star, a quote, and
    another backslash."""
    if len(written) > 1 and written[0] == written[-1] == '"':
        return _pieces(written[1:-1], stars=True)
    return tuple(written.split("*"))


def _pieces(text: str, *, stars: bool) -> tuple[str, ...]:
    pieces, end = [""], 0
    for found in _PIECE.finditer(text):
        pieces[-1] += text[end : found.start()]
        end = found.end()
        if found[2] and stars:
            pieces.append("")
        else:
            pieces[-1] += found[1] or found[2]
    pieces[-1] += text[end:]
    return tuple(pieces)


def _is(value: str, _asker: Asker) -> Fact:
    if value == "unassigned":
        return AssignedTo(None)
    status = STATES.get(value)
    if status is None:
        known = ", ".join(f"is:{word}" for word in (*STATES, "unassigned"))
        raise MalformedRequest(f"is:{value[:40]} is no state of an issue; there are {known}.")
    return HasStatus(status)


def _has(value: str, _asker: Asker) -> Fact:
    if not value:
        raise MalformedRequest("has: stands before a tag's name: has:user.")
    return HasTag(value, _ANYTHING)


def _assigned(value: str, asker: Asker) -> Fact:
    if value == "none":
        return AssignedTo(None)
    user_id = asker.user_id if value == "me" else asker.user_of(value)
    if user_id is None:
        raise MalformedRequest(
            f"assigned:{value[:80]} is nobody here; write an e-mail address, me or none."
        )
    return AssignedTo(user_id)


def _events(value: str, _asker: Asker) -> Fact:
    read = _COUNT.fullmatch(value)
    if read is None:
        raise MalformedRequest(
            f"events:{value[:40]} can't be read; write events:>100 or events:<10."
        )
    return Number(int(read[2]), is_more=read[1] == ">")


def _seen(column: Order, name: str) -> Callable[[str, Asker], Fact]:
    def read(value: str, asker: Asker) -> Fact:
        found = _AGE.fullmatch(value)
        if found is None:
            raise MalformedRequest(
                f"{name}:{value[:40]} can't be read; write {name}:<24h or {name}:>7d (m, h, d, w)."
            )
        return Seen(column, asker.now - int(found[2]) * _UNITS[found[3]], is_later=found[1] == "<")

    return read


_FACTS: Final[Mapping[str, Callable[[str, Asker], Fact]]] = {
    "is": _is,
    "assigned": _assigned,
    "has": _has,
    "file": lambda value, _asker: InFile(value),
    "function": lambda value, _asker: InFunction(value),
    "events": _events,
    "age": _seen(Order.FIRST_SEEN, "age"),
    "seen": _seen(Order.LAST_SEEN, "seen"),
}

_NEED_VALUE: Final = frozenset(("is", "assigned", "has", "events", "age", "seen"))
"""Written without one they are a mistake; `file:` and `function:` are words of many a message."""

FIELDS: Final = tuple(f"{name}:" for name in _FACTS)
"""What a search takes beside words and tags."""
