"""What of one frame tells one error from another: file and function, never a line or column."""

from dataclasses import dataclass
from typing import Final

from headwater.grouping.in_app import JAVASCRIPT, is_foreign_script, is_own_code
from headwater.grouping.kept import Kept
from headwater.grouping.minified import stable_function, stable_path
from headwater.grouping.names import function_name, module_name
from headwater.grouping.paths import MAX_PATH, project_path, without_root
from headwater.grouping.words import token
from headwater.protocol.event import Frame

_BY_FILE_NAME: Final = frozenset({"native", "c", "cpp", "rust", "cocoa", "objc", "swift"})
"""Platforms whose functions are qualified, and whose paths are those of the machine that built."""


@dataclass(frozen=True, slots=True)
class Component:
    """One frame's part of a hash: `bare` as far as it is known without the source's text, `full`
    with the function's class. Empty: the frame says nothing."""

    bare: bytes
    full: bytes
    is_in_app: bool
    is_named: bool


def component(platform: str, frame: Frame) -> Component:
    """A frame as it came, whatever became of it. `platform` is the event's."""
    platform = frame.platform or platform
    path = frame.abs_path or frame.filename
    if platform in JAVASCRIPT:
        return _SCRIPT[path, frame.function, frame.in_app]
    return _CODE[platform, path, frame.filename, frame.module, frame.function, frame.in_app]


def original_component(filename: str, function: str | None, named_by: str | None) -> Component:
    """An in-app frame as it was written, with what its function's name was taken from."""
    return _WRITTEN[filename, function, named_by]


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


def _original(filename: str, function: str | None, named_by: str | None) -> Component:
    path = _WRITTEN_PATH[(filename,)]
    is_minified = named_by == "raw"
    full = stable_function(function) or "" if is_minified else function_name("", function)
    # Without the source's text a name is a guess from the minified script: the class is often lost.
    bare = full.rpartition(".")[2]
    return Component(token(path, bare), token(path, full), is_in_app=True, is_named=bool(full))


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
