"""Bundles that are sound, and what a build may do to them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from headwater.artifacts.lint.findings import Finding, Report, read_report
from headwater.protocol.chunks import AssembleState
from headwater.storage.page import PageRequest
from headwater.storage.uploads.bundle_pages import BundlePages
from headwater.storage.uploads.home import Home
from tests.sourcemaps.encode import encode_mappings
from tests.upload_side import DEBUG_ID, UploadSide, bundle_of, manifest_of

SNIPPET = '!function(){{try{{e._sentryDebugIds[n]="{}"}}catch(e){{}}}}();\n'
WORDS = [f"word{number:02}" for number in range(40)]
SOURCE = "\n".join(f"  {word}();" for word in WORDS) + "\n"


def code(words: Sequence[str] = WORDS) -> str:
    """A minified line that calls each word."""
    return "".join(f"{word}();" for word in words)


def script(
    debug_id: str | None = DEBUG_ID,
    body: str = code(),
    *,
    name: str = "app.js",
    snippet: str | None = None,
) -> bytes:
    """A minified file, injected as Sentry's tools do it: the snippet first, the comment last."""
    if snippet is None:
        snippet = SNIPPET.format(debug_id) if debug_id else ""
    comment = f"//# debugId={debug_id}\n" if debug_id else ""
    return f"{snippet}{body}\n//# sourceMappingURL={name}.map\n{comment}".encode()


def source_map(debug_id: str | None = DEBUG_ID, *, line: int = 1, **changes: Any) -> bytes:
    """The map of `script`, whose code is on line 1 (from 0) behind the snippet."""
    segments = [(len(WORDS[0] + "();") * number, 0, number, 2) for number in range(len(WORDS))]
    document = {
        "version": 3,
        "sources": ["../src/app.ts"],
        "sourcesContent": [SOURCE],
        "names": [],
        "mappings": encode_mappings([[], segments] if line else [segments]),
        **({"debug_id": debug_id, "debugId": debug_id} if debug_id else {}),
        **changes,
    }
    return json.dumps({name: value for name, value in document.items() if value != ()}).encode()


def bundle(
    files: Mapping[str, bytes],
    ids: Mapping[str, str | None] | None = None,
    *,
    are_parsed: bool = True,
) -> bytes:
    """A bundle as sentry-cli makes it. `ids` as the manifest has them; DEBUG_ID unless given. What it
    can't parse (`are_parsed`) it calls minified files."""
    described: dict[str, dict[str, object]] = {}
    for path in files:
        debug_id = (ids or {}).get(path, DEBUG_ID)
        headers = {"debug-id": debug_id} if debug_id else {}
        is_map = path.endswith(".map")
        if not is_map and f"{path}.map" in files:
            headers["sourcemap"] = path.rpartition("/")[2] + ".map"
        kind = "source_map" if is_map and are_parsed else "minified_source"
        described[path] = {"type": kind, "url": f"~/{path}", "headers": headers}
    return bundle_of(files, manifest_of(described))


def linted(
    side: UploadSide, packed: bytes, version: str | None = None, home: Home = None
) -> Report:
    """What is stored of a bundle that was uploaded now."""
    answer = side.upload(home, packed, version)
    assert answer.state is AssembleState.OK, answer.detail
    pages = BundlePages(side.database)
    content = pages.report(pages.newest(None, PageRequest(size=1)).items[0].id)
    assert content is not None
    return read_report(content)


def only(report: Report) -> Finding:
    """The one thing that was found."""
    (finding,) = report.findings
    return finding
