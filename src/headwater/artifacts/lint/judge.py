"""From what was found in a pair of files to findings."""

from collections.abc import Iterator
from typing import Final

from headwater.artifacts.facts.of_pair import Counted, Facts, Fit, MapFacts, ScriptFacts
from headwater.artifacts.lint.findings import Check, Finding
from headwater.artifacts.lint.pairs import Pair
from headwater.artifacts.members import Member
from headwater.protocol.debug_id import UUID_LENGTH, parse_debug_id
from headwater.storage.uploads.artifact import NewFile

MISFIT_SHARE: Final = 0.15
"""Of the mappings that are compared: 53 real maps by 17 chains of tools have up to 0.05 that look
wrong, a file with one line more at its beginning or one more minifier behind it 0.25 and more."""

MIN_MISFITS: Final = 3
"""Fewer may be a generator's whim."""


def judge(pair: Pair, facts: Facts, *, is_map_known: bool) -> Iterator[Finding]:
    """All that can be said of one pair. `is_map_known`: its map was uploaded before."""
    if facts.script is not None and pair.script is not None:
        yield from _of_script(pair.script, facts.script)
    if facts.map is not None:
        yield from _of_map(pair.map or pair.script, facts.map)
        if pair.script is not None and pair.map is not None and facts.script is not None:
            yield from _of_both(pair.script.file, facts.script, facts.map)
        if facts.map.fit is not None and pair.script is not None:
            yield from _of_fit(pair.script, facts.map.fit)
    if pair.map is not None and pair.script is None and pair.map.file.fault is None:
        yield Finding(Check.SCRIPT_NOT_THERE, pair.map.file.url)
    if pair.map is not None and pair.script is not None and pair.map.file.fault is not None:
        yield Finding(Check.MAP_UNUSABLE, pair.script.file.url, f"It is {pair.map.file.url}.")
    if pair.lacks_map and pair.script is not None:
        yield from _without_map(pair, pair.script, is_map_known=is_map_known)


def _of_script(script: Member, facts: ScriptFacts) -> Iterator[Finding]:
    if facts.is_bytecode:
        return
    file = script.file
    own = file.debug_id
    every = dict.fromkeys((*facts.snippet_ids, *facts.comment_ids))
    if len(every) > 1:
        yield Finding(Check.SEVERAL_DEBUG_IDS, file.url, f"It has {_listed(list(every))}.")
    elif (
        own is not None
        and own[:UUID_LENGTH] not in facts.named_ids
        and own[:UUID_LENGTH] not in every
    ):
        yield Finding(
            Check.SNIPPET_MISSING, file.url, f"Only the upload says that it has the id {own}."
        )
    elif own is not None and own[:UUID_LENGTH] not in facts.named_ids:
        yield Finding(Check.SNIPPET_MISSING, file.url, f"{own} is in its comment only.")


def _of_both(file: NewFile, script: ScriptFacts, source_map: MapFacts) -> Iterator[Finding]:
    inside = parse_debug_id(source_map.debug_id)
    its = script.comment_ids[-1] if script.comment_ids else file.debug_id
    if inside is not None and its is not None and inside[:UUID_LENGTH] != its[:UUID_LENGTH]:
        yield Finding(
            Check.DEBUG_IDS_DIFFER,
            file.url,
            f"The file has {its[:UUID_LENGTH]}, its map {inside[:UUID_LENGTH]}.",
        )


def _of_map(holder: Member | None, facts: MapFacts) -> Iterator[Finding]:
    if holder is None:
        return
    url = holder.file.url
    if not facts.mappings:
        yield Finding(Check.MAP_EMPTY, url)
    without = facts.without_text
    if without and without.number == facts.sources:
        yield Finding(Check.NO_SOURCE_TEXT, url, f"It has {_sources(facts.sources)}.")
    elif without:
        yield Finding(Check.SOME_SOURCE_TEXT_MISSING, url, _examples(without, "without text"))
    if facts.private:
        yield Finding(Check.PRIVATE_PATHS, url, _examples(facts.private, "with such a path"))
    elif facts.absolute:
        yield Finding(Check.ABSOLUTE_PATHS, url, _examples(facts.absolute, "with such a path"))
    if facts.faults:
        said = "; ".join(facts.faults.examples)
        more = facts.faults.number - len(facts.faults.examples)
        yield Finding(Check.NOT_VALID, url, said + (f"; and {more} more" if more > 0 else "") + ".")


def _of_fit(script: Member, fit: Fit) -> Iterator[Finding]:
    bad = fit.outside + fit.doubted
    is_misfit = bad >= MIN_MISFITS and bad >= MISFIT_SHARE * fit.sampled
    if not (is_misfit or 0 < fit.sampled == fit.outside):
        return
    seen = f"Of {fit.sampled:,} mappings that were compared, {fit.outside:,} lead to places that the file does not have"
    seen += f" and {fit.doubted:,} to others than they say"
    if fit.examples:
        seen += f": {fit.examples[0]}"
    yield Finding(Check.MAPPINGS_MISFIT, script.file.url, seen + ".")


def _without_map(pair: Pair, script: Member, *, is_map_known: bool) -> Iterator[Finding]:
    if is_map_known or script.file.fault is not None:
        return
    if pair.named is not None:
        yield Finding(Check.MAP_NOT_THERE, script.file.url, f"It names {pair.named}.")
    else:
        yield Finding(Check.NO_MAP_NAMED, script.file.url)


def _examples(counted: Counted, what: str) -> str:
    more = counted.number - len(counted.examples)
    shown = ", ".join(counted.examples) + (f" and {more:,} more" if more > 0 else "")
    return f"{_sources(counted.number)} {what}: {shown}."


def _sources(number: int) -> str:
    return "1 source" if number == 1 else f"{number:,} sources"


def _listed(ids: list[str]) -> str:
    return ", ".join(ids[:-1]) + " and " + ids[-1]
