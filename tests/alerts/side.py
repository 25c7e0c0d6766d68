"""Issues, rules and channels in a database, a clock that is set by hand, and what is sent."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from headwater.alerts.address_guard import AddressGuard
from headwater.alerts.alerting import Alerting
from headwater.alerts.mail_server import MailServer
from headwater.alerts.outcome import NotSent
from headwater.alerts.sender import Sender, Transport
from headwater.alerts.transports import Transports
from headwater.storage.alerts.channels import Channel, ChannelKind, Channels
from headwater.storage.alerts.deliveries import Deliveries, Delivery
from headwater.storage.alerts.rules import RuleDraft, RuleKind, Rules
from headwater.storage.database import Database
from headwater.storage.issues.announcements import Announcements, Reason
from headwater.storage.page import PageRequest
from headwater.storage.schema import issues
from headwater.storage.secret import Secret
from tests.stored import NOW, Stored

PUBLIC = "https://errors.example.com"


@dataclass
class Noted:
    """A transport that takes everything, unless it is told to fail so many times."""

    failures: int = 0
    sent: list[Delivery] = field(default_factory=list)

    def send(self, delivery: Delivery, _channel: Channel, _now: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise NotSent("the receiver answered 500")
        self.sent.append(delivery)


class AlertSide:
    """One project (1), and whatever a test adds."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stored = Stored(database)
        self.project = self.stored.project()
        self.rules = Rules(database)
        self.channels = Channels(database)
        self.deliveries = Deliveries(database)
        self.announcements = Announcements(database)
        self.noted = Noted()
        self.now = NOW
        self.stop = threading.Event()

    def channel(
        self,
        kind: ChannelKind = ChannelKind.WEBHOOK,
        address: str = "http://127.0.0.1:9/x",
        name: str = "Channel",
    ) -> Channel:
        return self.channels.create(name, kind, address, self.now)

    def rule(self, *channels: Channel, kind: RuleKind = RuleKind.NEW, **more: Any) -> int:
        ids = tuple(channel.id for channel in channels)
        draft = RuleDraft(more.pop("name", "Rule"), kind, channel_ids=ids, **more)
        return self.rules.create(draft, self.now)

    def issue(self, reason: Reason | None = Reason.NEW, count: int = 1, **columns: Any) -> int:
        """An issue that is to be told of."""
        issue_id = self.stored.issue(count)
        with self.database.write() as connection:
            if columns:
                this = issues.update().where(issues.c.id == issue_id)
                connection.execute(this.values(columns))
            if reason is not None:
                self.announcements.add(connection, reason, {issue_id: self.now}, self.now)
        return issue_id

    def flood(self, count: int) -> None:
        """So many new issues at once."""
        row = {
            "title": "Error: no",
            "culprit": "f",
            "level": "error",
            "platform": "node",
            "project_id": self.project,
            "event_count": 1,
            "first_seen": self.now,
            "last_seen": self.now,
        }
        with self.database.write() as connection:
            new = issues.insert().values([row] * count).returning(issues.c.id)
            due = dict.fromkeys(connection.execute(new).scalars(), self.now)
            self.announcements.add(connection, Reason.NEW, due, self.now)

    def announce(self, issue_id: int, reason: Reason) -> None:
        with self.database.write() as connection:
            self.announcements.add(connection, reason, {issue_id: self.now}, self.now)

    def alerting(self) -> Alerting:
        return Alerting(self.database, self.noted)

    def look(self) -> None:
        """As the digest process does, until nothing is left."""
        alerting = self.alerting()
        while alerting.look(self.now):
            pass

    def send(self, transport: Transport | None = None) -> None:
        """Everything that may be sent now."""
        sender = Sender(self.database, transport or self.noted, lambda: self.now)
        for channel_id in sender.busy():
            sender.empty(channel_id, self.stop)

    def transports(self, mail_port: int = 0, *, allows_private: bool = True) -> Transports:
        server = None
        if mail_port:
            url = f"smtp://127.0.0.1:{mail_port}"
            server = MailServer.parse(Secret(url), "Headwater <alerts@example.com>")
        return Transports(server, AddressGuard(allows_private=allows_private), PUBLIC)

    def log(self) -> Sequence[Delivery]:
        """Everything that was or is to be sent, the oldest first."""
        return self.deliveries.log(page=PageRequest(size=100)).items[::-1]

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)
