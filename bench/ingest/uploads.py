"""Minified files with their maps, as a build uploads them, and places in them where calls are."""

import io
import json
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from random import Random
from uuid import UUID

from bench.corpus.shelf import NoCorpus, items, js_of, map_of

CHUNKS = ("react-esbuild", "sentry-vite", "vue-terser", "antd-esbuild")
"""Of the corpus: what one application's browsers load, 4 MB of minified code."""

ORIGIN = "https://shop.example.com"
_CALL = re.compile(rb"[A-Za-z_$][\w$]*(?=\()")


@dataclass(frozen=True, slots=True)
class Script:
    """A minified file: its address, its debug id, and places of calls, from 1."""

    url: str
    debug_id: str
    calls: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Upload:
    """What a build uploads, and what it is made of."""

    bundle: bytes
    scripts: tuple[Script, ...]
    said: str
    """Where it comes from."""


def upload(seed: int) -> Upload:
    """Of the corpus if that is built, or else what `headwater demo` shows."""
    try:
        found = {item.id: item for item in items()}
        pairs = [
            (name, js_of(found[name]).read_bytes(), map_of(found[name]).read_bytes())
            for name in CHUNKS
        ]
    except (NoCorpus, KeyError, FileNotFoundError):
        return _demo(seed)
    scripts, packed, listed = [], {}, {}
    for name, js, source_map in pairs:
        debug_id = str(UUID(int=Random(f"{seed} {name}").getrandbits(128), version=4))  # noqa: S311
        url = f"~/assets/{name}.js"
        scripts.append(_script(f"{ORIGIN}/assets/{name}.js", debug_id, js, seed))
        for end, kind, content in (
            (".js", "minified_source", js),
            (".js.map", "source_map", source_map),
        ):
            path = f"files/_/_/assets/{name}{end}"
            packed[path] = content
            listed[path] = {
                "type": kind,
                "url": url.removesuffix(".js") + end,
                "headers": {"debug-id": debug_id, "sourcemap": f"{name}.js.map"},
            }
    total = sum(len(source_map) for _, _, source_map in pairs)
    said = f"{len(pairs)} bundles of the corpus, {total / 1e6:.0f} MB of maps"
    return Upload(_bundle(packed, listed), tuple(scripts), said)


def _demo(seed: int) -> Upload:
    bundle = (files("headwater.cli") / "demo_bundle" / "bundle.zip").read_bytes()
    scripts = []
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        listed = json.loads(archive.read("manifest.json"))["files"]
        for path, entry in listed.items():
            headers = {key.lower(): value for key, value in entry.get("headers", {}).items()}
            if entry["type"] == "minified_source" and "debug-id" in headers:
                url = entry["url"].replace("~", ORIGIN, 1)
                scripts.append(_script(url, headers["debug-id"], archive.read(path), seed))
    called = [script for script in scripts if script.calls]
    return Upload(bundle, tuple(called), "the demo's bundle, for want of a corpus")


def _script(url: str, debug_id: str, content: bytes, seed: int) -> Script:
    calls = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        calls += [(number, m.start() + 1, m[0].decode()) for m in _CALL.finditer(line)]
    random = Random(f"{seed} {url}")  # noqa: S311
    return Script(url, debug_id, tuple(random.sample(calls, min(len(calls), 5_000))))


def _bundle(packed: Mapping[str, bytes], listed: Mapping[str, object]) -> bytes:
    out = io.BytesIO()
    out.write(b"SYSB" + struct.pack("<I", 2))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, content in packed.items():
            archive.writestr(path, content)
        archive.writestr("manifest.json", json.dumps({"files": listed}))
    return out.getvalue()
