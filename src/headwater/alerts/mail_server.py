"""The SMTP server that a setting names."""

from email.utils import parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from headwater.storage.secret import Secret

_PORTS: Final = {"smtp": 587, "smtps": 465}


class InvalidMailServer(Exception):
    """What was given names no SMTP server; the message says what was expected, and not what was there."""


class MailServer(Struct, frozen=True):
    """`is_wrapped`: TLS from the first byte on, not by STARTTLS."""

    host: str
    port: int
    user: str
    password: Secret
    is_wrapped: bool
    sender: str

    @classmethod
    def parse(cls, url: Secret, sender: str) -> "MailServer":
        """`smtp://user:password@host:587` or `smtps://…`. Raises InvalidMailServer."""
        try:
            parts = urlsplit(url.reveal())
            port = parts.port
        except ValueError:
            raise InvalidMailServer(_EXPECTED) from None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise InvalidMailServer(_EXPECTED)
        if "@" not in parseaddr(sender)[1] or not sender.isprintable():
            raise InvalidMailServer(
                "HEADWATER_MAIL_FROM must be an e-mail address, such as headwater@example.com,"
                " when HEADWATER_SMTP_URL is set"
            )
        return cls(
            parts.hostname,
            port or _PORTS[parts.scheme],
            unquote(parts.username or ""),
            Secret(unquote(parts.password or "")),
            parts.scheme == "smtps",
            sender,
        )

    @property
    def domain(self) -> str:
        """Of the sender, for the ids of messages."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


_EXPECTED: Final = (
    "HEADWATER_SMTP_URL must be smtp://host:port or smtps://host:port, with user:password@ before"
    " the host if the server asks for them (percent-encoded)"
)
