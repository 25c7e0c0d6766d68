"""Names as long as a program: they are not even read."""

import tracemalloc
from collections.abc import Iterator

from tree_sitter import Node

from headwater.sourcemaps.functions.function_names import name_of_function
from headwater.sourcemaps.functions.grammar import JAVASCRIPT
from headwater.sourcemaps.functions.inference import Inference
from tests.sourcemaps.functions.trees import tree_of as parsed

LENGTH = 500_000
ENOUGH = 200_000


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.named_children:
        yield from nodes(child)


def tree_of(source: str) -> list[Node]:
    tree = parsed(source.replace("LONG", "L" * LENGTH), JAVASCRIPT)
    assert tree is not None
    return list(nodes(tree.root_node))


def test_a_class_with_a_very_long_name_costs_its_methods_nothing() -> None:
    every = tree_of("class LONG { pay() {} }")
    path = [each for each in every if each.type in ("program", "class_declaration", "class_body")]
    method = next(each for each in every if each.type == "method_definition")

    tracemalloc.start()
    name = name_of_function(method, path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [part.text for part in name] == ["<computed>", "pay"]
    assert peak < ENOUGH


def test_a_very_long_name_costs_those_that_wait_for_one_nothing() -> None:
    every = tree_of("x.LONG = [() => 1]")
    functions = {each.id for each in every if "function" in each.type}
    inference = Inference(functions, {each.id for each in every}, functions, None, 1000)

    tracemalloc.start()
    inference.unit(every[0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < ENOUGH
