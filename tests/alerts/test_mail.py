"""Mail by a real SMTP server on loopback."""

from typing import Any

import pytest

from headwater.alerts.mail_server import InvalidMailServer, MailServer
from headwater.storage.alerts.channels import ChannelKind
from headwater.storage.alerts.deliveries import State
from headwater.storage.secret import Secret
from tests.alerts.receivers import Mailbox
from tests.alerts.side import PUBLIC, AlertSide

HOSTILE = "<b>x</b> & \r\nBcc: evil@example.com\r\n\r\nbody \u202egnp.exe " + "long " * 400


def told(side: AlertSide, box: Mailbox, **columns: Any) -> None:
    side.rule(side.channel(ChannelKind.EMAIL, "ada@example.com grace@example.com"))
    side.issue(**columns)
    side.look()
    side.send(side.transports(box.port))


def test_a_mail_has_what_broke_where_and_the_link_as_text_and_html(
    side: AlertSide, box: Mailbox
) -> None:
    told(side, box, title="Error: Invoice not found", culprit="getInvoice · src/invoices.ts:84")

    mail = box.mails[0]
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text
    assert html
    assert box.recipients == [["ada@example.com", "grace@example.com"]]
    assert mail["Subject"] == "[Shop] New issue: Error: Invoice not found"
    assert mail["From"] == "Headwater <alerts@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    for part in (text.get_content(), html.get_content()):
        for fact in ("Error: Invoice not found", "getInvoice · src/invoices.ts:84", "production"):
            assert fact in part
        assert f"{PUBLIC}/issues/1" in part


def test_a_hostile_title_is_neither_a_header_nor_markup(side: AlertSide, box: Mailbox) -> None:
    told(side, box, title=HOSTILE, culprit="<script>alert(1)</script>")

    mail = box.mails[0]
    html = mail.get_body(("html",))
    assert html
    content = html.get_content()
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) <= 150
    assert "\u202e" not in content
    assert "<b>" not in content
    assert "&lt;b&gt;x&lt;/b&gt; &amp; Bcc" in content
    assert "<script" not in content


def test_a_mail_that_was_put_off_comes_again_under_the_same_id(
    side: AlertSide, box: Mailbox
) -> None:
    box.answers = ["451 later"]
    told(side, box)
    put_off = side.log()[0]

    side.later(minutes=1)
    side.send(side.transports(box.port))
    side.deliveries.begin(side.log()[0], side.now)

    assert (put_off.state, put_off.error) == (
        State.WAITING,
        "the mail server said 451: later",
    )
    assert side.log()[0].state is State.SENT
    assert box.mails[0]["Message-ID"].startswith("<headwater-1-")


def test_a_mail_that_was_refused_is_given_up(side: AlertSide, box: Mailbox) -> None:
    box.answers = ["554 spam"]

    told(side, box)

    assert (side.log()[0].state, side.log()[0].error) == (
        State.FAILED,
        "the mail server said 554: spam",
    )


def test_without_a_mail_server_the_log_says_what_to_set(side: AlertSide) -> None:
    side.rule(side.channel(ChannelKind.EMAIL, "ada@example.com"))
    side.issue()
    side.look()

    side.send(side.transports())

    assert "HEADWATER_SMTP_URL" in side.log()[0].error


def test_the_password_is_not_sent_in_the_clear() -> None:
    server = MailServer.parse(Secret("smtp://ada:p%40ss@mail.example.com"), "alerts@example.com")

    assert (server.host, server.port, server.user) == ("mail.example.com", 587, "ada")
    assert server.password.reveal() == "p@ss"
    assert "p@ss" not in repr(server)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mail.example.com", "a@example.com"),
        ("smtp://", "a@example.com"),
        ("smtp://host:port", "a@example.com"),
        ("smtp://host/path", "a@example.com"),
        ("smtp://host", "nobody"),
        ("smtp://host", "a@example.com\nBcc: b@example.com"),
    ],
)
def test_a_wrong_server_says_what_was_expected_and_no_secret(url: str, sender: str) -> None:
    with pytest.raises(InvalidMailServer, match="must be"):
        MailServer.parse(Secret(url.replace("//", "//user:hunter22@")), sender)
