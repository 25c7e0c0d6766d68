"""The name that V8 infers for a function that the language leaves without one.

V8's parser keeps a stack of the names that it read in the current expression, and a list of the
unnamed functions that still wait for one. An assignment, a declaration and each property of an
object literal name all that wait; a call takes the last one off, so that `each(() => …)` stays
anonymous. What waits longer gets a name that was meant for something else: the first function of
`define(() => …, { order: 1 })` is `define.order`. Seen by running a few hundred shapes in V8 11;
its parser's `FuncNameInferrer` is where to read about it.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import ClassVar, Final

from tree_sitter import Node

from headwater.sourcemaps.functions.expression_shapes import (
    UNNAMED,
    constructor_of,
    has_call,
    is_optional,
    parts_of,
)
from headwater.sourcemaps.functions.function_names import FUNCTIONS, MAX_PART
from headwater.sourcemaps.functions.waiting_functions import (
    ENCLOSING,
    NOBODY,
    PROPERTY,
    VARIABLE,
    WaitingFunctions,
)

MAX_NESTED: Final = 150
"""Nodes inside one another that are looked into; each takes up to four frames of Python's stack,
which has a thousand."""

_TYPED: Final = frozenset(
    {"as_expression", "satisfies_expression", "non_null_expression", "type_assertion"}
)
_CALLS: Final = frozenset({"call_expression", "new_expression"})
_PROTOTYPE: Final = "prototype".encode("utf-16-le")
_LOGICAL: Final = frozenset({"=", "||=", "&&=", "??="})


class Inference:
    """V8's parser at work on the body of one function, or on a whole file.

    `wanted` are the ids of the functions whose names are asked for, `on_the_way` those of all nodes
    around them: nothing else is looked into, unless a function waits for a name there. `eager` are
    functions that `is_eager` says yes to. `gaps` are the bytes before which text is left out.
    """

    def __init__(
        self,
        wanted: AbstractSet[int],
        on_the_way: AbstractSet[int],
        eager: AbstractSet[int],
        enclosing: str | None,
        visits: int,
        gaps: Sequence[int] = (),
    ) -> None:
        self.waiting = WaitingFunctions(wanted, gaps)
        self.visits = visits
        """How many more nodes may be looked at."""
        self._wanted = wanted
        self._on_the_way = on_the_way
        self._eager = eager
        self._depth = 0
        self._parses_all = False
        """In the body of an arrow function V8 reads at once what it skips in that of others."""
        if enclosing is not None and enclosing[:1].isupper():
            self.waiting.push(enclosing, ENCLOSING)

    def unit(self, node: Node) -> None:
        """Read a function or a file."""
        if node.type in FUNCTIONS:
            self._parses_all = node.type == "arrow_function"
            self._inside(node)
        else:
            self._body(node)

    def _body(self, node: Node | None) -> None:
        """Every statement of a function's body or of a file."""
        if node is None:
            return
        if node.type in ("statement_block", "program"):
            self._other(node)
        else:
            self._expression(node)

    def _worth(self, node: Node) -> bool:
        if node.type == "comment":
            return False
        return bool(self.waiting) or node.id in self._on_the_way or node.id in self._wanted

    def _expression(self, node: Node | None) -> None:
        """What V8 calls an assignment expression: names in it are forgotten after it."""
        if node is None or not self._worth(node):
            return
        size = self.waiting.names
        self._read(node)
        self.waiting.forget(size)

    def _read(self, node: Node) -> None:
        """One node, its names left on the stack."""
        self.visits -= 1
        if self.visits < 0 or self._depth > MAX_NESTED:
            self.waiting.clear()
            return
        self.waiting.go_on(node.start_byte)
        self._depth += 1
        self._readers.get(node.type, Inference._other)(self, node)
        self._depth -= 1

    def _other(self, node: Node) -> None:
        """Statements, templates, arrays: each part is an expression of its own."""
        for child in node.named_children:
            self._expression(child)
        self.waiting.go_on(node.end_byte - 1)

    def _array(self, node: Node) -> None:
        """V8 may call its functions by the array, which tells none of them from the others: we don't."""
        self._other(node)
        for element in node.named_children:
            if element.type in FUNCTIONS:
                self.waiting.pass_over(element.id)

    def _same(self, node: Node) -> None:
        """Operators leave the names of their operands on the stack."""
        for child in parts_of(node):
            self._read(child)

    def _typed(self, node: Node) -> None:
        """Types are gone when V8 comes."""
        parts = parts_of(node)
        if parts:
            self._read(parts[-1 if node.type == "type_assertion" else 0])

    def _bracketed(self, node: Node) -> None:
        for inner in parts_of(node):
            if inner.type in _TYPED:
                self._read(inner)
            else:
                self._expression(inner)

    def _nothing(self, node: Node) -> None:
        """No name in it."""

    def _identifier(self, node: Node) -> None:
        self.waiting.push(node, VARIABLE)

    def _property_name(self, node: Node | None) -> None:
        if node is not None and not _is_prototype(node):
            self.waiting.push(node, PROPERTY)

    def _member(self, node: Node) -> None:
        inner = node.child_by_field_name("object")
        if inner is not None:
            self._read(inner)
        self._property_name(node.child_by_field_name("property"))

    def _subscript(self, node: Node) -> None:
        inner, index = node.child_by_field_name("object"), node.child_by_field_name("index")
        if inner is not None:
            self._read(inner)
        self._expression(index)
        if inner is not None and not has_call(inner):
            literal = index is not None and index.type == "string"
            self.waiting.push(index if literal and index else "<computed>", PROPERTY)

    def _call(self, node: Node) -> None:
        callee = node.child_by_field_name("function")
        if callee is not None:
            self._read(callee)
        arguments = node.child_by_field_name("arguments")
        if arguments is None:
            return
        self._other(arguments)
        if arguments.type == "arguments":
            self.waiting.take_off()

    def _new(self, node: Node) -> None:
        callee = node.child_by_field_name("constructor")
        if callee is not None:
            self._read(callee)
        arguments = node.child_by_field_name("arguments")
        if arguments is not None:
            self._other(arguments)

    def _ternary(self, node: Node) -> None:
        condition = node.child_by_field_name("condition")
        if condition is not None:
            self._read(condition)
        self._expression(node.child_by_field_name("consequence"))
        self._expression(node.child_by_field_name("alternative"))

    def _assignment(self, node: Node) -> None:
        self._target(node.child_by_field_name("left"))
        right = node.child_by_field_name("right")
        self._expression(right)
        operator = node.child_by_field_name("operator")
        if right is not None and (operator is None or operator.type in _LOGICAL):
            self._given(right)
        else:
            self.waiting.take_off()

    def _declarator(self, node: Node) -> None:
        size = self.waiting.names
        name = node.child_by_field_name("name")
        self._target(name)
        value = node.child_by_field_name("value")
        self._expression(value)
        if value is not None and name is not None and name.type == "identifier":
            self._given(value)
        self.waiting.forget(size)

    def _target(self, node: Node | None) -> None:
        if node is not None:
            self._read(node)

    def _given(self, value: Node) -> None:
        """Something has a value now: its name is that of all functions that wait."""
        if value.type == "parenthesized_expression":
            for inner in parts_of(value):
                self._given(inner)
        elif value.type in _CALLS and not is_optional(value):
            self.waiting.take_off()
        else:
            self.waiting.infer()

    def _object(self, node: Node) -> None:
        for member in node.named_children:
            if self._worth(member):
                self._property(member)
        self.waiting.go_on(node.end_byte - 1)

    def _property(self, node: Node) -> None:
        self.waiting.go_on(node.start_byte)
        size = self.waiting.names
        key = node.child_by_field_name("key") or node.child_by_field_name("name")
        key = key or node.child_by_field_name("property")
        value = node.child_by_field_name("value")
        if node.type.startswith(("shorthand_", "object_assignment")):
            short = node.child_by_field_name("left") or node
            self.waiting.push(short, PROPERTY)
            self.waiting.push(short, VARIABLE)
            value = node.child_by_field_name("right")
        elif key is not None and key.type == "computed_property_name":
            self._other(key)
        else:
            self._property_name(key)
        if value is None and key is None:
            self._other(node)
        if node.type == "method_definition":
            self._perhaps_skipped(node, is_read=self._parses_all)
        self._expression(value)
        self.waiting.infer()
        self.waiting.forget(size)

    def _class(self, node: Node) -> None:
        for child in node.named_children:
            if child.type == "class_heritage":
                self._expression(child)
        body = node.child_by_field_name("body")
        for member in () if body is None else body.named_children:
            if member.type == "class_static_block":
                self._body(member.child_by_field_name("body"))
            elif self._worth(member):
                self._property(member)
        self.waiting.go_on(node.end_byte - 1)
        self.waiting.add(constructor_of(node).id)

    def _function(self, node: Node) -> None:
        """One that is compiled with what is around it waits, but its name comes too late."""
        eager = node.id in self._eager
        self._perhaps_skipped(node, is_read=eager or self._parses_all)
        if node.child_by_field_name("name") is None:
            self.waiting.add(NOBODY if eager else node.id)

    def _declaration(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        size = self.waiting.names
        if name is not None and _begins_upper(name):
            self.waiting.push(name, ENCLOSING)
        self._perhaps_skipped(node, is_read=self._parses_all and name is not None)
        self.waiting.forget(size)

    def _perhaps_skipped(self, node: Node, *, is_read: bool) -> None:
        """Not an arrow function: what is inside of it may be skipped, here or again."""
        if not is_read:
            self.waiting.skip(node.end_byte - 1)
            return
        before, self._parses_all = self._parses_all, False
        self._inside(node)
        self._parses_all = before

    def _arrow(self, node: Node) -> None:
        self._inside(node)
        self.waiting.add(node.id)

    def _inside(self, node: Node) -> None:
        size = self.waiting.names
        parameters = node.child_by_field_name("parameters")
        self._expression(parameters)
        self._body(node.child_by_field_name("body"))
        self.waiting.forget(size)

    def _parameter(self, node: Node) -> None:
        """TypeScript's: `a = () => …` and `{ a }` with their types."""
        self._target(node.child_by_field_name("pattern"))
        value = node.child_by_field_name("value")
        self._expression(value)
        if value is not None:
            self._given(value)

    def _element(self, node: Node) -> None:
        """JSX is a call: `_jsx(name, { …attributes, children })`."""
        self.waiting.push("_jsx", VARIABLE)
        opening = node.child_by_field_name("open_tag") or node
        for attribute in opening.named_children:
            if attribute.type == "jsx_attribute":
                self._jsx_property(attribute.named_children[0], attribute.named_children[1:])
            elif attribute.type == "jsx_expression":
                self._expression(attribute)
        children = [each for each in node.named_children if each.type.startswith("jsx_")]
        inner = [each for each in children if not each.type.endswith(("attribute", "_element"))]
        elements = [each for each in children if each.type.endswith("_element")]
        if node.type == "jsx_element":
            held = [each for each in (*inner, *elements) if not each.type.startswith("jsx_open")]
            self._jsx_property("children", sorted(held, key=lambda each: each.start_byte))
        self.waiting.take_off()

    def _jsx_property(self, key: Node | str, values: Sequence[Node]) -> None:
        if not self.waiting and not any(each.id in self._on_the_way for each in values):
            return
        size = self.waiting.names
        self.waiting.push(key, PROPERTY)
        for value in values:
            self._expression(value)
        self.waiting.infer()
        self.waiting.forget(size)

    _readers: ClassVar[dict[str, Callable[["Inference", Node], None]]] = {
        "identifier": _identifier,
        "undefined": _identifier,
        "member_expression": _member,
        "subscript_expression": _subscript,
        "call_expression": _call,
        "new_expression": _new,
        "ternary_expression": _ternary,
        "assignment_expression": _assignment,
        "augmented_assignment_expression": _assignment,
        "assignment_pattern": _assignment,
        "variable_declarator": _declarator,
        "required_parameter": _parameter,
        "optional_parameter": _parameter,
        "array": _array,
        "object": _object,
        "object_pattern": _object,
        "class": _class,
        "class_declaration": _class,
        "abstract_class_declaration": _class,
        "arrow_function": _arrow,
        "function_declaration": _declaration,
        "generator_function_declaration": _declaration,
        "jsx_element": _element,
        "jsx_self_closing_element": _element,
        "parenthesized_expression": _bracketed,
        **dict.fromkeys(UNNAMED, _function),
        **dict.fromkeys(_TYPED, _typed),
        **dict.fromkeys(
            ("binary_expression", "unary_expression", "await_expression", "update_expression"),
            _same,
        ),
        **dict.fromkeys(
            (
                "type_annotation",
                "type_arguments",
                "type_parameters",
                "interface_declaration",
                "type_alias_declaration",
                "enum_declaration",
                "import_statement",
            ),
            _nothing,
        ),
    }


def _is_prototype(name: Node) -> bool:
    return name.end_byte - name.start_byte == len(_PROTOTYPE) and name.text == _PROTOTYPE


def _begins_upper(name: Node) -> bool:
    """V8 takes such a function for a constructor."""
    is_short = name.end_byte - name.start_byte <= 2 * MAX_PART
    return is_short and (name.text or b"").decode("utf-16-le", "replace")[:1].isupper()
