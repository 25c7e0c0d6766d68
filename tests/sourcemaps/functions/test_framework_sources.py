"""Functions of components, of Flow, and of what their compilers make."""

import pytest

from headwater.sourcemaps.functions.grammar import parsable, reading_of
from headwater.sourcemaps.functions.scopes import read_scopes

VUE = """<script>
export const names = () => [].map((each) => each);
</script>
<script setup lang="ts" generic="T extends Record<string, unknown>">
const props = defineProps<{ order?: (a: T, b: T) => number }>();
function pick<K extends T>(tag: K): void { tag.trim(); }
const label = (tag: T) => tag.trim();
pick(label);
</script>
<template>
  <Row :order="(a: string, b: string) => a.localeCompare(b)" @close="close()" @open-all="(it) => { it.trim() }">
    <b v-for="(tag, at) in tags.filter((each) => each.trim())">{{ tag.map((one) => one.trim()) }}</b>
  </Row>
</template>
"""
SVELTE = """<script module>
  export const pad = (text) => text.padStart(3);
  pad('x');
</script>
<script lang="ts" generics="T extends Record<string, unknown>">
  let { order = (a, b) => a - b }: { order: (a: T, b: T) => number } = $props();
  const pick = (tag: T): void => { tag.trim(); };
  pick('x');
</script>
{#snippet row(name: string)}
  <li onclick={() => pick(name)}>{name.trim()}</li>
{/snippet}
<Table {order} sort={(a: T, b: T) => a - b}>
  {#each all.filter((each) => each.open) as one, at (one.id)}{@render row(one.name.trim())}{/each}
</Table>
"""


def named(text: str, filename: str, before: str) -> str | None:
    """The function around the first place where a piece of text begins."""
    place = text.index(before)
    line = text.count("\n", 0, place)
    function = read_scopes(text, filename).enclosing(line, place - text.rfind("\n", 0, place) - 1)
    return None if function is None else function.name


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("[].map", "names"),
        ("each);", "<anonymous>"),
        ("defineProps", "setup"),
        ("pick(label)", "setup"),
        ("tag.trim(); }", "pick"),
        ("tag.trim();\n", "label"),
        ("a.localeCompare", "order"),
        ("close()", "onClose"),
        ("it.trim()", "onOpenAll"),
        ("tags.filter", "render"),
        ("each.trim()", "<anonymous>"),
        ("tag.map", "render"),
        ("one.trim()", "<anonymous>"),
    ],
)
def test_functions_of_a_vue_component_are_found_in_scripts_and_template(
    before: str, name: str
) -> None:
    assert named(VUE, "src/Shop.vue", before) == name


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("text.padStart", "pad"),
        ("pad('x')", None),
        ("a - b }", "order"),
        ("tag.trim()", "pick"),
        ("pick('x')", "Order_row"),
        ("pick(name)", "onclick"),
        ("name.trim()}", "row"),
        ("a - b}", "sort"),
        ("all.filter", "Order_row"),
        ("each.open", "<anonymous>"),
        ("one.name", "Order_row"),
    ],
)
def test_functions_of_a_svelte_component_are_found_in_scripts_and_template(
    before: str, name: str | None
) -> None:
    assert named(SVELTE, "src/order-row.svelte", before) == name


def test_what_svelte_derives_in_a_field_is_a_function_without_a_name() -> None:
    text = "class Chart {\n  sum = $derived(total(this.rows));\n  size = $state(start());\n}\n"

    function = read_scopes(text, "chart.svelte.js").enclosing(1, text.split("\n")[1].index("total"))

    assert function is not None
    assert (function.name, function.passed_to) == ("<anonymous>", "$derived")
    assert named(text, "chart.svelte.js", "$derived") == "Chart.<instance_members_initializer>"
    assert named(text, "chart.svelte.js", "start()") == "Chart.<instance_members_initializer>"


def test_two_svelte_files_of_one_text_are_read_apart() -> None:
    readings = {reading_of(f"src/{name}.svelte") for name in ("Row", "Cell", "Row")}

    assert len(readings) == 2


def test_a_component_keeps_its_lines_and_columns() -> None:
    source = parsable(VUE, "Shop.vue")

    assert source is not None
    assert len(source.text) == len(VUE)
    assert source.text.count("\n") == VUE.count("\n")


def test_astral_characters_of_a_template_count_two_columns() -> None:
    text = "<p>{'😀'.trim()}</p><script module>const a = () => b();</script>"

    function = read_scopes(text, "A.svelte").enclosing(0, text.index("b()") + 1)

    assert function is not None
    assert function.name == "a"


@pytest.mark.parametrize(
    "piece", ["<script ", "<script>", "{", "{{", "{`", ' :a="', "{#each a as ", "<style"]
)
def test_what_never_ends_is_read_to_its_end(piece: str) -> None:
    for extension in ("vue", "svelte"):
        text = "<template>" + piece * 20_000

        assert parsable(text, f"A.{extension}") is not None


def test_flow_is_read_where_its_annotations_are_typescripts() -> None:
    text = "// @flow\nclass Cart { sum(a: ?number): number { return a ?? 0; } }\n"

    assert named(text, "src/Cart.js", "return") == "Cart.sum"
    assert named(text, "src/Cart.js.flow", "return") == "Cart.sum"


FLOW = """/**
 * @flow strict
 */
export opaque type Sku: string = string;
type Exact = {| +sku: Sku, -price?: ?number |};
const trimmed = (name: ?string): ?string => name?.trim();
function isName(value: mixed): boolean %checks { return typeof value === 'string'; }
class Cart<+T> { sum(items: Array<?T>, then?: (?string) => mixed): ?number { return a ? b : c; } }
"""


@pytest.mark.parametrize(
    ("before", "name"),
    [("name?.trim()", "trimmed"), ("return typeof", "isName"), ("return a ?", "Cart.sum")],
)
def test_what_flow_alone_writes_leaves_functions_their_names(before: str, name: str) -> None:
    assert named(FLOW, "src/Cart.js", before) == name
