"""Style sheets: headwater.css is everybody's, each of the others is of one family of pages."""

import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import combinations

import pytest

SHARED = "headwater.css"
SHEETS = {
    entry.name: re.sub(r"/\*.*?\*/", "", entry.read_text(), flags=re.DOTALL)
    for entry in (files("headwater.server.web") / "static").iterdir()
    if entry.name.endswith(".css")
}
FAMILIES = sorted(set(SHEETS) - {SHARED})


def _selectors(sheet: str) -> Iterator[str]:
    for found in re.finditer(r"([^{}]+)\{", SHEETS[sheet]):
        if not found[1].strip().startswith("@"):
            # A comma within `:is(…)` or `:not(…)` parts no selectors.
            yield from (each.strip() for each in re.split(r",(?![^(]*\))", found[1]))


def _classes(text: str) -> set[str]:
    return set(re.findall(r"\.([a-z][\w-]*)", text))


def _classes_of(sheet: str) -> set[str]:
    return set().union(*map(_classes, _selectors(sheet)))


@pytest.mark.parametrize(("one", "other"), list(combinations(FAMILIES, 2)))
def test_no_class_is_defined_in_the_sheets_of_two_families(one: str, other: str) -> None:
    assert _classes_of(one) & _classes_of(other) - _classes_of(SHARED) == set()


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_says_nothing_about_the_pages_of_others(family: str) -> None:
    shared = _classes_of(SHARED)

    assert [each for each in _selectors(family) if not _classes(each) - shared] == []


def test_every_sheet_is_looked_at() -> None:
    assert len(FAMILIES) >= 5
    assert "issue" in _classes_of(SHARED)
