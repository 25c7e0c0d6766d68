"""What may be chosen for a project."""

import pytest

from headwater.storage.choices import (
    EVENTS_PER_MINUTE,
    MAX_FIELD_NAME,
    MAX_SENSITIVE_FIELDS,
    InvalidChoice,
    parse_field_names,
)


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), (" 600 ", 600), ("1000000", 1_000_000), ("", None), ("  ", None)]
)
def test_a_number_or_nothing_can_be_chosen(text: str, number: int | None) -> None:
    assert EVENTS_PER_MINUTE.parse(text) == number


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", "1000001", "9" * 60_000, "²"])
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(
        InvalidChoice, match=r"Events per minute must be .* from 1 to 1,000,000"
    ) as it:
        EVENTS_PER_MINUTE.parse(text)
    assert len(str(it.value)) < 200


def test_names_of_fields_come_one_a_line_or_between_commas_each_once() -> None:
    text = "iban\r\n  customer   number\n\niban, tax_id,"

    assert parse_field_names(text) == ("iban", "customer number", "tax_id")
    assert parse_field_names(" \n,") == ()


@pytest.mark.parametrize(
    "text",
    ["\n".join(map(str, range(MAX_SENSITIVE_FIELDS + 1))), "x" * (MAX_FIELD_NAME + 1)],
)
def test_more_or_longer_names_than_are_looked_for_are_refused(text: str) -> None:
    with pytest.raises(InvalidChoice, match=r"(a|A)t most"):
        parse_field_names(text)
