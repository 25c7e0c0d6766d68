"""Long lists in pages, by Sentry's Link header."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from headwater.server.paths import sent_path

MAX_PER_PAGE: Final = 100
"""Entries of one answer, as in Sentry; clients that ask for more get as many."""

MAX_OFFSET: Final = 1_000_000
"""Entries into a list that a client may go; a cursor is text from outside."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is asked for."""

    offset: int
    size: int

    @classmethod
    def of(cls, request: Request) -> "Page":
        """From `cursor=0:<offset>:0` and `per_page`; what can't be read counts as the beginning."""
        asked = _number(request.query_params.get("per_page", ""))
        cursor = request.query_params.get("cursor", "").split(":")
        offset = _number(cursor[1]) if len(cursor) > 1 else 0
        return cls(min(offset, MAX_OFFSET), min(asked or MAX_PER_PAGE, MAX_PER_PAGE))

    @property
    def probe(self) -> int:
        """How many entries to fetch: one more than shown, to know whether more follow."""
        return self.size + 1

    def headers(self, request: Request, fetched: int) -> dict[str, str]:
        """The Link header, for an answer to which `fetched` of `probe` entries were found."""
        before = max(0, self.offset - self.size)
        address = sent_path(request)
        previous = _link(address, "previous", before, has_results=self.offset > 0)
        following = _link(address, "next", self.offset + self.size, has_results=fetched > self.size)
        return {"Link": f"{previous}, {following}"}


def _link(address: str, rel: str, offset: int, *, has_results: bool) -> str:
    cursor = f"0:{offset}:{int(rel == 'previous')}"
    results = str(has_results).lower()
    return f'<{address}?cursor={cursor}>; rel="{rel}"; results="{results}"; cursor="{cursor}"'


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 — more digits than any offset
