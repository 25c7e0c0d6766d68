"""Functions around a place, called as V8 calls them in the program as it was written.

`§` marks the place; it is taken out before the source is read. What V8 calls each shape was seen by
running it; owners that V8 prints as `Object` are named here.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.sourcemaps.functions import grammar, scopes
from headwater.sourcemaps.functions.scopes import read_scopes

SHAPES = {
    "function pay() { § }": "pay",
    "async function pay() { § }": "pay",
    "function* pay() { § }": "pay",
    "async function* pay() { § }": "pay",
    "const pay = () => { § };": "pay",
    "const pay = async () => §x;": "pay",
    "const pay = function () { § };": "pay",
    "const pay = function inner() { § };": "inner",
    "let pay; pay = () => §x;": "pay",
    "const pay = ok ? () => §x : null;": "pay",
    "const pay = given || (() => { § });": "pay",
    "const pay = (0, () => { § });": "pay",
    "const cart = { pay() { § } };": "cart.pay",
    "const cart = { pay: () => §x };": "cart.pay",
    "const cart = { pay: async function () { § } };": "cart.pay",
    "const cart = { async *pay() { § } };": "cart.pay",
    "const cart = { get total() { § } };": "cart.get total",
    "const cart = { set total(v) { § } };": "cart.set total",
    "const cart = { 'a-b'() { § } };": "cart.a-b",
    "const cart = { 12() { § } };": "cart.12",
    "const cart = { ['pay']() { § } };": "cart.pay",
    "const cart = { [Symbol.iterator]() { § } };": "cart.[Symbol.iterator]",
    "const cart = { [x + y]() { § } };": "cart.<computed>",
    "const cart = { by: { card() { § } } };": "cart.by.card",
    "class Cart { pay() { § } }": "Cart.pay",
    "class Cart { constructor() { § } }": "new Cart",
    "class Cart { onTick = () => { § }; }": "Cart.onTick",
    "class Cart { static pay() { § } }": "Cart.pay",
    "class Cart { static pay = () => §x; }": "Cart.pay",
    "class Cart { #e() { § } }": "Cart.#e",
    "class Cart { #e = () => §x; }": "Cart.#e",
    "class Cart { get total() { § } }": "Cart.get total",
    "class Cart { static { § } }": "Cart.<static_initializer>",
    "class Cart { items = §load(); }": "Cart.<instance_members_initializer>",
    "class Cart { static items = §load(); }": "Cart.<static_initializer>",
    "class Cart { by = { card: () => §x }; }": "Cart.by.card",
    "class Cart { pay = wrap(() => { § }); }": "<anonymous>",
    "const Cart = class { pay() { § } };": "Cart.pay",
    "const Cart = class Named { pay() { § } };": "Named.pay",
    "cart.pay = function () { § };": "cart.pay",
    "cart.by.card = () => §x;": "cart.by.card",
    "cart['pay'] = () => { § };": "cart.pay",
    "cart[name] = () => { § };": "cart.<computed>",
    "cart.pay ??= () => { § };": "cart.pay",
    "Cart.prototype.pay = function () { § };": "Cart.pay",
    "function Cart() { this.pay = () => §x; }": "Cart.pay",
    "class Cart { constructor() { this.pay = () => §x; } }": "Cart.pay",
    "module.exports = function () { § };": "module.exports",
    "exports.pay = () => { § };": "exports.pay",
    "export default function () { § }": "default",
    "export default () => { § };": "default",
    "export default function pay() { § }": "pay",
    "export default { pay() { § } };": "default.pay",
    "export const pay = () => { § };": "pay",
    "const memo = wrap(() => { § });": "<anonymous>",
    "list.forEach(function () { § });": "<anonymous>",
    "list.forEach(function each() { § });": "each",
    "const list = [() => { § }];": "<anonymous>",
    "(function () { § })();": "<anonymous>",
    "(() => { § })();": "<anonymous>",
    "function make() { return () => { § }; }": "<anonymous>",
    "const make = (a) => (b) => { § };": "<anonymous>",
    "wrap({ pay() { § } });": "pay",
    "const { pay = () => { § } } = {};": "pay",
    "const { a: pay = function () { § } } = {};": "pay",
    "function outer(pay = () => { § }) {}": "pay",
    "function pay(a = §load()) {}": "pay",
    "const pay = (a = §load()) => a;": "pay",
    "function §pay() {}": "pay",
    "function pay(§a) {}": "pay",
    "function outer() { function pay() { § } }": "pay",
    "function outer() { function pay() { } § }": "outer",
    "function pay() { if (x) { for (;;) { § } } }": "pay",
    "function pay() { }§": None,
    "§x();": None,
    "if (x) { § }": None,
    "class Cart extends §mixin(Base) { }": None,
    "class Cart { [§key()]() { } }": None,
    "const b = <b onClick={() => { § }} />;": "onClick",
    "const a = '😀🧡'; const pay = () => { '👩‍👩‍👧‍👦 é'; § };": "pay",
    "function pay() { '😀'; }§ function next() {}": None,
}

TYPED = {
    "function pay<T extends { a: string }>(x: T): asserts x is T { § }": "pay",
    "class Cart { private pay(): void { § } }": "Cart.pay",
    "class Cart { private readonly pay = (): never => { § }; }": "Cart.pay",
    "abstract class Cart { protected abstract x(): void; pay() { § } }": "Cart.pay",
    "class Cart { @§log() pay() { } }": None,
    "class Cart { @log() pay() { § } }": "Cart.pay",
    "const pay = (() => { § }) satisfies Pay;": "pay",
    "const pay = (() => { § }) as Pay;": "pay",
    "export const pay = async <T,>(x: T): Promise<T> => { § };": "pay",
    "namespace shop { export function pay() { § } }": "pay",
    "enum Kind { A = §one() }": None,
    "function pay(this: Cart, by?: Card) { § }": "pay",
}


def name_at_mark(marked: str, filename: str) -> str | None:
    before, after = marked.split("§")
    line = before.count("\n")
    column = len(before.rpartition("\n")[2].encode("utf-16-le")) // 2
    found = read_scopes(before + after, filename).enclosing(line, column)
    return None if found is None else found.name


@pytest.mark.parametrize("filename", ["cart.js", "cart.tsx", "cart.mjs?3296"])
@pytest.mark.parametrize(("marked", "expected"), SHAPES.items())
def test_javascript_functions_have_the_names_that_v8_prints(
    marked: str, expected: str | None, filename: str
) -> None:
    assert name_at_mark(marked, filename) == expected


@pytest.mark.parametrize("filename", ["cart.ts", "cart.tsx"])
@pytest.mark.parametrize(("marked", "expected"), TYPED.items())
def test_types_do_not_stand_in_the_way(marked: str, expected: str | None, filename: str) -> None:
    assert name_at_mark(marked, filename) == expected


@pytest.mark.parametrize(
    ("source", "receiver"),
    [
        ("app.get('/', async () => { § });", "app.get"),
        ("list.map(each).forEach(function () { § });", "forEach"),
        ("new Promise((resolve) => { § });", "Promise"),
        ("useEffect((() => { § }), []);", "useEffect"),
        ("const make = () => () => { § };", ""),
        ("app.get(function named() { § });", ""),
    ],
)
def test_a_function_without_a_name_tells_what_it_was_passed_to(source: str, receiver: str) -> None:
    before, after = source.split("§")

    found = read_scopes(before + after, "cart.js").enclosing(0, len(before))

    assert found is not None
    assert found.passed_to == receiver


def test_lines_count_as_the_map_counts_them() -> None:
    source = "// 😀\r\nfunction first() {\r\n}\r\nfunction second() {\r\n  §\r\n}\r\n"

    assert name_at_mark(source, "a.ts") == "second"


def test_the_closing_brace_belongs_to_what_comes_after() -> None:
    assert name_at_mark("function outer() { (function inner() { §})(); }", "a.js") == "outer"


@pytest.mark.parametrize("tag", ["<script>", '<script setup lang="ts">', "<script lang=tsx>"])
def test_the_script_of_a_component_is_read(tag: str) -> None:
    source = f"<template>\n  <b>{{{{ a }}}}</b>\n</template>\n{tag}\nconst pay = () => {{ § }}\n</script>\n"

    assert name_at_mark(source, "Cart.vue") == "pay"


def test_a_components_script_alone_is_read_by_its_language() -> None:
    source = "const pay = (x: number) => { § }"

    assert name_at_mark(source, "Cart.vue?vue&type=script&setup=true&lang.ts") == "pay"


def test_flow_annotations_are_close_enough() -> None:
    source = "// @flow\nimport type { A } from './a';\nfunction pay(x: ?A, y: number): void { § }\n"

    assert name_at_mark(source, "cart.js") == "pay"


def test_errors_in_a_source_cost_only_themselves() -> None:
    source = "function broken( { ]] \n\nfunction pay() { § }\n"

    assert name_at_mark(source, "cart.js") == "pay"


@pytest.mark.parametrize("filename", ["app.dart", "app.coffee", "style.css", "lib.rs", "x.wasm"])
def test_other_languages_are_left_alone(filename: str) -> None:
    assert not read_scopes("function a() {}", filename).parsed


def test_a_source_over_the_limit_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grammar, "MAX_SOURCE", 10)

    assert not read_scopes("function a() {}", "a.js").parsed


@pytest.mark.parametrize(
    "source",
    [
        "function a(){" * 60_000,
        "a=>" * 60_000,
        "(" * 60_000,
        "({a:" * 30_000,
        "if(a)b;else " * 20_000,
        "f<a," * 60_000,
        "`${" * 30_000,
        "function f(){this.x=()=>{" * 10_000,
        "a" + "+'b'" * 60_000,
        "\0\ufffd" * 5_000,
    ],
)
@pytest.mark.parametrize("filename", ["a.js", "a.ts"])
def test_hostile_nesting_ends_at_a_bound(source: str, filename: str) -> None:
    found = read_scopes(source, filename)

    found.enclosing(0, len(source) // 2)
    assert len(found.functions) <= scopes.MAX_FUNCTIONS


@settings(max_examples=60)
@given(st.lists(st.sampled_from([*"(){}[]=><`$;,.:'\"\n ", "a", "=>", "function ", "class ", "async ", "😀", "\ud800"]), max_size=40))  # fmt: skip
def test_any_text_has_scopes_that_nest(pieces: list[str]) -> None:
    found = read_scopes("".join(pieces), "a.tsx")

    for each in found.functions:
        if each.start < each.end:
            inner = found.enclosing(*each.start)
            assert inner is not None
            assert inner.start == each.start
