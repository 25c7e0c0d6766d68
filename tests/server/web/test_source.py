"""Lines of source: colours, the lit line, and the mark under the column."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.server.excerpt import MAX_LINE, index_of
from headwater.server.web.source import SourceLine, coloured, source_lines


def _text(line: SourceLine) -> str:
    return html.unescape(re.sub(r"</?span[^>]*>", "", str(line.code)))


def test_five_lines_on_each_side_are_numbered_and_the_one_is_lit() -> None:
    lines = source_lines(
        "a.ts", (84, 5), "    throw x;", [f"b{n}" for n in range(9)], [f"a{n}" for n in range(9)]
    )

    assert [line.number for line in lines] == list(range(79, 90))
    assert [line.number for line in lines if line.lit] == [84]
    assert [_text(line) for line in lines][:5] == ["b4", "b5", "b6", "b7", "b8"]


def test_the_mark_stands_under_the_column() -> None:
    (line,) = source_lines("a.ts", (1, 5), "    throw x;")

    assert line.caret == "    "


def test_tabs_stay_tabs_so_that_the_mark_follows_the_readers_tab_stops() -> None:
    (line,) = source_lines("a.ts", (1, 4), "\t\tx y")

    assert line.caret == "\t\t "


@pytest.mark.parametrize(
    ("text", "column", "index"),
    [
        ("abc", 0, 0),
        ("abc", 3, 3),
        ("abc", 4, None),
        ("", 0, 0),
        ("🧾b", 0, 0),
        ("🧾b", 1, 0),
        ("🧾b", 2, 1),
        ("🧾b", 3, 2),
        ("發b", 1, 1),
    ],
)
def test_columns_count_utf_16_units_and_marks_count_characters(
    text: str, column: int, index: int | None
) -> None:
    assert index_of(text, column) == index


def test_wide_characters_push_the_mark_as_far_as_they_are_wide() -> None:
    (line,) = source_lines("a.ts", (1, 5), "發🧾x = 1")

    assert line.caret == "\u3000\u3000 "


def test_a_column_beyond_the_line_has_no_mark() -> None:
    assert source_lines("a.ts", (1, 99), "x")[0].caret is None
    assert source_lines("a.ts", (1, None), "x")[0].caret is None


def test_of_a_minified_line_the_part_around_the_column_is_kept() -> None:
    text = "a" * 100_000 + "HERE" + "b" * 100_000

    (line,) = source_lines("a.js", (1, 100_001), text)

    shown = _text(line)
    assert len(shown) == MAX_LINE
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert line.caret is not None
    assert shown[len(line.caret) :].startswith("HERE")


@pytest.mark.parametrize("column", [1, 2, 79, 80, 81, 300, 499, 500, 501])
def test_the_mark_stays_true_wherever_a_long_line_is_cut(column: int) -> None:
    text = "".join(chr(0x4E00 + n) for n in range(500))

    (line,) = source_lines("a.js", (1, column), text)

    assert line.caret is not None
    assert _text(line)[len(line.caret) :][:1] == text[column - 1 : column]
    assert len(_text(line)) <= MAX_LINE


def test_other_long_lines_are_cut_at_their_end() -> None:
    lines = source_lines("a.js", (2, 1), "x", ["y" * 10_000])

    assert _text(lines[0]) == "y" * (MAX_LINE - 1) + "…"


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\x00", "\x1b", "\u2028", "\r", "\ud800"])
def test_characters_that_deceive_are_shown_as_what_they_are_not(mark: str) -> None:
    (line,) = source_lines("a.ts", (1, 3), f"a{mark}b")

    assert _text(line) == "a\ufffdb"
    assert line.caret == "  "


def test_code_is_coloured_by_its_language() -> None:
    typescript = coloured("src/a.ts", ["const a: string = 'x'; // why"])[0]
    python = coloured("a.py", ["def f(): return 1"])[0]

    assert '<span class="k">const</span>' in typescript
    assert '<span class="c">// why</span>' in typescript
    assert '<span class="k">def</span>' in python


def test_a_file_of_an_unknown_kind_is_plain_text() -> None:
    assert coloured("a.wasm", ["const <b> & 'x'"]) == ["const &lt;b&gt; &amp; &#39;x&#39;"]


def test_an_excerpt_that_begins_inside_a_comment_is_coloured_as_one() -> None:
    first, second, third = coloured("a.ts", [" * the old way", " */", "const a = 1;"])

    assert first == '<span class="c"> * the old way</span>'
    assert second == '<span class="c"> */</span>'
    assert '<span class="k">const</span>' in third


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=60), max_size=8))
def test_colouring_changes_no_character_and_no_line(lines: list[str]) -> None:
    for name in ("a.ts", "a.py", "a.txt", "a.coffee"):
        found = coloured(name, lines)
        shown = [html.unescape(re.sub(r"</?span[^>]*>", "", str(line))) for line in found]
        assert shown == (lines or [""])


@given(st.text(max_size=400), st.integers(0, 500))
def test_any_line_and_column_give_a_line(text: str, column: int) -> None:
    (line,) = source_lines("a.ts", (1, column), text.replace("\n", " "))

    assert len(_text(line)) <= MAX_LINE
    assert line.caret is None or len(line.caret) <= MAX_LINE
