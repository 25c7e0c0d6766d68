"""What a source map holds, and whether it fits its minified file."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Final

from headwater.artifacts.facts.of_pair import MAX_EXAMPLES, MAX_TEXT, Counted, Fit, MapFacts
from headwater.sourcemaps.compiled.origins import Source
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.spots import spot
from headwater.sourcemaps.compiled.texts import Text
from headwater.sourcemaps.mapping import Mapping
from headwater.symbolicate.doubts import doubt_of

MAX_SOURCES_READ: Final = 5_000
"""Sources of one map that are looked at: half a second for as many. The first ones."""

SAMPLED_BLOCKS: Final = 16
"""Parts of the minified file, spread evenly, in which mappings are compared with it."""

SAMPLED_PER_BLOCK: Final = 16
"""Mappings of each: 256 take 30 milliseconds and tell misfits from sound maps with a wide margin."""

_HEAD: Final = 64 * 1024
"""Bytes at either end of a map in which `file` stands, if it has one."""
_FILE: Final = re.compile(rb'(?<!\\)"file"\s{0,3}:\s{0,3}("(?:[^"\\]|\\.){1,250}")')

_BEFORE: Final = r"^(?:[A-Za-z][A-Za-z0-9+.-]*://[^/]*)?/{0,2}"
_HOME_FOLDER: Final = re.compile(
    _BEFORE + r"(?:home|Users)/(?!runner/|circleci/|jenkins/|vsts\w*/|travis/|node/|app/|ubuntu/"
    r"|build\w*/|user/|Shared/)[^/]+/|^(?:file:///)?[A-Za-z]:[\\/]Users[\\/](?!runner)[^\\/]+[\\/]"
)
_MACHINE: Final = re.compile(
    _BEFORE + r"(?:home|Users|root|var|opt|builds|github|tmp|workspace|srv|mnt|private|usr)/"
    r"|^file://|^[A-Za-z]:[\\/]"
)


def map_facts(content: memoryview, compiled: CompiledMap, script: Text | None) -> MapFacts:
    """`content` is the map as uploaded, `script` the minified file's text. Raises as the map does."""
    sources = [compiled.source(at) for at in range(min(compiled.sources, MAX_SOURCES_READ))]
    return MapFacts(
        mappings=compiled.mappings,
        sources=compiled.sources,
        gist=_gist(compiled, sources),
        debug_id=None if compiled.debug_id is None else compiled.debug_id[:MAX_TEXT],
        file=_file(content),
        without_text=_counted(sources, lambda source: not source.digest and not source.is_ignored),
        absolute=_counted(sources, lambda source: _MACHINE.match(source.name or "") is not None),
        private=_counted(sources, lambda source: _HOME_FOLDER.match(source.name or "") is not None),
        faults=Counted(
            len(compiled.faults), [each[:MAX_TEXT] for each in compiled.faults[:MAX_EXAMPLES]]
        ),
        fit=None if script is None else fit_of(compiled, script),
    )


def _gist(compiled: CompiledMap, sources: Sequence[Source]) -> str:
    """Clients rewrite maps as they upload them, each version in its own way."""
    digest = hashlib.sha256(f"{compiled.mappings} {compiled.sources}".encode())
    for source in sources:
        digest.update(source.digest or (source.name or "").encode("utf-8", "replace"))
    for mapping in compiled.sample(SAMPLED_BLOCKS, SAMPLED_PER_BLOCK):
        # Without its name: names may be written in another order.
        places = (mapping.line, mapping.column, mapping.source)
        digest.update(repr((*places, mapping.source_line, mapping.source_column)).encode())
    return digest.hexdigest()


def fit_of(compiled: CompiledMap, script: Text) -> Fit:
    """Compare a sample of mappings with the minified file, and the sources as far as they are there."""
    sampled = outside = 0
    doubts: list[str] = []
    for mapping in compiled.sample(SAMPLED_BLOCKS, SAMPLED_PER_BLOCK):
        if mapping.source is None:
            continue
        sampled += 1
        doubt = _doubt(compiled, script, mapping)
        if doubt == "":
            outside += 1
        elif doubt is not None:
            doubts.append(f"line {mapping.line + 1}, column {mapping.column + 1}: {doubt}")
    examples = [each[:MAX_TEXT] for each in doubts[:MAX_EXAMPLES]]
    return Fit(sampled, outside, len(doubts), examples)


def _doubt(compiled: CompiledMap, script: Text, mapping: Mapping) -> str | None:
    """What speaks against a mapping; "": the minified file has no such place; None: nothing."""
    generated = spot(script, mapping.line, mapping.column)
    if generated is None:
        return ""
    if generated.length is not None and mapping.column > generated.length:
        return ""
    excerpt = compiled.origin(mapping).excerpt
    text = None if mapping.source is None else compiled.text(mapping.source)
    if text is None or excerpt is None:
        return None
    original = spot(text, mapping.source_line, mapping.source_column)
    return None if original is None else doubt_of(mapping, generated, original, excerpt)


def _file(content: memoryview) -> str | None:
    for part in (content[:_HEAD], content[-_HEAD:]):
        found = _FILE.search(part)
        if found is not None:
            try:
                name = json.loads(found[1])
            except ValueError:
                return None
            return name if isinstance(name, str) and name.isprintable() else None
    return None


def _counted(sources: list[Source], is_one: Callable[[Source], bool]) -> Counted:
    examples: list[str] = []
    number = 0
    for source in sources:
        if is_one(source):
            number += 1
            if len(examples) < MAX_EXAMPLES:
                examples.append((source.name or "")[:MAX_TEXT])
    return Counted(number, examples)
