"""Parsing ends, whatever the text."""

import subprocess
import sys

import pytest

from headwater.sourcemaps.functions.grammar import JAVASCRIPT
from headwater.sourcemaps.functions.parsing import MAX_BRACKETS
from tests.sourcemaps.functions.trees import tree_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("++>" * 10_000, "a.js"),
        ("****\0++" * 4000, "a.tsx"),
        ("<a>" * 300_000 + "<", "a.ts"),
        ("{a:" * 60_000, "a.js"),
        ("<T>(" * 100_000, "a.tsx"),
    ],
    ids=lambda value: value[:4],
)
def test_no_text_takes_the_parser_ages_or_gigabytes_or_the_process(text: str, name: str) -> None:
    program = f"""
from headwater.sourcemaps.functions.scopes import read_scopes
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 * 1024**3,) * 2)
read_scopes(sys.stdin.read(), {name!r})
"""

    child = subprocess.run(
        [sys.executable, "-c", program], input=text, capture_output=True, text=True, check=False
    )

    assert (child.returncode, child.stderr) == (0, "")


def test_brackets_may_nest_as_far_as_code_does() -> None:
    nested = "[" * (MAX_BRACKETS - 1) + "]" * (MAX_BRACKETS - 1)

    tree = tree_of(f"a({nested})", JAVASCRIPT)

    assert tree is not None
    assert not tree.root_node.has_error


def test_columns_are_in_bytes_of_utf_16() -> None:
    tree = tree_of("'😀é'; name", JAVASCRIPT)

    assert tree is not None
    statement = tree.root_node.children[-1]
    assert statement.start_point == (0, 2 * 7)


def test_errors_are_left_to_the_reader() -> None:
    tree = tree_of("function f( { ", JAVASCRIPT)

    assert tree is not None
    assert tree.root_node.has_error
