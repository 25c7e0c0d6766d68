"""What a minified file says of its debug ids, and a service worker of the files it keeps."""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from headwater.artifacts.facts.of_pair import (
    MAX_IDS,
    MAX_PRECACHED,
    MAX_TEXT,
    Precached,
    ScriptFacts,
)

_HERMES: Final = bytes.fromhex("c61fbc03c103191f")
"""Begins Hermes' bytecode."""

_UUID: Final = rb"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_COMMENT: Final = re.compile(rb"//[#@][ \t]?debugId=[ \t]*(" + _UUID + rb")")
_LAST_COMMENT: Final = re.compile(rb"(?:\r?\n)?//# debugId=[^\n]{0,60}\s*\Z")
_ENDING: Final = 200
"""Bytes at a file's end in which the comment is looked for."""
# The plugins' and sentry-cli's own lines, also after a minifier has seen them.
SNIPPET: Final = re.compile(
    rb"(?:_sentryDebugIds\[[^\]\n]{1,50}\]\s{0,3}=\s{0,3}[\"'`]|sentry-dbid-)(" + _UUID + rb")"
)

_QUOTED: Final = rb"\s{0,20}[\"']?%s[\"']?\s{0,3}:\s{0,3}[\"'`](%s)[\"'`]\s{0,20}"
_URL: Final = _QUOTED % (rb"url", rb"[^\"'`\n]{1,300}")
_REVISION: Final = _QUOTED % (rb"revision", rb"[0-9a-f]{32}")
_WORKBOX: Final = re.compile(rb"\{(?:%s,%s|%s,%s)\}" % (_URL, _REVISION, _REVISION, _URL))
_NGSW: Final = re.compile(rb"\"(/[^\"\n]{1,300})\"\s{0,3}:\s{0,3}\"([0-9a-f]{40})\"")
_HASH_TABLE: Final = re.compile(rb"\"hashTable\"\s{0,3}:\s{0,3}\{")


def script_facts(content: memoryview, asked: Collection[str] = ()) -> ScriptFacts:
    """`asked` are debug ids that the upload says it has."""
    comments = _distinct(_COMMENT.finditer(content))
    within = {found.start(1) for found in _COMMENT.finditer(content)}
    return ScriptFacts(
        comment_ids=comments,
        snippet_ids=_distinct(SNIPPET.finditer(content)),
        named_ids=[
            each for each in dict.fromkeys((*comments, *asked)) if _is_named(content, each, within)
        ],
        is_bytecode=bytes(content[: len(_HERMES)]) == _HERMES,
        digests=_digests(content),
        precached=list(islice(_precached(content), MAX_PRECACHED)),
    )


def _distinct(found: Iterator[re.Match[bytes]]) -> Sequence[str]:
    ids: dict[str, None] = {}
    for each in found:
        debug_id = each[1].decode().lower()
        ids.pop(debug_id, None)
        ids[debug_id] = None
        if len(ids) > MAX_IDS:
            del ids[next(iter(ids))]
    return list(ids)


def _is_named(content: memoryview, debug_id: str, within: Collection[int]) -> bool:
    """Anywhere but `within` comments, whose ids begin there."""
    found = re.finditer(re.escape(debug_id.encode()), content, re.IGNORECASE)
    return any(each.start() not in within for each in found)


def _digests(content: memoryview) -> Sequence[str]:
    ending = bytes(content[-_ENDING:])
    comment = _LAST_COMMENT.search(ending)
    forms = [content]
    if comment is not None:
        forms.append(content[: len(content) - len(ending) + comment.start()])
    return [
        digest(form, usedforsecurity=False).hexdigest()
        for form in forms
        for digest in (hashlib.md5, hashlib.sha1)
    ]


def _precached(content: memoryview) -> Iterator[Precached]:
    for found in _WORKBOX.finditer(content):
        yield _entry(found[1] or found[4], found[2] or found[3])
    table = _HASH_TABLE.search(content)
    if table is not None:
        for found in _NGSW.finditer(content, table.end()):
            yield _entry(found[1], found[2])


def _entry(url: bytes, digest: bytes) -> Precached:
    return Precached(url.decode("utf-8", "replace")[:MAX_TEXT], digest.decode())
