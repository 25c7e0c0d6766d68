"""What is wrong between files of a bundle, and between a bundle and what was uploaded before."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from headwater.artifacts.facts.of_pair import Facts, Precached, ScriptFacts
from headwater.artifacts.lint.findings import Check, Finding
from headwater.artifacts.lint.pairs import Pair
from headwater.protocol.debug_id import DebugId
from headwater.storage.uploads.artifact import UploadedMap

_SHOWN: Final = 3

Looked = Sequence[tuple[Pair, Facts]]
"""Pairs, and what was found in each."""


def shared_ids(looked: Looked) -> Iterator[Finding]:
    """One debug id for files of different content."""
    scripts: defaultdict[DebugId, dict[str, str]] = defaultdict(dict)
    maps: defaultdict[DebugId, dict[str, str]] = defaultdict(dict)
    for pair, facts in looked:
        if pair.script is not None and pair.script.file.debug_id and facts.script is not None:
            # Without the comment at its end: clients add it, and number files in it.
            body = facts.script.digests[-1]
            scripts[pair.script.file.debug_id].setdefault(body, pair.script.file.url)
        if pair.map is not None and pair.map.file.debug_id:
            gist = pair.map.file.sha256 if facts.map is None else facts.map.gist
            maps[pair.map.file.debug_id].setdefault(gist, pair.map.file.url)
    for debug_id in scripts.keys() | maps.keys():
        urls = list((scripts if len(scripts[debug_id]) > 1 else maps)[debug_id].values())
        if len(urls) > 1:
            more = f" and {len(urls) - _SHOWN:,} more" if len(urls) > _SHOWN else ""
            seen = f"{debug_id} is that of {', '.join(urls[:_SHOWN])}{more}."
            yield Finding(Check.DEBUG_ID_SHARED, urls[0], seen)


def reused_ids(looked: Looked, before: Sequence[UploadedMap]) -> Iterator[Finding]:
    """A debug id that another map had, uploaded before; `before` are maps with any of the ids."""
    earlier = {each.debug_id: each for each in before}
    for pair, _ in looked:
        file = None if pair.map is None else pair.map.file
        other = earlier.get(file.debug_id) if file is not None and file.debug_id else None
        if file is not None and other is not None:
            day = f"{other.uploaded_at:%Y-%m-%d %H:%M} UTC"
            seen = f"{other.debug_id} was that of {other.url}, uploaded {day}."
            yield Finding(Check.DEBUG_ID_REUSED, file.url, seen)


def stale_lists(looked: Looked) -> Iterator[Finding]:
    """A service worker's list with hashes that are not those of the files in the bundle."""
    listed = {_path(each) for _, facts in looked if facts.script for each in facts.script.precached}
    by_path: defaultdict[str, list[ScriptFacts]] = defaultdict(list)
    for pair, facts in looked:
        if pair.script is not None and facts.script is not None:
            for tail in _tails(pair.script.file.url):
                if tail in listed:
                    by_path[tail].append(facts.script)
    for pair, facts in looked:
        if pair.script is None or facts.script is None:
            continue
        stale = [entry for entry in facts.script.precached if _is_stale(entry, by_path)]
        if stale:
            names = ", ".join(entry.url for entry in stale[:_SHOWN])
            more = f" and {len(stale) - _SHOWN:,} more" if len(stale) > _SHOWN else ""
            seen = f"The hashes of {names}{more} are those of other content."
            yield Finding(Check.SERVICE_WORKER_STALE, pair.script.file.url, seen)


def _is_stale(entry: Precached, by_path: Mapping[str, Sequence[ScriptFacts]]) -> bool:
    ours = by_path.get(_path(entry), ())
    return len(ours) == 1 and entry.digest not in ours[0].digests


def _path(entry: Precached) -> str:
    return "/" + entry.url.partition("?")[0].removeprefix("./").lstrip("/")


def _tails(url: str) -> Iterator[str]:
    """`/b/c.js` and `/c.js` of `~/b/c.js`."""
    at = url.find("/")
    while at >= 0:
        yield url[at:]
        at = url.find("/", at + 1)
