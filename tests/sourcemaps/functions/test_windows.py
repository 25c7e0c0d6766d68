"""A source that is parsed in windows has the functions that it has when it is parsed whole."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.sourcemaps.functions import windows
from headwater.sourcemaps.functions.function_table import FunctionTable, table_of
from headwater.sourcemaps.functions.grammar import JAVASCRIPT
from headwater.sourcemaps.functions.scopes import Scopes, read_scopes

SMALL = 2000
"""Bytes of a window, of a few statements."""

PAY = "pay(card, amount) { if (!card) { throw new Error(`no ${card} for ${amount}`); } return amount; }"


def in_windows(source: str, filename: str = "a.js", size: int = SMALL) -> Scopes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "WINDOW", size)
        patch.setattr(windows, "MIN_WINDOW", 16)
        return read_scopes(source, filename, names_only=True)


def table_in_windows(source: str, filename: str = "a.js") -> FunctionTable | None:
    scopes = in_windows(source, filename)
    return table_of(scopes) if scopes.parsed else None


def table(source: str, filename: str = "a.js") -> FunctionTable | None:
    scopes = read_scopes(source, filename, names_only=True)
    return table_of(scopes) if scopes.parsed else None


def many(one: str, between: str = "\n", count: int = 60) -> str:
    return between.join(one.replace("#", str(each)) for each in range(count))


SHAPES = {
    "statements": many(f"function f#() {{}} const g# = {{ {PAY} }};"),
    "one function around all": f"(function () {{ {many(f'const c# = {{ {PAY} }};')} }}).call(this);",
    "an arrow around all": f"(() => {{ {many('exports.f# = () => { return () => #; };')} }})();",
    "modules in an object": f"({{}}.x)({{ {many(f'#: (e, t) => {{ t.x = {{ {PAY} }}; }}', ',')} }});",
    "modules in an array": f"push([{many('#, (e) => { f(function () {}); }', ',')}]);",
    "a class": f"class Cart {{ {many('m#() { return () => 1; } f# = () => 2;')} }}",
    "a class, its constructor first": f"class C {{ constructor() {{ this.a = 1; }} {many('m#() {}')} }}",
    "a class, its constructor last": f"class C {{ {many('m#() { x(); }')} constructor() {{ y(); }} }}",
    "a class expression": f"const Cart = class extends B {{ {many(PAY.replace('pay', 'p#'))} }};",
    "declarations": f"var {many('a# = function () { return #; }', ',')};",
    "declarations without a blank": f"var{{z}}=q,{many('a#=function(){return [#]}', ',')};",
    "a sequence": many("a.b# = function () { c(#); }", ","),
    "a sequence that is returned": f"function f() {{ return {many('a(() => { c(#); })', ',')}; }}",
    "arguments": f"define({many('{ f#: () => #, g: 1 }', ',')});",
    "cases": f"switch (x) {{ {many('case #: { f(() => #); break; }')} default: g(); }}",
    "else": many("if (a#) { f(() => 1); } else if (b) { g(() => 2); } else { h(() => 3); }"),
    "try": many("try { f#(() => 1); } catch (e) { g(() => 2); } finally { h(() => 3); }"),
    "comments": many("/* it's `not` { a # */ function f#() {} // nor } this\n", ""),
    "templates": many("const t# = `a { \\` ${f(() => `b ${#} }`)} ( `; function f#() {}"),
    "expressions without semicolons": many("const f# = () => #\n(function () {})()\n", ""),
    "wide characters": many("const é# = '😀🧡', f# = () => '👩‍👩‍👧';"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_large_source_has_the_same_functions_as_when_it_is_parsed_whole(shape: str) -> None:
    source = SHAPES[shape]

    found = table_in_windows(source)

    assert found == table(source)
    assert found is not None
    assert len(found) > 50


def test_types_do_not_matter() -> None:
    one = "export interface I# { f(): void; } export class C#<A, B> extends D<A, B> { m(x: A): B { return f<A, B>(() => x); } }"
    source = many(one)

    assert table_in_windows(source, "a.ts") == table(source, "a.ts")


@pytest.mark.parametrize(
    "source",
    [
        "f(`" + "x { ( function a() {} \n" * 2000 + "`, () => 1);",
        "/* " + "function a() {} ` ' \n" * 2000 + "*/ const f = () => 1;",
    ],
    ids=["template", "comment"],
)
def test_a_text_longer_than_a_window_is_no_program(source: str) -> None:
    assert table_in_windows(source) in (table(source), None)


def test_a_source_that_cannot_be_cut_has_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "WINDOW_STEPS", 50)

    assert table_in_windows("function f() {} x = " + "'a' + " * 50_000 + "'b';") is None


def calls_to_cut(depth: int) -> int:
    """How many functions are called to find the windows of a text that is nested so deep."""
    inside = many("a, () => #", ",", count=2000)
    source = f"{'f(a,' * depth}{inside}{')' * depth}".encode("utf-16-le")
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        assert windows.parse_windows(source, JAVASCRIPT, lambda *_: True)
    finally:
        sys.setprofile(None)
    return calls


def test_each_of_the_lists_around_a_window_is_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(windows, "WINDOW", 40_000)

    flat, deep, twice_as_deep = calls_to_cut(1), calls_to_cut(400), calls_to_cut(800)

    assert twice_as_deep - flat < 3 * (deep - flat)


def test_an_error_costs_only_itself() -> None:
    source = many("function f#() { g(); }") + "\nconst x = = 1;\n" + many("function h#() { g(); }")

    found = table_in_windows(source)

    assert found is not None
    assert {"f0", "f59", "h1", "h59"} <= set(found.names)


def test_a_function_at_a_cut_is_not_called_by_what_ends_the_list_far_behind_it() -> None:
    source = f"if (a) {{ {many('b# ? () => 1 : () => 2; c#.d = e() || (() => 3);')} }} else {{ farAway = () => 4; }}"

    found, whole = in_windows(source), read_scopes(source, "a.js")

    both = zip(found.functions, whole.functions, strict=True)
    named = [(each.name, wanted.name) for each, wanted in both]
    assert {name for name, wanted in named if name != wanted} == {"<anonymous>"}
    assert named[-1] == ("farAway", "farAway")


def test_an_argument_before_a_function_that_is_cut_is_called_by_what_follows_that() -> None:
    source = f"define(() => 1, function () {{ {many('f(() => #);')} }}, {{ order: 1 }});"

    found = in_windows(source)

    assert found.functions[0].name == "define.order"


STATEMENTS = st.recursive(
    st.sampled_from(
        [
            "a();",
            "const b = () => c;",
            "d = { e() {}, f: function () {}, get g() { return 1; } };",
            "class H { constructor() {} i() { return () => 1; } j = () => 2; static k() {} }",
            "class L extends (class {}) { m() {} }",
            "n.o = function () { this.p = () => {}; };",
            "var q = 1, r = function () {}, s = [() => 1, 2];",
            "t(function () {}, u => u, { v: () => 1 });",
            "`w ${() => 1} { x`;",
            "/* y } */ // z (\n",
            "if (a) b(); else c(() => {});",
            "a(), b(() => {}), c.d = () => 1;",
            "e ? () => 1 : () => 2;",
        ]
    ),
    lambda inner: (
        st.builds(
            lambda before, body, after: before + " ".join(body) + after,
            st.just("{ "),
            st.lists(inner, min_size=1, max_size=8),
            st.just(" }"),
        )
        | st.builds(
            lambda opening, body: f"{opening[0]} {' '.join(body)} {opening[1]}",
            st.sampled_from(
                [
                    ("function aa() {", "}"),
                    ("(function () {", "})();"),
                    ("(() => {", "})();"),
                    ("const bb = async () => {", "};"),
                    ("cc({ dd() {", "}, ee: 1 });"),
                    ("class Ff { gg() {", "} }"),
                    ("for (const hh of ii) {", "}"),
                    ("switch (jj) { case 1:", "break; default: }"),
                    ("!function () {", "}.call(this);"),
                    ("return_({ kk: [ll => {", "}] });"),
                    ("if (mm) {", "} else { nn = () => 1; }"),
                    ("oo = pp(() => 1, function () {", "}, { qq: 1 });"),
                ]
            ),
            st.lists(inner, min_size=1, max_size=8),
        )
    ),
    max_leaves=60,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STATEMENTS, min_size=5, max_size=20), st.integers(400, 3000))
def test_functions_of_any_program_are_where_they_are_in_the_whole(
    statements: list[str], size: int
) -> None:
    source = "\n".join(statements)

    found, whole = in_windows(source, size=size), read_scopes(source, "a.js")

    if found.parsed:
        places = [(each.start, each.end) for each in found.functions]
        assert places == [(each.start, each.end) for each in whole.functions]
        named = zip(found.functions, whole.functions, strict=True)
        assert all(each.name in (wanted.name, "<anonymous>") for each, wanted in named)
