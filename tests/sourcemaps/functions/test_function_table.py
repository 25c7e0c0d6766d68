"""Function tables."""

from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.functions.function import PASSED_TO, Point
from headwater.sourcemaps.functions.function_table import (
    Extent,
    FunctionTable,
    changes_of,
    table_of,
    table_of_changes,
)
from headwater.sourcemaps.functions.scopes import read_scopes

SOURCE = """class Queue {
  onTick() { return () => { tick(); }; }
}
const last = function () {};
"""
PLACES = st.tuples(st.integers(0, 6), st.integers(0, 6))
EXTENTS = st.lists(
    st.tuples(PLACES, PLACES, st.sampled_from("abc")).map(
        lambda each: (min(each[:2]), max(each[:2]), each[2])
    ),
    max_size=12,
).map(lambda each: sorted(each, key=lambda one: (one[0], (-one[1][0], -one[1][1]))))


def entries(table: FunctionTable) -> list[tuple[int, int, str | None]]:
    return list(zip(table.lines, table.columns, table.names, strict=True))


def test_each_place_has_the_name_of_the_innermost_function() -> None:
    scopes = read_scopes(SOURCE, "queue.js")

    table = table_of(scopes)

    for line, text in enumerate(SOURCE.splitlines()):
        for column in range(len(text) + 1):
            function = scopes.enclosing(line, column)
            assert table.at(line, column) == (function.stored_name if function else None)
    assert len(table) <= 2 * len(scopes.functions) + 1


def test_the_top_level_has_no_name_and_a_nameless_function_says_so() -> None:
    table = table_of(read_scopes("run(function () { stop(); });\nrun();", "a.js"))

    assert table.at(0, 0) is None
    assert table.at(0, 20) == f"{PASSED_TO}run"
    assert table.at(1, 0) is None


def test_functions_that_overlap_without_nesting_leave_the_later_one_innermost() -> None:
    table = table_of_changes(changes_of([((0, 0), (0, 9), "a"), ((0, 5), (1, 0), "b")]))

    assert entries(table) == [(0, 0, "a"), (0, 5, "b"), (1, 0, None)]


def test_neighbours_of_equal_name_become_one_entry() -> None:
    table = table_of_changes([((0, 1), "a"), ((0, 5), "a"), ((0, 7), None), ((2, 0), None)])

    assert entries(table) == [(0, 1, "a"), (0, 7, None)]


def test_of_changes_at_one_place_the_last_counts() -> None:
    table = table_of_changes([((0, 1), "a"), ((0, 5), "b"), ((0, 5), "a"), ((0, 9), None)])

    assert entries(table) == [(0, 1, "a"), (0, 9, None)]


@given(EXTENTS, PLACES)
def test_a_table_answers_as_its_extents_and_is_sorted(
    extents: list[Extent[str]], place: Point
) -> None:
    table = table_of_changes(changes_of(extents))

    around = [each for each in extents if each[0] <= place < each[1]]
    assert table.at(*place) == (around[-1][2] if around else None)
    places = list(zip(table.lines, table.columns, strict=True))
    assert places == sorted(set(places))
    assert all(one != other for one, other in zip(table.names, table.names[1:], strict=False))
