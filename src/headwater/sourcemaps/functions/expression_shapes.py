"""What the inference of names has to know of the shape of expressions."""

from collections.abc import Sequence
from typing import Final

from tree_sitter import Node

from headwater.sourcemaps.functions.function_names import is_constructor

UNNAMED: Final = frozenset({"function_expression", "generator_function"})
"""Functions, but for arrow functions, that may be without a name."""
_CHAIN: Final = frozenset({"call_expression", "member_expression", "subscript_expression"})


def constructor_of(node: Node) -> Node:
    """A class's constructor, or the class where it has none."""
    body = node.child_by_field_name("body")
    for member in () if body is None else body.named_children:
        if is_constructor(member):
            return member
    return node


def is_eager(function: Node, path: Sequence[Node]) -> bool:
    """Whether V8 compiles the function together with what is around it: one in brackets or behind
    `!` looks as if it were called at once. An arrow function has to be. `path` ends with what holds
    the function."""
    depth = len(path) - 1
    if depth < 0 or path[depth].type == "parenthesized_expression":
        called = path[depth - 1].child_by_field_name("function") if depth > 0 else None
        return depth >= 0 and (function.type != "arrow_function" or called == path[depth])
    while depth > 0 and path[depth].type in ("call_expression", "member_expression"):
        depth -= 1
    after_sign = path[depth].type == "unary_expression" and depth + 1 < len(path)
    first = path[depth + 1] if after_sign else function
    sign = path[depth].type == "unary_expression" and first.start_byte == function.start_byte
    return sign and function.type in UNNAMED


def parts_of(node: Node) -> list[Node]:
    """Children that mean something."""
    return [child for child in node.named_children if child.type != "comment"]


def is_optional(node: Node) -> bool:
    """Whether there is a `?.` in a chain of properties and calls, which is no call to V8."""
    inner: Node | None = node
    while inner is not None and inner.type in _CHAIN:
        if any(child.type == "optional_chain" for child in inner.children):
            return True
        inner = inner.child_by_field_name("object") or inner.child_by_field_name("function")
    return False


def has_call(node: Node) -> bool:
    """Whether a chain of properties has a call in it; V8 reads what follows one another way."""
    while node.type in ("member_expression", "subscript_expression"):
        inner = node.child_by_field_name("object")
        if inner is None:
            return False
        node = inner
    return node.type == "call_expression"
