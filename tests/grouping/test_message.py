"""What of a message varies, and what doesn't."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.grouping.message import MAX_MESSAGE, parameterize


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Order 4711 of ann@example.com failed", "Order <number> of <email> failed"),
        ("GET https://api.example.com/v1/users/7?x=1 failed", "GET <url> failed"),
        ("no user 9a00dac2-cd57-1ff9-10f2-694180a6fdc4", "no user <uuid>"),
        ("commit 381fefe0e9c7 is gone", "commit <hex> is gone"),
        ("at 0x7fffABCD", "at <hex>"),
        ("expired 2026-11-01T12:00:00.123Z!", "expired <date>!"),
        ("expired 2026-11-01", "expired <date>"),
        ("since Sun, 01 Nov 2026 12:00:00 GMT", "since <date>"),
        ("at 12:34:56", "at <time>"),
        ("10.0.0.1:8080 refused", "<ip> refused"),
        ("2001:db8::8a2e:370:7334 refused", "<ip> refused"),
        ("connect ::1 refused", "connect <ip> refused"),
        ("took 12.5ms, wanted -3", "took <number>ms, wanted <number>"),
        ("100% of 1,000", "<number>% of <number>"),
        ("Cannot read properties of undefined (reading 'id')", "Cannot read properties of undefined (reading 'id')"),
        ("utf8 and sha256 are words", "utf8 and sha256 are words"),
        ("facade and deadbeef are words", "facade and deadbeef are words"),
        ("Class::method is not a function", "Class::method is not a function"),
        ("  first\n  second", "first"),
        ("\n\n  late", "late"),
        ("a   b", "a b"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_varies_is_replaced_by_its_kind(message: str, expected: str) -> None:
    assert parameterize(message) == expected


def test_the_end_of_a_long_message_does_not_count() -> None:
    assert parameterize("x" * MAX_MESSAGE + "a") == parameterize("x" * MAX_MESSAGE + "b")


@settings(deadline=None)
@given(st.text(alphabet="0123456789abcdef:.-@/ x", max_size=2000))
def test_any_text_is_done_with_soon(message: str) -> None:
    assert len(parameterize(message)) <= MAX_MESSAGE * 5
