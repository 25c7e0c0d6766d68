"""Data source names: the address that an SDK is configured with."""

import re
from typing import Final, Self

from msgspec import Struct

_SPELLING: Final = re.compile(
    r"(?P<scheme>https?)://(?P<key>[A-Za-z0-9_-]{1,64})(?::[^@/]*)?@"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/@\s?#]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<path>/(?:[^?#\s]*/)?)(?P<project>[^/?#\s]+)/?",
)


class InvalidDsn(Exception):
    """The text is not a DSN; the message says what one looks like."""


class Dsn(Struct, frozen=True):
    """`scheme://public_key@host[:port]/path/project_id`. A secret, which old DSNs have, is dropped."""

    scheme: str
    public_key: str
    host: str
    """With brackets if it is an IPv6 address."""
    port: int | None
    path: str
    """Begins and ends with a slash."""
    project_id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InvalidDsn."""
        match = _SPELLING.fullmatch(text.strip())
        if match is None:
            raise InvalidDsn("a DSN looks like https://public_key@host/project_id; this doesn't")
        port = int(match["port"]) if match["port"] else None
        return cls(
            match["scheme"], match["key"], match["host"], port, match["path"], match["project"]
        )

    def __str__(self) -> str:
        port = f":{self.port}" if self.port is not None else ""
        return f"{self.scheme}://{self.public_key}@{self.host}{port}{self.path}{self.project_id}"
