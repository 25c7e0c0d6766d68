"""E-mail, by the SMTP server that a setting names. Loaded when a mail is sent."""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final

from headwater.alerts.mail_server import MailServer
from headwater.alerts.outcome import ANSWER_SECONDS, Deadline, NotSent, Refused
from headwater.alerts.wording import worded
from headwater.storage.alerts.channels import recipients
from headwater.storage.alerts.deliveries import Delivery
from headwater.storage.secret import Secret

_PERMANENT: Final = range(500, 600)
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


class Mail:
    """Sends one message at a time; a connection for each."""

    def __init__(self, server: MailServer | None, public_url: str) -> None:
        self._server = server
        self._public_url = public_url

    def send(self, delivery: Delivery, address: Secret) -> None:
        """To every recipient of a channel. Raises NotSent."""
        if self._server is None:
            raise Refused("no mail server is set: HEADWATER_SMTP_URL and HEADWATER_MAIL_FROM")
        to = recipients(address.reveal())
        message = self.message(delivery, to)
        try:
            with self._connected(self._server) as smtp:
                refused = smtp.send_message(message, parseaddr(self._server.sender)[1], to)
        except smtplib.SMTPException as error:
            raise _told(error, self._server) from None
        except (OSError, ValueError) as error:
            raise NotSent(f"the mail server can't be reached: {_named(error)}") from None
        if refused:
            # The others have it: once more would be twice for them.
            code = next(iter(refused.values()))[0]
            raise Refused(f"{len(refused)} of {len(to)} recipients were refused ({code})")

    def message(self, delivery: Delivery, to: list[str]) -> EmailMessage:
        """As it is sent; the same id at every try, so that mail servers see that it is the same."""
        server = self._server
        assert server is not None  # noqa: S101 - for the type checker
        words = worded(delivery.message, self._public_url)
        mail = EmailMessage()
        mail["Subject"] = words.subject
        name, mailbox = parseaddr(server.sender)
        mail["From"] = Address(display_name=name, addr_spec=mailbox)
        mail["To"] = ", ".join(to)
        mail["Date"] = format_datetime(delivery.created_at.astimezone(UTC))
        stamp = int(delivery.created_at.timestamp() * 1_000_000)
        mail["Message-ID"] = f"<headwater-{delivery.id}-{stamp:x}@{server.domain}>"
        # Nobody's holiday answers it.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(words.text)
        mail.add_alternative(words.html, subtype="html")
        return mail

    @contextlib.contextmanager
    def _connected(self, server: MailServer) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        opened = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=ANSWER_SECONDS, context=context)
            if server.is_wrapped
            else smtplib.SMTP(server.host, server.port, timeout=ANSWER_SECONDS)
        )
        with opened as smtp, Deadline() as limit:
            limit.watch(smtp.sock)
            smtp.ehlo()
            if not server.is_wrapped and smtp.has_extn("starttls"):
                smtp.starttls(context=context)
                limit.watch(smtp.sock)
                smtp.ehlo()
            elif server.user and not server.is_wrapped and server.host not in _LOOPBACK:
                raise Refused("the mail server offers no TLS, so the password was not sent")
            if server.user:
                smtp.login(server.user, server.password.reveal())
            yield smtp


def _told(error: smtplib.SMTPException, server: MailServer) -> NotSent:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _ in error.recipients.values()}
        kind = Refused if codes <= set(_PERMANENT) else NotSent
        return kind(f"every recipient was refused ({', '.join(map(str, sorted(codes)))})")
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        text = server.password.removed_from(" ".join(text.split()))[:200]
        kind = Refused if error.smtp_code in _PERMANENT else NotSent
        return kind(f"the mail server said {error.smtp_code}: {text}")
    return NotSent(f"the mail server can't be used: {error.__class__.__name__}")


def _named(error: Exception) -> str:
    return getattr(error, "strerror", None) or error.__class__.__name__
