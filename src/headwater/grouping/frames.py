"""What of one frame tells one error from another: file and function, never a line or column."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from headwater.grouping.in_app import JAVASCRIPT, is_foreign_script, is_own_code
from headwater.grouping.kept import Kept
from headwater.grouping.minified import stable_function, stable_path
from headwater.grouping.names import function_name, module_name
from headwater.grouping.paths import MAX_PATH, project_path, without_root
from headwater.grouping.words import token
from headwater.protocol.event import Frame
from headwater.symbolicate.resolution import ResolvedFrame

_BY_FILE_NAME: Final = frozenset({"native", "c", "cpp", "rust", "cocoa", "objc", "swift"})
"""Platforms whose functions are qualified, and whose paths are those of the machine that built."""


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """One frame's part of a hash: `bare` as far as it is known without the source's text, `full`
    with the function's class. Empty: the frame says nothing. Kept ones are told apart by identity."""

    bare: bytes
    full: bytes
    is_in_app: bool
    is_named: bool
    is_resolved: bool = False


def components(platform: str, frames: Sequence[Frame]) -> list[Component]:
    """Frames as they came, whatever became of them. `platform` is the event's."""
    return [
        _SCRIPT[each.abs_path or each.filename, each.function, each.in_app]
        if (each.platform or platform) in JAVASCRIPT
        else _CODE[
            each.platform or platform,
            each.abs_path or each.filename,
            each.filename,
            each.module,
            each.function,
            each.in_app,
        ]
        for each in frames
    ]


def known_component(came: Component, found: ResolvedFrame) -> Component:
    """A frame by all that is known of it: as it was written, and whose it is."""
    in_app = came.is_in_app if found.in_app is None else found.in_app
    original = found.original
    if original is not None:
        has_source = original.context_line is not None
        name, origin = original.function, found.evidence.named_by
        return _WRITTEN[original.filename, name, origin, has_source, in_app]
    return came if in_app is came.is_in_app else _OTHERS[(came,)]


def _script(path: str | None, function: str | None, in_app: bool | None) -> Component:  # noqa: FBT001
    stable, foreign = _SCRIPT_PATH[(path or "",)]
    own = in_app is not False and not foreign
    return _component(stable, stable_function(function) or "", own=own)


def _code(
    platform: str,
    path: str | None,
    filename: str | None,
    module: str | None,
    function: str | None,
    in_app: bool | None,  # noqa: FBT001
) -> Component:
    own = is_own_code(
        platform, (path or "")[:MAX_PATH], module or function or "", said_by_sdk=in_app
    )
    name = function_name(platform, function)
    return _component(_CODE_PATH[platform, filename or path or "", module], name, own=own)


def _component(path: str, name: str, *, own: bool) -> Component:
    says = token(path, name) if path or name else b""
    return Component(says, says, own, is_named=bool(name))


def _path(platform: str, filename: str, module: str | None) -> str:
    if platform in _BY_FILE_NAME:
        return filename[-MAX_PATH:].replace("\\", "/").rpartition("/")[2].lower()
    return module_name(platform, module) or project_path(filename)


def _original(
    filename: str,
    function: str | None,
    named_by: str | None,
    has_source: bool,  # noqa: FBT001
    in_app: bool,  # noqa: FBT001
) -> Component:
    path = _WRITTEN_PATH[(filename,)]
    is_minified = named_by == "raw"
    full = stable_function(function) or "" if is_minified else function_name("", function)
    # Without the source's text a name is a guess from the minified script: the class is often lost.
    bare = full.rpartition(".")[2]
    coarse = token(path, bare)
    fine = token(path, full) if has_source and full != bare else coarse
    return Component(coarse, fine, in_app, is_named=bool(full), is_resolved=True)


def _other(came: Component) -> Component:
    return replace(came, is_in_app=not came.is_in_app)


def _written_path(filename: str) -> str:
    parts = without_root(filename[:MAX_PATH]).split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))


def _script_path(path: str) -> tuple[str, bool]:
    return stable_path(path), is_foreign_script(path)


# Frames share their files: these are what a frame that is new costs less for.
_SCRIPT_PATH: Final = Kept(_script_path)
_CODE_PATH: Final = Kept(_path)
_WRITTEN_PATH: Final = Kept(_written_path)

_SCRIPT: Final = Kept(_script)
_CODE: Final = Kept(_code)
_WRITTEN: Final = Kept(_original)
_OTHERS: Final = Kept(_other)
