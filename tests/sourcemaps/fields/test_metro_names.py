"""Metro's spelling of functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.fields.metro_names import spelled_as_elsewhere

SPELLINGS = {
    "<global>": None,
    "<anonymous>": "<anonymous>",
    "": "<anonymous>",
    "handler": "handler",
    "module.exports.run": "module.exports.run",
    "Queue#onTick": "Queue.onTick",
    "Queue.make": "Queue.make",
    "Queue#constructor": "new Queue",
    "constructor": "constructor",
    "Queue#get__size": "Queue.get size",
    "Queue.set__size": "Queue.set size",
    "get__size": "get size",
    "Queue#get__": "Queue.get__",
    "Queue#@@iterator": "Queue.[Symbol.iterator]",
    "Queue.prototype.onTick": "Queue.onTick",
    "map$argument_0": "<anonymous>",
    "list.map$argument_10": "<anonymous>",
    "_extends$argument_2.onSubmit": "onSubmit",
    "a$argument_0.b$argument_1.run": "run",
}


@pytest.mark.parametrize(("metro", "expected"), SPELLINGS.items())
def test_a_function_is_spelled_as_by_the_other_evidence(metro: str, expected: str | None) -> None:
    assert spelled_as_elsewhere(metro) == expected


@given(st.text(st.sampled_from("ab#.@$_get__argument_0 "), max_size=40))
def test_no_name_becomes_empty_by_its_spelling(metro: str) -> None:
    spelled = spelled_as_elsewhere(metro)

    assert spelled is None or spelled
