"""What channels may be, and what is seen of them."""

import pytest

from headwater.storage.alerts.channels import MAX_CHANNELS, ChannelKind, InvalidChannel
from headwater.storage.secret import Secret
from tests.alerts.side import AlertSide


@pytest.mark.parametrize(
    ("kind", "address", "shown"),
    [
        (
            ChannelKind.EMAIL,
            "ada@example.com;\n grace@example.com",
            "ada@example.com, grace@example.com",
        ),
        (ChannelKind.WEBHOOK, "https://Example.com:8443/a?token=b", "https://example.com:8443/…"),
        (ChannelKind.SERVICE, "slack://TokenA/TokenB/TokenC", "slack://…"),
    ],
)
def test_an_address_is_kept_whole_and_shown_without_secrets(
    side: AlertSide, kind: ChannelKind, address: str, shown: str
) -> None:
    channel = side.channel(kind, address)

    assert channel.shown == shown
    assert "oken" not in repr(channel)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (ChannelKind.EMAIL, ""),
        (ChannelKind.EMAIL, "nobody"),
        (ChannelKind.EMAIL, "ada@example.com\r\nBcc:"),
        (ChannelKind.EMAIL, ",".join(f"a{n}@example.com" for n in range(21))),
        (ChannelKind.WEBHOOK, ""),
        (ChannelKind.WEBHOOK, "ftp://example.com/"),
        (ChannelKind.WEBHOOK, "http://user:pass@example.com/"),
        (ChannelKind.WEBHOOK, "http:///path"),
        (ChannelKind.WEBHOOK, "http://example.com/ HTTP/1.1\r\nX: y"),
        (ChannelKind.WEBHOOK, "http://[::1/"),
        (ChannelKind.WEBHOOK, "http://x:99999999/"),
        (ChannelKind.WEBHOOK, "https://example.com/" + "a" * 2_000),
        (ChannelKind.SERVICE, "slack"),
        (ChannelKind.SERVICE, "https://example.com"),
        (ChannelKind.SERVICE, "syslog://localhost"),
        (ChannelKind.SERVICE, "JSON://localhost"),
    ],
)
def test_what_can_not_be_sent_to_is_refused(
    side: AlertSide, kind: ChannelKind, address: str
) -> None:
    with pytest.raises(InvalidChannel):
        side.channel(kind, address)

    assert side.channels.all() == []


def test_there_are_not_too_many(side: AlertSide) -> None:
    for _ in range(MAX_CHANNELS):
        side.channel()

    with pytest.raises(InvalidChannel, match="at most 30"):
        side.channel()


def test_a_changed_channel_keeps_its_address_unless_there_is_another(side: AlertSide) -> None:
    channel = side.channel(address="https://example.com/one")

    side.channels.change(channel, "New name", "  ")
    kept = side.channels.get(channel.id)
    side.channels.change(channel, "New name", "https://example.com/two")
    changed = side.channels.get(channel.id)

    assert kept
    assert changed
    assert (kept.name, kept.address) == ("New name", channel.address)
    assert changed.address == Secret("https://example.com/two")


def test_a_secret_is_taken_out_of_what_others_say() -> None:
    secret = Secret("ntfy://user:hunter22@host/topic")

    said = secret.removed_from(
        "user hunter22 can't post to topic at ntfy://user:hunter22@host/topic"
    )

    assert "hunter22" not in said
    assert f"{secret}{secret!r}" == "……"
