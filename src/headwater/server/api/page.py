"""Long lists in pages, by Sentry's Link header."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from starlette.requests import Request

from headwater.server.paths import sent_path
from headwater.storage.page import Part

MAX_PER_PAGE: Final = 100
"""Entries of one answer, as in Sentry; clients that ask for more get as many."""

MAX_KEY_DIGITS: Final = 18
"""Digits of a row's number in a cursor, which is text from outside: what fits 64 bits."""

MAX_OFFSET: Final = 1_000_000
"""Entries into a list that a client may go; a cursor is text from outside."""


class Page(Struct, frozen=True):
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


class KeyPage(Struct, frozen=True):
    """Which part of a list is asked for that may be very long: its cursors name a row instead of
    counting all before it."""

    part: Part

    @classmethod
    def of(cls, request: Request) -> "KeyPage":
        """From `cursor=<id>:0:<1 if back>` and `per_page`; what can't be read counts as the beginning."""
        asked = _number(request.query_params.get("per_page", ""))
        cursor = request.query_params.get("cursor", "").split(":")
        key = _key(cursor[0])
        is_back = bool(key) and cursor[-1] == "1"
        return cls(Part(key, min(asked or MAX_PER_PAGE, MAX_PER_PAGE), is_back))

    def headers(self, request: Request, keys: Sequence[int], *, has_more: bool) -> dict[str, str]:
        """The Link header, for an answer with the rows of these ids; `has_more`: there are further
        ones in the direction that was asked for."""
        part, address = self.part, sent_path(request)
        first, last = (keys[0], keys[-1]) if keys else (part.key, part.key)
        before = has_more if part.is_back else bool(part.key)
        after = part.is_back or has_more
        previous = _linked(address, "previous", f"{first}:0:1", has_results=before)
        following = _linked(address, "next", f"{last}:0:0", has_results=after)
        return {"Link": f"{previous}, {following}"}


def _link(address: str, rel: str, offset: int, *, has_results: bool) -> str:
    return _linked(address, rel, f"0:{offset}:{int(rel == 'previous')}", has_results=has_results)


def _linked(address: str, rel: str, cursor: str, *, has_results: bool) -> str:
    results = str(has_results).lower()
    return f'<{address}?cursor={cursor}>; rel="{rel}"; results="{results}"; cursor="{cursor}"'


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MAX_KEY_DIGITS else 0


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 — more digits than any offset
