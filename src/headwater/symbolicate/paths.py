"""A source's name as bundlers write it, and as the person who wrote the source knows it."""

import re
from typing import Final
from urllib.parse import unquote

_BUNDLER: Final = re.compile(r"(?:webpack|webpack-internal|rspack|turbopack|rsdoctor):(?://)?")
_HOSTED: Final = re.compile(r"(?:https?|file|app|capacitor|ionic|vite|ng|parcel|metro)://[^/]*")
_LAYER: Final = re.compile(r"^\((?:[a-z]+(?:-[a-z]+)*)\)/")
_TURBOPACK_ROOT: Final = re.compile(r"^/*(?:turbopack/)?\[project\]/")
_APPLICATION: Final = re.compile(r"^apps/[^/]+/(?=[^/]+/)")
_QUERY: Final = re.compile(r"\?[^/]*$|\?.*[=&].*$")
_UPWARDS: Final = re.compile(r"^(?:\.{1,2}/)+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_PACKAGES: Final = "node_modules/"


def filename_of(source: str) -> str:
    """`src/lib/actions/invoices.ts` from whatever the bundler made of it.

    Without schemes, package names and roots of the bundler's own, steps upwards, queries and
    percent-encoding; a package's path begins at `node_modules`; and of a monorepo's
    `apps/shop/src/…` the program's own folder goes, since the event's project already says which
    program this is.
    """
    path = _decoded(_CONTROL.sub("", source)).replace("\\", "/")
    path = _without_scheme(path)
    path = _QUERY.sub("", path) or path
    # `name/./src/x` is webpack's `webpack://name/./src/x` after sentry-cli took the scheme off.
    path = path.partition("/./")[2] or path
    path = _TURBOPACK_ROOT.sub("", path)
    path = _LAYER.sub("", _UPWARDS.sub("", path))
    path = _UPWARDS.sub("", path)
    if path.startswith("~/"):
        path = _PACKAGES + path[2:]
    inside = path.rfind("/" + _PACKAGES)
    if inside >= 0:
        path = path[inside + 1 :]
    return _APPLICATION.sub("", path) or source


def _decoded(source: str) -> str:
    """Percent-encoding taken off, unless something unprintable comes of it."""
    if "%" not in source:
        return source
    decoded = unquote(source, errors="strict") if _is_utf8(source) else source
    return source if _CONTROL.search(decoded) else decoded


def _is_utf8(source: str) -> bool:
    try:
        unquote(source, errors="strict")
    except UnicodeDecodeError:
        return False
    return True


def _without_scheme(path: str) -> str:
    bundler = _BUNDLER.match(path)
    if bundler is not None:
        return _without_bundler(path[bundler.end() :])
    hosted = _HOSTED.match(path)
    if hosted is None:
        return path
    rest = path[hosted.end() :]
    return rest if hosted[0].startswith("file:") else rest.lstrip("/")


def _without_bundler(rest: str) -> str:
    """`webpack://name/./src/x`, `webpack:///./src/x`, `webpack://@scope/name/./src/x`."""
    if rest.startswith(("[project]/", "/[project]/", "/")):
        return rest.lstrip("/")
    _, marker, after = rest.partition("/./")
    if marker:
        return after
    name, slash, after = rest.partition("/")
    if name.startswith("@"):
        name, slash, after = after.partition("/")
    return after if slash and after else rest


_FOLDERS_LEFT_OUT: Final = re.compile(
    r"""^(?: (?:java)?scripts? | js | build | static | node_modules | bower_components
      | [_.~].* | v?(?:\d{1,4}\.)*\d{1,4} | v\d+ | [a-f0-9]{7,8} | [a-f0-9]{32} | [a-f0-9]{40} )$""",
    re.VERBOSE | re.IGNORECASE,
)
_HASHED: Final = re.compile(r"[-.][a-f0-9]{7,}$", re.IGNORECASE)
_COMMIT: Final = re.compile(r"^[a-f0-9]{40}$", re.IGNORECASE)
_HOST: Final = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*/")


def module_of(path: str) -> str | None:
    """`lib/actions/invoices` of a path or address: what groups frames whatever the deployment."""
    plain = re.split(r"[?#]", _HOST.sub("", path), maxsplit=1)[0]
    parts = [part for part in plain.split("/") if part]
    if not parts:
        return None
    for index, part in enumerate(parts[:-1]):
        if _COMMIT.match(part):
            parts = parts[index + 1 :]
            break
    parts[-1] = re.sub(r"\.[^.]*$", "", parts[-1]).removesuffix(".min") or parts[-1]
    while len(parts) > 1 and _FOLDERS_LEFT_OUT.match(parts[0]):
        parts = parts[1:]
    return _HASHED.sub("", "/".join(parts)) or None
