"""Where strings begin and end, against a JSON writer."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.reading import quotes as module
from headwater.sourcemaps.reading.literals import literals_of
from headwater.sourcemaps.reading.quotes import quotes_of

TEXTS = st.text(alphabet='a"\\\\\n,[]é😀', max_size=90)


@pytest.fixture(autouse=True)
def _small_windows() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WINDOW", 7)
        yield


@given(st.lists(TEXTS | st.none(), max_size=6), st.sampled_from([None, 1]))
def test_strings_and_nulls_of_a_list_are_found(
    entries: list[str | None], indent: int | None
) -> None:
    raw = memoryview(json.dumps(entries, indent=indent).encode())
    faults: list[str] = []

    found = list(literals_of(raw, len(entries), faults))

    assert [None if each is None else json.loads(bytes(each)) for each in found] == entries
    assert faults == []


@given(TEXTS)
def test_a_string_has_two_quotes_of_its_own(text: str) -> None:
    raw = json.dumps(text, ensure_ascii=False).encode()

    assert list(quotes_of(memoryview(raw))) == [0, len(raw) - 1]


@pytest.mark.parametrize("backslashes", [2, 63, 64, 65, 255, 256, 257, 5000])
def test_any_number_of_backslashes_is_counted(backslashes: int) -> None:
    text = "\\" * backslashes
    raw = json.dumps([text, '"', text]).encode()

    found = [json.loads(bytes(each or b"")) for each in literals_of(memoryview(raw), 3, [])]

    assert found == [text, '"', text]


def test_a_list_that_is_cut_within_a_string_is_at_fault() -> None:
    faults: list[str] = []

    assert len(list(literals_of(memoryview(b'["whole", "cut'), 5, faults))) == 1
    assert len(faults) == 1
