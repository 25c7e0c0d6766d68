"""Envelopes as SDKs write them, and as they should not."""

import contextlib
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from headwater.protocol.dsn import Dsn
from headwater.protocol.envelope import (
    MAX_HEADER,
    MAX_ITEM_HEADER,
    MAX_ITEM_HEADERS,
    MAX_ITEMS,
    MalformedEnvelope,
    dsn_of,
    envelope_of,
    item_of,
    parse_envelope,
)

ID = "9a00dac2cd571ff910f2694180a6fdc4"


def test_an_envelope_of_a_javascript_sdk_has_no_lengths() -> None:
    envelope = parse_envelope(
        b'{"event_id":"%b","sent_at":"2026-11-01T12:00:00.000Z"}\n' % ID.encode()
        + b'{"type":"event"}\n{"message":"a"}\n{"type":"session"}\n{"sid":1}'
    )

    assert envelope.event_id == ID
    assert envelope.sent_at == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert [(item.type, item.payload) for item in envelope.items] == [
        ("event", b'{"message":"a"}'),
        ("session", b'{"sid":1}'),
    ]


def test_a_payload_with_a_length_may_hold_line_breaks() -> None:
    envelope = parse_envelope(
        b'{}\n{"type":"attachment","length":5}\na\nb\nc\n{"type":"event","length":2}\n{}\n\n'
    )

    assert [item.payload for item in envelope.items] == [b"a\nb\nc", b"{}"]


@pytest.mark.parametrize(
    "body",
    [
        b'{}\n{"type":"x","length":0}\n\n{"type":"y","length":0}\n',
        b'{}\n\n\n{"type":"x"}\n\n{"type":"y"}\n\n\n\n',
        b'{}\r\n{"type":"x","length":1}\r\n1\r\n{"type":"y"}\r\n2\r\n',
    ],
)
def test_empty_payloads_and_spare_line_breaks_are_fine(body: bytes) -> None:
    if b"\r" in body:
        with pytest.raises(MalformedEnvelope):
            parse_envelope(body.replace(b'"length":1}\r', b'"length":3}\r'))

    assert [item.type for item in parse_envelope(body).items] == ["x", "y"]


def test_dashes_in_the_event_id_and_the_dsn_are_read() -> None:
    envelope = parse_envelope(
        b'{"event_id":"9A00DAC2-CD57-1FF9-10F2-694180A6FDC4","dsn":"http://k@h:1/2"}'
    )

    assert envelope.event_id == ID
    assert envelope.dsn == Dsn("http", "k", "h", 1, "/", "2")
    assert envelope.items == ()


def test_the_dsn_can_be_read_before_the_rest_has_come() -> None:
    first_line = b'{"dsn":"http://k@h:1/2"}'

    assert (
        dsn_of(first_line)
        == dsn_of(first_line + b"\n{nonsense")
        == Dsn("http", "k", "h", 1, "/", "2")
    )
    assert dsn_of(b"{}\n") is None
    with pytest.raises(MalformedEnvelope, match="line 1"):
        dsn_of(b"nonsense")


def test_headers_of_the_wrong_type_are_as_good_as_absent() -> None:
    envelope = parse_envelope(b'{"event_id":5,"sent_at":[],"dsn":"no"}\n')

    assert (envelope.event_id, envelope.sent_at, envelope.dsn) == (None, None, None)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "expected a JSON object in line 1, the envelope's headers, but found not JSON"),
        (b"[]\n", "line 1, the envelope's headers, not a list"),
        (b"{}\nhello\n", "the headers of item 1 at byte 3, but found not JSON"),
        (b"{}\n7\n", "the headers of item 1 at byte 3, not a int"),
        (b'{}\n{"length":0}\n', "expected a `type` in the headers of item 1"),
        (b'{}\n{"type":5}\n', "expected a `type`"),
        (b'{}\n{"type":"event","length":9}\n{}', "says that its payload has 9 bytes, but only 2 follow at byte 31"),
        (b'{}\n{"type":"event","length":1}\n{}\n', "expected a line break at byte 32, after the 1 bytes of item 1"),
        (b'{}\n{"type":"event","length":-1}\n', "expected a whole number of bytes"),
        (b'{}\n{"type":"event","length":true}\n', "expected a whole number of bytes"),
        (b'{}\n{"type":"event","length":"2"}\n{}', "expected a whole number of bytes"),
        (b'{"a":"' + b"x" * MAX_HEADER + b'"}\n', f"at most {MAX_HEADER} bytes"),
        (b'{"a":"' + b"x" * MAX_HEADER + b'"}', f"at most {MAX_HEADER} bytes"),
        (b'{}\n{"type":"x","a":"' + b"x" * MAX_ITEM_HEADER + b'"}\n', f"item 1 at byte 3 to be at most {MAX_ITEM_HEADER} bytes"),
        (b"{}\n" + b'{"type":"x","a":"%b"}\n1\n' % (b"x" * 8000) * 50, f"at most {MAX_ITEM_HEADERS} bytes of items' headers; the headers of item 33"),
        (b"{}\n" + b'{"type":"x"}\n1\n' * (MAX_ITEMS + 1), f"at most {MAX_ITEMS} items"),
    ],
)  # fmt: skip
def test_a_malformed_envelope_is_refused_saying_what_was_expected_and_where(
    body: bytes, complaint: str
) -> None:
    with pytest.raises(MalformedEnvelope, match=r"expected|says") as refusal:
        parse_envelope(body)

    assert complaint in str(refusal.value)


def test_an_envelope_of_line_breaks_only_is_read_in_one_go() -> None:
    assert parse_envelope(b"{}\n" + b"\n" * 5_000_000).items == ()


def test_what_is_left_of_an_envelope_is_written_as_it_came() -> None:
    envelope = parse_envelope(b'{ "a": 1 }\n{"type":"session"}\n{}\n{ "type":"event" }\n{"x":2}')

    kept = replace(envelope, items=envelope.items[1:])

    assert bytes(kept) == b'{ "a": 1 }\n{ "type":"event" }\n{"x":2}\n'


def test_a_lone_event_becomes_an_envelope() -> None:
    envelope = parse_envelope(bytes(envelope_of(item_of("event", b'{\n"a": 1}\n'), ID)))

    assert envelope.event_id == ID
    assert [(item.type, item.payload) for item in envelope.items] == [("event", b'{\n"a": 1}\n')]


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=50)), max_size=5))
def test_what_is_written_reads_the_same(items: list[tuple[bool, bytes]]) -> None:
    parts = [b"{}\n"]
    payloads = []
    for has_length, data in items:
        payload = data if has_length else data.translate(None, b"\r\n") or b"x"
        header = b'{"type":"t","length":%d}' % len(payload) if has_length else b'{"type":"t"}'
        parts += [header, b"\n", payload, b"\n"]
        payloads.append(payload)

    envelope = parse_envelope(b"".join(parts))

    assert [item.payload for item in envelope.items] == payloads
    assert parse_envelope(bytes(envelope)) == envelope


def test_mutations_are_read_or_refused_and_nothing_else() -> None:
    dice = random.Random(5)  # noqa: S311
    whole = b'{"event_id":"%b"}\n{"type":"event","length":15}\n{"message":"a"}\n{"type":"session"}\n{}\n'
    for _ in range(2000):
        mutant = bytearray(whole % ID.encode())
        for _ in range(dice.randrange(1, 5)):
            mutant[dice.randrange(len(mutant))] = dice.randrange(256)
        with contextlib.suppress(MalformedEnvelope):
            assert len(parse_envelope(bytes(mutant)).items) <= 5
