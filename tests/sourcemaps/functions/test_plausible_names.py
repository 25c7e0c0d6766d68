"""Function tables that a map carries, held against the source."""

import pytest

from headwater.sourcemaps.functions.function_table import FunctionTable, table_of
from headwater.sourcemaps.functions.plausible_names import is_plausible
from headwater.sourcemaps.functions.scopes import read_scopes

SOURCE = "class Queue {\n  onTick() { return run(() => 1); }\n}\nfunction run(f) { return f(); }\n"


def test_the_table_of_the_source_itself_is_plausible() -> None:
    assert is_plausible(table_of(read_scopes(SOURCE, "a.js")), SOURCE)
    assert is_plausible(FunctionTable([], [], []), "")


def test_a_table_of_nameless_functions_is_plausible() -> None:
    assert is_plausible(
        FunctionTable([0, 0], [3, 9], ["<anonymous>", "Queue.<static_initializer>"]), SOURCE
    )


def test_a_table_that_runs_out_of_the_source_is_not() -> None:
    assert not is_plausible(FunctionTable([0, 5], [0, 0], ["run", None]), SOURCE)


@pytest.mark.parametrize(
    ("names", "plausible"),
    [(["e", "t", "run"], False), (["e", "run", "Queue.onTick"], True), (["Queue.get run"], True)],
)
def test_most_names_must_be_words_of_the_source(names: list[str], plausible: bool) -> None:  # noqa: FBT001
    table = FunctionTable(list(range(len(names))), [0] * len(names), names)

    assert is_plausible(table, SOURCE) == plausible
