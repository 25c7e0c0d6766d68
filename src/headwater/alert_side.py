"""What alerts need of the settings."""

from headwater.alerts.address_guard import AddressGuard
from headwater.alerts.alerting import Alerting
from headwater.alerts.mail_server import InvalidMailServer, MailServer
from headwater.alerts.transports import Transports
from headwater.settings import InvalidSetting, Settings
from headwater.storage.database import Database
from headwater.storage.secret import Secret


def alerting_of(settings: Settings, database: Database) -> Alerting:
    """What goes on beside the digest. Raises InvalidSetting."""
    guard = AddressGuard(allows_private=settings.alert_private_addresses == "on")
    return Alerting(database, Transports(mail_server(settings), guard, settings.reached_at))


def mail_server(settings: Settings) -> MailServer | None:
    """Where mail is sent through, if there is one. Raises InvalidSetting."""
    if not settings.smtp_url:
        return None
    try:
        return MailServer.parse(Secret(settings.smtp_url), settings.mail_from)
    except InvalidMailServer as error:
        raise InvalidSetting(str(error)) from None
