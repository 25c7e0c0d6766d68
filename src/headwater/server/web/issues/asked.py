"""What an address asks a list of issues for."""

from collections.abc import Callable, Mapping
from typing import Final, Self, TypeAlias
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from headwater.server.errors import MalformedRequest
from headwater.server.issue_query import MAX_QUERY, Asker, Query, Term, read_query
from headwater.server.web.issues.spark import DAY, PERIODS, Period
from headwater.server.web.visit import Visit
from headwater.storage.issues.search import Order, Search, Status

OPEN: Final = "is:unresolved"
"""What is shown unless something else is asked for."""

ORDERS: Final[Mapping[Order, str]] = {
    Order.LAST_SEEN: "Last seen",
    Order.FIRST_SEEN: "First seen",
    Order.EVENTS: "Events",
}
TABS: Final = (
    ("unresolved", "Unresolved", Status.UNRESOLVED),
    ("resolved", "Resolved", Status.RESOLVED),
    ("muted", "Muted", Status.IGNORED),
    ("", "All", None),
)
"""Word in searches, word for people, and what it is in the database."""


_Field: TypeAlias = Callable[[str, str], str]
"""What is said under a name, or else what is usual."""


class Asked(Struct, frozen=True):
    """`text`: what was typed; `wrong`: why it can't be searched for, and then `query` has no terms."""

    path: str
    text: str
    query: Query
    wrong: str
    order: Order
    period: Period
    number: int

    @classmethod
    def of(cls, visit: Visit, user_of: Callable[[str], int | None]) -> Self:
        """By the address. What is out of the question is taken for what is usual."""
        return cls._read(visit, visit.query, user_of)

    @classmethod
    def told(cls, visit: Visit, user_of: Callable[[str], int | None]) -> Self:
        """By the fields of a form."""
        return cls._read(visit, visit.form.get, user_of)

    @classmethod
    def _read(cls, visit: Visit, field: _Field, user_of: Callable[[str], int | None]) -> Self:
        text = field("q", OPEN).strip()
        words = {each.word: each for each in PERIODS}
        asked = cls(
            path=visit.request.url.path,
            text=text[: 2 * MAX_QUERY],
            query=Query(()),
            wrong="",
            order=_order(field("sort", "")),
            period=words.get(field("period", ""), DAY),
            number=visit.page_number,
        )
        try:
            asker = Asker(visit.now, visit.user.id if visit.user else None, user_of)
            return replace(asked, query=read_query(text, asker))
        except MalformedRequest as error:
            return replace(asked, wrong=str(error))

    @property
    def search(self) -> Search:
        """For `storage.issues.issues`."""
        return self.query.search(self.order)

    @property
    def chips(self) -> tuple[Term, ...]:
        """Terms that the tabs don't show."""
        status = self.query.status
        shown = f"is:{next((word for word, _, each in TABS if each is status), '')}"
        return tuple(term for term in self.query.terms if term.text != shown)

    def link(self, **changes: object) -> str:
        """The same list with something changed; what is as usual is left out."""
        fields = {
            "q": self.text,
            "sort": self.order.value,
            "period": self.period.word,
            "page": self.number,
        } | changes
        usual = {"q": OPEN, "sort": Order.LAST_SEEN.value, "period": DAY.word, "page": 1}
        said = {name: value for name, value in fields.items() if value != usual[name]}
        return f"{self.path}?{urlencode(said)}" if said else self.path


def _order(word: str) -> Order:
    return Order(word) if word in tuple(Order) else Order.LAST_SEEN
