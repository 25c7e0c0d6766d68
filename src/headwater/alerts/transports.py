"""The way to each kind of channel."""

from datetime import datetime

from headwater.alerts.address_guard import AddressGuard
from headwater.alerts.by_apprise import Services
from headwater.alerts.mail_server import MailServer
from headwater.alerts.webhook import Webhook
from headwater.storage.alerts.channels import Channel, ChannelKind
from headwater.storage.alerts.deliveries import Delivery


class Transports:
    """`public_url`: what links in messages begin with, without a slash at its end."""

    def __init__(self, mail: MailServer | None, guard: AddressGuard, public_url: str) -> None:
        self._mail_server = mail
        self._public_url = public_url
        self._webhook = Webhook(guard, public_url)
        self._services = Services(guard, public_url)

    def send(self, delivery: Delivery, channel: Channel, now: datetime) -> None:
        """Raises NotSent."""
        if channel.kind is ChannelKind.EMAIL:
            # Many instances send none, and it takes 1 MB.
            from headwater.alerts.mail import Mail  # noqa: PLC0415

            Mail(self._mail_server, self._public_url).send(delivery, channel.address)
        elif channel.kind is ChannelKind.WEBHOOK:
            self._webhook.send(delivery, channel, now)
        else:
            self._services.send(delivery, channel.address)
