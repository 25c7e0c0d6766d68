"""Thousands of functions side by side: none of them looks at all the others."""

from itertools import count
from typing import ClassVar

import pytest

from headwater.sourcemaps.functions import function_names
from headwater.sourcemaps.functions.scopes import read_scopes
from headwater.sourcemaps.functions.waiting_functions import PROPERTY, WaitingFunctions

MANY = 500
A_FEW = 10
"""Looks at others that a function may take."""


def test_a_child_of_an_element_does_not_read_all_children(monkeypatch: pytest.MonkeyPatch) -> None:
    read = count()
    text_of = function_names._text  # noqa: SLF001 # what it costs is how often a text is copied
    monkeypatch.setattr(function_names, "_text", lambda node: (next(read), text_of(node))[1])

    scopes = read_scopes(f"x = <A>{'{() => 1}' * MANY}</A>;", "a.jsx")

    assert {each.name for each in scopes.functions} == {"_jsx.children"}
    assert next(read) < A_FEW * MANY


@pytest.mark.parametrize("blank", ["", " \n "])
def test_an_only_child_is_called_children_whatever_blank_is_around_it(blank: str) -> None:
    scopes = read_scopes(f"x = <A>{blank}{{() => 1}}{blank}</A>;", "a.jsx")

    assert [each.name for each in scopes.functions] == ["children"]


class Id(int):
    """A function's id that counts what it is compared with."""

    compared: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Id.compared += 1
        return int(self) == other

    __hash__ = int.__hash__


def test_an_element_of_an_array_is_passed_over_without_looking_at_the_others() -> None:
    functions = [Id(each) for each in range(MANY)]
    waiting = WaitingFunctions({*functions, MANY})
    for each in (*functions, MANY):
        waiting.add(each)
    Id.compared = 0

    for each in functions:
        waiting.pass_over(each)
    waiting.push("order", PROPERTY)
    waiting.infer()

    assert waiting.found == {MANY: (("order", PROPERTY),)}
    assert Id.compared < A_FEW * MANY
