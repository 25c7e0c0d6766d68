"""What a person filled in."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from headwater.server.body import read_body
from headwater.server.errors import MalformedRequest

MAX_FORM: Final = 256 * 1024
"""Bytes of a form: a comment of 10,000 characters has 120,000 if each is one of four bytes, of which a
form writes twelve; no other form of ours comes near."""

MAX_FIELDS: Final = 1_000
"""Fields of a form; the longest of ours has one for each project."""

_URLENCODED: Final = "application/x-www-form-urlencoded"

Form = Mapping[str, str]
"""Field to text; of a field that comes twice, the last one."""


async def read_form(request: Request) -> Form:
    """Raises MalformedRequest and BodyTooLarge."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request, MAX_FORM)
    if not body:
        return {}
    if kind != _URLENCODED:
        raise MalformedRequest(f"A form of type {_URLENCODED} was expected, not '{kind}'.")
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise MalformedRequest("The form can't be read.") from None
    # A form ends lines with two characters, of which the browser's own limits count one.
    return {name: storable(text.replace("\r\n", "\n")) for name, text in fields}


def storable(text: str) -> str:
    """The text without the character 0, which PostgreSQL can't store nor compare with."""
    return text.replace("\x00", "\ufffd")
