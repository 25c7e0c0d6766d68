"""What V8 would call a function in a stack trace of the program as it was written.

The rules are those of V8's name inference, seen by running it: the place that a function is put
into names it (`const pay = () => …`, `cart.pay = function …`, `{ pay: … }`), an argument does not.
Where V8 leaves out what the reader wants to know, the owner is added: `cart.pay` of an object
literal that V8 calls `Object.pay`.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node

MAX_PARTS: Final = 5
"""Parts of one name; the innermost are kept."""
MAX_PART: Final = 100
"""Characters of one part; more is not a name but a program."""
MAX_CLIMB: Final = 200
"""Ancestors of a function that are looked at for what names it."""

FUNCTIONS: Final = frozenset(
    {
        "function_declaration",
        "function_expression",
        "generator_function",
        "generator_function_declaration",
        "arrow_function",
        "method_definition",
        "class_static_block",
    }
)
FIELDS: Final = frozenset({"field_definition", "public_field_definition"})
CONSTRUCTORS: Final = frozenset(
    {"method_definition", "class", "class_declaration", "abstract_class_declaration"}
)
"""Nodes of functions that are called with `new`, where V8 infers their names."""
CLASSES: Final = frozenset({"class", "class_declaration", "abstract_class_declaration"})
_WRAPPERS: Final = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
        "ternary_expression",
        "sequence_expression",
    }
)
_TRANSPARENT: Final = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
    }
)
_NAMELESS: Final = frozenset({"function_expression", "generator_function", "arrow_function"})
_NAMING: Final = frozenset({"pair", "export_statement", *FIELDS})
_ASSIGNS: Final = frozenset({"=", "||=", "&&=", "??="})
_VARIABLES: Final = frozenset(
    {"identifier", "type_identifier", "shorthand_property_identifier_pattern"}
)
_SHORT_CIRCUITS: Final = frozenset({"||", "&&", "??"})
_NAMED_BY_FIELD: Final = {
    "variable_declarator": "name",
    "assignment_expression": "left",
    "augmented_assignment_expression": "left",
    "assignment_pattern": "left",
    "object_assignment_pattern": "left",
    "required_parameter": "pattern",
    "optional_parameter": "pattern",
}


class Part(Struct, frozen=True):
    """One part of a function's name. `line` and `column` of its token count from 0, in UTF-16
    units; None where no token stands for it."""

    text: str
    line: int | None = None
    column: int | None = None
    before: str = ""
    """`new `, `get ` or `set `."""
    is_variable: bool = False
    """A variable's name, which minifiers replace; they leave those of properties."""

    def __str__(self) -> str:
        return self.before + self.text


Name = tuple[Part, ...]


def name_of_function(node: Node, path: Sequence[Node]) -> Name:
    """Name of a function node; `path` holds its last MAX_CLIMB ancestors, outermost first.

    Empty: anonymous.
    """
    if node.type == "class_static_block":
        return _in_class(path, Part("<static_initializer>"))
    own = node.child_by_field_name("name")
    if node.type == "method_definition" and own is not None:
        return _method(node, own, path)
    if own is not None:
        return (_part(own),)
    return _target(path, node)


def is_named_by_language(node: Node, path: Sequence[Node]) -> bool:
    """Whether the function has a name of its own, or the place that it is put into gives it one by
    the rules of ECMAScript (NamedEvaluation); V8 infers the names of all others."""
    if len(path) > 1 and path[-1].type == "class_body" and is_constructor(node):
        node, path = path[-2], path[:-2]
    elif node.type not in _NAMELESS and node.type not in CLASSES:
        return True
    return node.child_by_field_name("name") is not None or _is_given_a_name(node, path)


def is_constructor(member: Node) -> bool:
    """Whether a member of a class is its constructor."""
    own = member.child_by_field_name("name")
    return member.type == "method_definition" and _text(own) == "constructor"


def _is_given_a_name(node: Node, path: Sequence[Node]) -> bool:
    """Whether a function or class without a name is put where ECMAScript gives it one."""
    for depth in range(len(path) - 1, -1, -1):
        holder = path[depth]
        if holder.type in _TRANSPARENT:
            node = holder
            continue
        if holder.type == "jsx_expression":
            return depth > 0 and bool(_property_of_jsx(path[depth - 1]))
        return holder.type in _NAMING or _assigns_a_variable(holder, node)
    return False


def _assigns_a_variable(holder: Node, value: Node) -> bool:
    by_field = _NAMED_BY_FIELD.get(holder.type)
    if by_field is None or holder.child_by_field_name(by_field) == value:
        return False
    place = holder.child_by_field_name(by_field)
    operator = holder.child_by_field_name("operator")
    if operator is not None and operator.type not in _ASSIGNS:
        return False
    return place is not None and place.type in _VARIABLES


def name_of_initializer(field: Node, path: Sequence[Node]) -> Name:
    """Name of the hidden function that V8 runs to give a class's fields their values."""
    static = any(child.type == "static" for child in field.children)
    own = "<static_initializer>" if static else "<instance_members_initializer>"
    return _in_class(path, Part(own))


def name_of_implied_constructor(node: Node, path: Sequence[Node]) -> Name | None:
    """Name of the constructor that a class has without writing one; None if it has one."""
    body = node.child_by_field_name("body")
    for member in () if body is None else body.named_children:
        if is_constructor(member):
            return None
    return _constructor((*path, node))


def name_of_receiver(path: Sequence[Node]) -> Name:
    """Name of what is called with a function as an argument: `app.get`. `path` holds the function's
    ancestors; empty if it isn't an argument."""
    depths = range(len(path) - 1, 0, -1)
    depth = next((each for each in depths if path[each].type not in _TRANSPARENT), 0)
    if depth == 0 or path[depth].type != "arguments":
        return ()
    call = path[depth - 1]
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    return _place(callee, path[: depth - 1])


def _method(node: Node, own: Node, path: Sequence[Node]) -> Name:
    key = _key(own)
    in_class = bool(path) and path[-1].type == "class_body"
    if in_class and key.text == "constructor":
        return _constructor(path[:-1])
    accessor = next((child.type for child in node.children if child.type in ("get", "set")), None)
    if accessor is not None:
        key = _prefixed(f"{accessor} ", key)
    if in_class:
        return _in_class(path, key)
    return _shortened((*_target(path[:-1], path[-1]), key)) if path else (key,)


def _constructor(path: Sequence[Node]) -> Name:
    """`path` ends with the class; V8 infers no names for classes."""
    own = path[-1].child_by_field_name("name")
    if own is None and not _is_given_a_name(path[-1], path[:-1]):
        return ()
    owner = _class_name(path)
    return (_prefixed("new ", owner[0]), *owner[1:]) if owner else ()


def _in_class(path: Sequence[Node], part: Part) -> Name:
    """`path` ends with the class's body."""
    return _shortened((*_class_name(path[:-1]), part))


def _class_name(path: Sequence[Node]) -> Name:
    """`path` ends with the class."""
    if not path or path[-1].type not in CLASSES:
        return ()
    own = path[-1].child_by_field_name("name")
    return (_part(own),) if own is not None else _target(path[:-1], path[-1])


def _target(path: Sequence[Node], node: Node) -> Name:
    """The name of the place that a value is put into; `path` holds the value's ancestors."""
    keys: list[Part] = []
    for depth in range(len(path) - 1, -1, -1):
        holder = path[depth]
        kind = holder.type
        if kind in ("pair", "object"):
            keys += [_key(holder.child_by_field_name("key"))] if kind == "pair" else []
            if len(keys) >= MAX_PARTS:
                break
        elif not _passes_on(holder, node):
            return _shortened((*_holder_name(holder, path[:depth]), *reversed(keys)))
        node = holder
    return _shortened(tuple(reversed(keys)))


def _passes_on(holder: Node, value: Node) -> bool:
    """Whether the holder's value may be this one, so that its own place names it."""
    if holder.type == "binary_expression":
        operator = holder.child_by_field_name("operator")
        return operator is not None and operator.type in _SHORT_CIRCUITS
    if holder.type == "ternary_expression":
        return holder.child_by_field_name("condition") != value
    return holder.type in _WRAPPERS


def _holder_name(holder: Node, path: Sequence[Node]) -> Name:
    kind = holder.type
    if (by_field := _NAMED_BY_FIELD.get(kind)) is not None:
        return _place(holder.child_by_field_name(by_field), path)
    if kind in FIELDS:
        key = holder.child_by_field_name("name") or holder.child_by_field_name("property")
        return _in_class(path, _key(key))
    if kind == "export_statement":
        return (Part("default"),)
    if kind == "jsx_expression" and path:
        return _property_of_jsx(path[-1])
    return ()


def _property_of_jsx(holder: Node) -> Name:
    """An attribute, or `children` where the function is the only one: so the JSX runtime gets it."""
    if holder.type == "jsx_attribute":
        return (_part(holder.children[0]),)
    if holder.type != "jsx_element":
        return ()
    # One by one: of thousands of children, each a function, all ask this of all.
    every = map(holder.named_child, range(1, holder.named_child_count - 1))
    first_two = list(islice((child for child in every if _text(child).strip()), 2))
    return (Part("children"),) if len(first_two) == 1 else ()


def _place(node: Node | None, path: Sequence[Node]) -> Name:
    """The name of what is assigned to: a variable, or a chain of properties."""
    parts: list[Part] = []
    while node is not None and len(parts) < MAX_PARTS:
        if node.type == "member_expression":
            parts.append(_part(node.child_by_field_name("property")))
        elif node.type == "subscript_expression":
            parts.append(_literal(node.child_by_field_name("index")))
        else:
            break
        node = node.child_by_field_name("object")
    if node is not None and "identifier" in node.type:
        parts.append(_part(node))
    owner = _this(path) if node is not None and node.type == "this" else ()
    named = [part for part in reversed(parts) if part.text != "prototype"]
    return _shortened((*owner, *named))


def _this(path: Sequence[Node]) -> Name:
    """What `this` is an instance of: the class, or the function that serves as a constructor."""
    for depth in range(len(path) - 1, -1, -1):
        node = path[depth]
        if node.type in CLASSES:
            return _class_name(path[: depth + 1])
        if node.type in ("function_declaration", "function_expression"):
            own = node.child_by_field_name("name")
            return (_part(own),) if own is not None else ()
    return ()


def _key(node: Node | None) -> Part:
    if node is not None and node.type == "computed_property_name":
        inner = node.named_children[0] if node.named_child_count else None
        text = _text(inner)
        if inner is not None and inner.type == "member_expression" and text.startswith("Symbol."):
            return Part(f"[{text}]")
        return _literal(inner)
    return _literal(node) if node is not None and node.type == "string" else _part(node)


def _literal(node: Node | None) -> Part:
    """A key written as a string or number; V8's own word for all others."""
    if node is not None and node.type in ("string", "template_string", "number"):
        text = _text(node)
        if "${" not in text:
            return _at(node, text if node.type == "number" else text[1:-1])
    return Part("<computed>")


def _part(node: Node | None) -> Part:
    return _at(node, _text(node)) if node is not None else Part("<computed>")


def _at(node: Node, text: str) -> Part:
    row, column = node.start_point
    return Part(text, row, column // 2, is_variable=node.type in _VARIABLES)


def _text(node: Node | None) -> str:
    # The length first: `text` is a copy, and a name may be as long as the source.
    if node is None or node.end_byte - node.start_byte > 2 * MAX_PART:
        return "<computed>"
    return (node.text or b"").decode("utf-16-le", "replace")


def _prefixed(before: str, part: Part) -> Part:
    return replace(part, before=before)


def _shortened(name: Name) -> Name:
    return name[-MAX_PARTS:]
