"""Names as their languages' compilers and runtimes write them, without what varies in them."""

from collections.abc import Callable, Mapping
from typing import Final

from headwater.grouping.names.beam import beam_function
from headwater.grouping.names.dart import dart_function
from headwater.grouping.names.dotnet import dotnet_name
from headwater.grouping.names.go import go_name
from headwater.grouping.names.jvm import jvm_name
from headwater.grouping.names.native import native_function
from headwater.grouping.names.php import php_function
from headwater.grouping.names.python import python_function
from headwater.grouping.names.ruby import ruby_function

MAX_NAME: Final = 500
"""Characters of a function's or module's name that count; longer ones are template arguments."""

_Namer = Callable[[str], str]

_FUNCTIONS: Final[Mapping[str, _Namer]] = {
    "python": python_function,
    "ruby": ruby_function,
    "php": php_function,
    "java": jvm_name,
    "go": go_name,
    "csharp": dotnet_name,
    "dart": dart_function,
    "elixir": beam_function,
    "erlang": beam_function,
    **dict.fromkeys(
        ("rust", "native", "c", "cpp", "cocoa", "objc", "swift", "nintendo-switch"),
        native_function,
    ),
}
_MODULES: Final[Mapping[str, _Namer]] = {"java": jvm_name, "go": go_name, "csharp": dotnet_name}

_NAMELESS: Final = frozenset(
    (
        *("", "?", "??", "???", "<unknown>", "unknown", "<anonymous>", "anonymous", "<redacted>"),
        *("<lambda>", "{lambda}", "{closure}", "<fn>", "<anonymous closure>"),
        *("<module>", "<main>", "<top (required)>"),
    )
)


def function_name(platform: str, function: str | None) -> str:
    """A function's own name; empty if it has none, so that something else must tell it apart."""
    if not function:
        return ""
    name = function[:MAX_NAME].strip()
    namer = _FUNCTIONS.get(platform)
    name = namer(name) if namer else name
    return "" if name in _NAMELESS else name


def module_name(platform: str, module: str | None) -> str:
    """A module's, class's or package's name; empty if it has none."""
    name = (module or "")[:MAX_NAME].strip()
    namer = _MODULES.get(platform)
    name = namer(name) if namer else name
    return "" if name in ("__main__", "<unknown module>", "<unknown>", "?") else name
