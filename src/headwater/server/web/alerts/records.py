"""What the pages about alerts read and write."""

from typing import Final

from msgspec import Struct

from headwater.server.errors import NothingThere
from headwater.server.numbers import number_in
from headwater.storage.alerts.channels import Channel, Channels
from headwater.storage.alerts.deliveries import Deliveries
from headwater.storage.alerts.rules import Rule, Rules
from headwater.storage.database import Database

TEST_SECONDS: Final = 25.0
"""How long the page waits for what became of a test; a receiver has a little less."""


class AlertRecords(Struct, frozen=True):
    """`has_mail`: whether a mail server is set. `patience`: seconds that a test is waited for."""

    rules: Rules
    channels: Channels
    deliveries: Deliveries
    has_mail: bool
    patience: float

    @classmethod
    def of(
        cls, database: Database, *, has_mail: bool, patience: float = TEST_SECONDS
    ) -> "AlertRecords":
        """All of one database."""
        return cls(Rules(database), Channels(database), Deliveries(database), has_mail, patience)

    def channel(self, number: str) -> Channel:
        """That of an address. Raises NothingThere."""
        found = self.channels.get(number_in(number))
        if found is None:
            raise NothingThere("There is no such channel, or it was deleted.")
        return found

    def rule(self, number: str, project_id: int | None) -> Rule:
        """That of an address below a project, or below none. Raises NothingThere."""
        found = self.rules.get(number_in(number))
        if found is None or found.project_id != project_id:
            raise NothingThere("There is no such rule, or it was deleted.")
        return found
