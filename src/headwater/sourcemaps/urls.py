"""Where a generated file says that its source map is, and how one address is joined to another."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import unquote_to_bytes

MAX_DATA_URL: Final = 64 * 1024**2
"""Characters of a `data:` URL that are decoded; an inline map sits inside a file that was uploaded."""

_REFERENCE: Final = re.compile(r"//[#@][ \t]?sourceMappingURL=[ \t]*(\S+)")
_DEBUG_ID: Final = re.compile(r"//[#@][ \t]?debugId=[ \t]*([0-9A-Fa-f-]{32,45})")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ORIGIN: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:)//([^/?#]*)")
_HOSTED: Final = ("http:", "https:")
_WITHOUT_SLASHES: Final = ("webpack:", "turbopack:", "data:", "node:")


def source_mapping_url(text: str) -> str | None:
    """The value of the last `//# sourceMappingURL=` (or `//@`) in a generated file.

    The last, because bundlers copy in libraries that still carry their own.
    """
    marker = text.rfind("sourceMappingURL=")
    while marker >= 0:
        found = _REFERENCE.match(text, text.rfind("//", max(0, marker - 4), marker))
        if found is not None:
            return found[1]
        marker = text.rfind("sourceMappingURL=", 0, marker)
    return None


def debug_id_comment(text: str) -> str | None:
    """The value of the last `//# debugId=` in a generated file, as written."""
    found = None
    marker = text.rfind("debugId=")
    while marker >= 0 and found is None:
        found = _DEBUG_ID.match(text, max(0, text.rfind("//", max(0, marker - 4), marker)))
        marker = text.rfind("debugId=", 0, marker)
    return found[1] if found is not None else None


def is_absolute(url: str) -> bool:
    """Whether the address has a scheme of its own. A drive letter (`C:/x`) is not one."""
    found = _SCHEME.match(url)
    return found is not None and len(found[0]) > len("C:")


def is_data_url(url: str) -> bool:
    """Whether the map itself is inside the address."""
    return url[:5].lower() == "data:"


def decode_data_url(url: str) -> bytes | None:
    """The bytes inside a `data:` URL, base64 or percent-encoded; None if it can't be decoded."""
    head, comma, body = url.partition(",")
    if not comma or not is_data_url(head) or len(body) > MAX_DATA_URL:
        return None
    if not head.lower().rstrip().endswith(";base64"):
        return unquote_to_bytes(body)
    plain = unquote_to_bytes(body) if "%" in body else body.encode("ascii", "replace")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), altchars=None)
    except (binascii.Error, ValueError):
        return None


def join(base: str, url: str) -> str:
    """`url` as seen from the file at `base`, by the rules that Sentry's tools follow.

    Not RFC 3986: bundlers write addresses such as `webpack://name/./src/x` and `~/x`.
    """
    if "://" in url or url.startswith(_WITHOUT_SLASHES):
        return url
    if url.startswith("~"):
        url = "/" + url[1:].lstrip("/")
    origin = _ORIGIN.match(base)
    if url.startswith("//"):
        return f"{origin[1]}{url}" if origin else url
    if url.startswith("/"):
        return f"{origin[1]}//{origin[2]}{url}" if origin else url
    return _join_relative(base, url, origin)


def _join_relative(base: str, url: str, origin: re.Match[str] | None) -> str:
    head = f"{origin[1]}//{origin[2]}" if origin else ""
    hosted = head.startswith(_HOSTED)
    path = re.split(r"[?#]", base[len(head) :], maxsplit=1)[0]
    folders = [part for part in path.split("/")[:-1] if part]
    for part in url.split("/"):
        if part == ".." and folders and folders[-1] != "..":
            folders.pop()
        elif part == "..":
            folders += [] if hosted else [part]
        elif part and not (part == "." and (hosted or not folders)):
            folders.append(part)
    return f"{head}/{'/'.join(folders)}"
