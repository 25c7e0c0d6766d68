"""Channels: where alerts go. What they need of secrets is kept here and shown nowhere."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct
from sqlalchemy import Row, func, or_, select

from headwater.storage.database import Database
from headwater.storage.schema import alert_channels, alert_deliveries
from headwater.storage.secret import HIDDEN, Secret

MAX_CHANNELS: Final = 30
"""Of a server. Each that has something to send is sent to by a thread of its own."""

MAX_CHANNEL_NAME: Final = 200
"""Characters: the column's width."""

MAX_ADDRESS: Final = 2_000
"""Characters of a URL, or of a list of recipients; what browsers and receivers take for sure."""

MAX_RECIPIENTS: Final = 20
"""Addresses of one e-mail channel; more are a mailing list's task."""

LEASE: Final = timedelta(minutes=2)
"""How long a process that has died holds a channel (PostgreSQL); longer than a message may take."""

LOCAL_SERVICES: Final = frozenset(
    {
        *("dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows", "rsyslog", "vapid"),
        *("aprs", "irc", "ircs", "smpp", "smpps", "mailto", "mailtos"),
        *("json", "jsons", "xml", "xmls", "form", "forms"),
    }
)
"""Of apprise's: what happens on the server itself, reads its files or opens connections past our guard;
and what our own mail and webhooks do better."""


class InvalidChannel(Exception):
    """A channel can't be like that; the message says what was expected."""


class ChannelKind(StrEnum):
    """How a message gets there."""

    EMAIL = "email"
    WEBHOOK = "webhook"
    SERVICE = "service"
    """By the library apprise: Slack, Discord, Teams, Telegram, ntfy …"""


class Channel(Struct, frozen=True):
    """`address`: recipients, separated by commas; a URL. `signing_key`: a webhook's."""

    id: int
    name: str
    kind: ChannelKind
    address: Secret
    signing_key: Secret
    created_at: datetime
    failures: int
    rests_until: datetime | None

    @property
    def shown(self) -> str:
        """What may be seen of the address."""
        return shown_of(self.kind, self.address.reveal())


def shown_of(kind: ChannelKind, address: str) -> str:
    """Recipients as they are; of a URL its scheme and, if that says something, its host."""
    if kind is ChannelKind.EMAIL:
        return address
    parts = urlsplit(address)
    if kind is ChannelKind.WEBHOOK:
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}/{HIDDEN}"
    return f"{address.partition('://')[0]}://{HIDDEN}"


def checked_address(kind: ChannelKind, text: str) -> str:
    """As it is kept. Raises InvalidChannel."""
    if kind is ChannelKind.EMAIL:
        return ", ".join(_recipients(text))
    url = text.strip()
    if not url or len(url) > MAX_ADDRESS or not url.isascii() or not _PRINTED.fullmatch(url):
        raise InvalidChannel(
            f"A URL of at most {MAX_ADDRESS} characters was expected, without spaces."
        )
    return _webhook(url) if kind is ChannelKind.WEBHOOK else _service(url)


def recipients(address: str) -> list[str]:
    """The single addresses of a checked list."""
    return address.split(", ")


class Channels:
    """Every channel of this server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, name: str, kind: ChannelKind, address: str, now: datetime) -> Channel:
        """A new one, with a signing key of its own. Raises InvalidChannel."""
        row = {
            "name": checked_name(name),
            "kind": kind.value,
            "address": checked_address(kind, address),
            "signing_key": secrets.token_hex(32),
            "created_at": now,
            "failures": 0,
        }
        with self._database.write() as connection:
            count = connection.execute(select(func.count()).select_from(alert_channels))
            if count.scalar_one() >= MAX_CHANNELS:
                raise InvalidChannel(f"A server has at most {MAX_CHANNELS} channels.")
            made = connection.execute(
                alert_channels.insert().values(row).returning(alert_channels)
            ).one()
        return _channel(made)

    def change(self, channel: Channel, name: str, address: str) -> None:
        """Another name; another address unless it is empty. Raises InvalidChannel."""
        # Somebody has done something about it: it need not rest any longer.
        values: dict[str, Any] = {
            "name": checked_name(name),
            "failures": 0,
            "rests_until": None,
        }
        if address.strip():
            values["address"] = checked_address(channel.kind, address)
        with self._database.write() as connection:
            connection.execute(_this(channel.id).values(values))

    def new_signing_key(self, channel_id: int) -> Secret:
        """From now on messages are signed with this one."""
        key = secrets.token_hex(32)
        with self._database.write() as connection:
            connection.execute(_this(channel_id).values(signing_key=key))
        return Secret(key)

    def all(self) -> Sequence[Channel]:
        """By name."""
        wanted = select(alert_channels).order_by(func.lower(alert_channels.c.name))
        with self._database.read() as connection:
            return [_channel(row) for row in connection.execute(wanted)]

    def get(self, channel_id: int) -> Channel | None:
        """One of them."""
        wanted = select(alert_channels).where(alert_channels.c.id == channel_id)
        with self._database.read() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else _channel(row)

    def delete(self, channel_id: int) -> None:
        """With what was still to be sent to it; what was sent stays in the log."""
        waiting = alert_deliveries.c.state == "waiting"
        with self._database.write() as connection:
            connection.execute(
                alert_deliveries.delete().where(
                    alert_deliveries.c.channel_id == channel_id, waiting
                )
            )
            connection.execute(alert_channels.delete().where(alert_channels.c.id == channel_id))

    def claim(self, channel_id: int, by: str, now: datetime) -> bool:
        """Be the one that sends to it for a while, or go on to be; False if another is."""
        free = or_(
            alert_channels.c.claimed_by.is_(None),
            alert_channels.c.claimed_by == by,
            alert_channels.c.claimed_until < now,
        )
        with self._database.write() as connection:
            taken = connection.execute(
                _this(channel_id).where(free).values(claimed_by=by, claimed_until=now + LEASE)
            )
            return taken.rowcount == 1

    def give_back(self, channel_id: int, by: str) -> None:
        """Others may send to it."""
        ours = _this(channel_id).where(alert_channels.c.claimed_by == by)
        with self._database.write() as connection:
            connection.execute(ours.values(claimed_by=None, claimed_until=None))

    def start_over(self) -> None:
        """Undo every claim. For the start of the only process that sends: whoever held one is dead."""
        claimed = alert_channels.c.claimed_by.is_not(None)
        with self._database.write() as connection:
            connection.execute(
                alert_channels.update().where(claimed).values(claimed_by=None, claimed_until=None)
            )


def checked_name(name: str) -> str:
    """Of a channel or a rule. Raises InvalidChannel."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_CHANNEL_NAME:
        raise InvalidChannel(f"A name of at most {MAX_CHANNEL_NAME} characters is needed.")
    return name


def _this(channel_id: int) -> Any:
    return alert_channels.update().where(alert_channels.c.id == channel_id)


def _recipients(text: str) -> list[str]:
    found = [each for each in re.split(r"[,;\s]+", text) if each]
    if not found or len(found) > MAX_RECIPIENTS or len(text) > MAX_ADDRESS:
        raise InvalidChannel(f"Between 1 and {MAX_RECIPIENTS} e-mail addresses were expected.")
    for each in found:
        if not _MAILBOX.fullmatch(each):
            raise InvalidChannel(f"{each[:100]} is no e-mail address.")
    return list(dict.fromkeys(found))


def _webhook(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_complete = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_complete = False
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not is_complete:
        raise InvalidChannel("A webhook's URL begins with https:// or http:// and names a host.")
    if "@" in parts.netloc:
        raise InvalidChannel("A webhook's URL has no user in it: check the signature instead.")
    return url


def _service(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or not rest or not _SCHEME.fullmatch(scheme):
        raise InvalidChannel(
            "A service's URL looks like slack://…, discord://…, tgram://… or ntfy://…; apprise's"
            " manual has them all."
        )
    if scheme.lower() in ("http", "https"):
        raise InvalidChannel("For an http address, choose a webhook.")
    if scheme.lower() in LOCAL_SERVICES:
        raise InvalidChannel(f"{scheme}:// can't be used here; a webhook may do what you want.")
    return url


_PRINTED: Final = re.compile(r"[!-~]+")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_MAILBOX: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,250}")


def _channel(row: Row[Any]) -> Channel:
    return Channel(
        id=row.id,
        name=row.name,
        kind=ChannelKind(row.kind),
        address=Secret(row.address),
        signing_key=Secret(row.signing_key),
        created_at=row.created_at,
        failures=row.failures,
        rests_until=row.rests_until,
    )
