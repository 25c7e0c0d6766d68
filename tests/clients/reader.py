"""A person who reads the pages of a live server."""

import html
import re
from dataclasses import dataclass
from typing import Final

import httpx

TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Reader:
    """Signed in."""

    origin: str
    cookies: dict[str, str]

    def event(self, event_id: str) -> str:
        """What is written on an event's page, blanks and line breaks run together."""
        address = f"{self.origin}/events/{event_id}"
        with httpx.Client(cookies=self.cookies, follow_redirects=True) as client:
            page = client.get(address)
        assert page.status_code == httpx.codes.OK, page.text
        return " ".join(html.unescape(TAG.sub(" ", page.text)).split())


def signed_in(origin: str, email: str, password: str) -> Reader:
    """As a user who exists."""
    answer = httpx.post(
        f"{origin}/sign-in",
        data={"email": email, "password": password},
        headers={"Origin": origin},
    )
    assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
    return Reader(origin, dict(answer.cookies))
