"""What rules there are, and whom and what they are about: read once for each look."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from headwater.storage.alerts.channels import Channel, Channels
from headwater.storage.alerts.deliveries import NewDelivery
from headwater.storage.alerts.message import Message, plain
from headwater.storage.alerts.rules import Rule, Rules
from headwater.storage.database import Database
from headwater.storage.projects import Project, Projects


class Ground(Struct, frozen=True):
    """`rules`: those that are on and tell somebody."""

    rules: Sequence[Rule]
    channels: Mapping[int, Channel]
    projects: Mapping[int, Project]

    @classmethod
    def of(cls, database: Database) -> "Ground":
        """As it is now."""
        return cls(
            Rules(database).in_force(),
            {each.id: each for each in Channels(database).all()},
            {each.id: each for each in Projects(database).all()},
        )

    def deliveries(
        self, rule: Rule, project: Project, message: Message, occasion: str
    ) -> Iterator[NewDelivery]:
        """A message of a rule, to each of its channels."""
        told = msgspec.structs.replace(message, kind=rule.kind.value, rule=plain(rule.name))
        for channel_id in rule.channel_ids:
            channel = self.channels.get(channel_id)
            if channel is not None:
                yield NewDelivery(
                    channel.id, channel.name, rule.id, rule.name, project.id, occasion, told
                )
