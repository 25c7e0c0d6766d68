"""Functions of C, C++, Rust, Swift and Objective-C as demanglers write them."""

import re
from typing import Final

_ADDRESS: Final = re.compile(
    r"^(?:0x[0-9a-fA-F]+|(?:sub|fun|loc|FUN)_[0-9a-fA-F]+|_{2,3}lldb_unnamed_symbol.*)$"
)
_OBJECTIVE_C: Final = re.compile(r"[-+]\[[^\]]+\]")
_BLOCK: Final = re.compile(r"^_{2}(?P<name>.+)_block_invoke[\d._]*$")
_RUST_HASH: Final = re.compile(r"::h[0-9a-f]{16}$|(?<=17h)[0-9a-f]{16}(?=E)|\[[0-9a-f]{8,16}\]")
_CLONE: Final = re.compile(
    r"(?:\.(?:cold|part|isra|constprop|llvm|lto_priv|localalias)(?:\.\d+)*"
    r"|\s?\[clone [^\]]*\]|@{1,2}[\w.]+|\s?\+\s?(?:0x[0-9a-fA-F]+|\d+))+$"
)
_CLOSURE: Final = re.compile(
    r"(?:::)?\{\{(?:closure|vtable\.shim|constant)\}\}"
    r"|(?:::)?\{(?:closure|closure_env|async_fn_env|async_block|async_block_env|shim)[:\w]*(?:#\d+)?\}"
)
_LAMBDA: Final = re.compile(
    r"\{lambda[^{}]*\}|'lambda\d*'(?:\([^()]*\))?|\$_\d+|<lambda_[0-9a-fA-F]+>|\blambda_[0-9a-fA-F]{32}\b"
)
_NUMBER: Final = re.compile(r"#\d+(?=[}\s]|$)|\[abi:\w+\]")
_ANONYMOUS: Final = re.compile(
    r"\(anonymous namespace\)|`anonymous[ -]namespace'|\?A0x[0-9a-fA-F]{8}|<unnamed-namespace>"
)
_OPERATOR: Final = re.compile(
    r"\boperator\s?(?:<=>|<<=|>>=|->\*|->|<<|>>|<=|>=|<|>|\(\)|\[\]|(?:new|delete)(?:\[\])?)"
)
_PREFIX: Final = re.compile(
    r"^(?:(?:@objc|@nonobjc|specialized|merged|partial apply(?: forwarder)? for|outlined"
    r"|non-virtual thunk to|virtual thunk to|static|protocol witness for) )+"
)
_QUALIFIER: Final = re.compile(r"(?:\s*(?:\bconst|\bvolatile|\bnoexcept|\basync|\bthrows|&&?))+$")
_BEFORE_A_NAME: Final = frozenset("<(&*, ")


def native_function(name: str) -> str:
    """A function without return type, parameters, template arguments, hashes and numbers.

    `void shop::pay<int>(Cart const&) const` is `shop::pay`,
    `<shop::Cart<T> as Pay>::pay::{{closure}}::h0123456789abcdef` is `<shop::Cart as Pay>::pay`.
    """
    if _ADDRESS.match(name):
        return ""
    if message := _OBJECTIVE_C.search(name):
        return message[0]
    if block := _BLOCK.match(name):
        name = block["name"]
    if name.startswith(("closure #", "implicit closure #")):
        name = name.rpartition(" in ")[2]
    plain = _PREFIX.sub("", _CLONE.sub("", _RUST_HASH.sub("", name)))
    plain = _LAMBDA.sub("{lambda}", _ANONYMOUS.sub("{anonymous}", _CLOSURE.sub("", plain)))
    return _without_return_type(_without_arguments(_NUMBER.sub("", plain))) or name


def _without_arguments(name: str) -> str:
    """`ns::type<int>::f<long>(int) const` is `ns::type::f const`; `<A<T> as B>::f` is `<A as B>::f`."""
    kept: list[str] = []
    shown: list[bool] = []  # of each open bracket: whether what is in it is kept
    index = 0
    while index < len(name):
        operator = _OPERATOR.match(name, index) if name[index] == "o" else None
        text = operator[0] if operator else name[index]
        index += len(text) + (operator is not None and name[index + len(text) :].startswith(" <"))
        if text in ("<", "("):
            # Where a name begins it is Rust's `<Type as Trait>`, and no argument.
            leads = text == "<" and (not kept or kept[-1] in _BEFORE_A_NAME)
            shown.append(leads and all(shown))
            kept += [text] if shown[-1] else []
        elif text == ")" or (text == ">" and name[index - 2 : index - 1] not in ("-", "=")):
            kept += [text] if shown and shown.pop() else []
        elif all(shown):
            kept.append(text)
    return "".join(kept).replace("::::", "::").removesuffix("::")


def _without_return_type(name: str) -> str:
    """`void pay const` is `pay`, `tap -> Swift.Int` is `tap`, `bool operator new` is `operator new`."""
    if not name.startswith("<"):
        name = name.partition(" -> ")[0]
    name = _QUALIFIER.sub("", name)
    operator = name.find("operator")
    end = operator if operator >= 0 else len(name)
    start = name.rfind(" ", name.rfind(">", 0, end) + 1, end)
    return name[start + 1 :]
