"""A deployed page's scripts, with what the server would make of their frames."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from headwater.cli.check.deployed import Page, Script
from headwater.symbolicate.verdicts import Verdict


class JudgedScript(msgspec.Struct, frozen=True):
    """`mark`: `ok`, `FAIL` or `skipped`. `answer`: what the server said, if it was asked."""

    url: str
    mark: str
    said: str
    debug_ids: Sequence[str]
    answer: dict[str, Any] | None


class Judged(msgspec.Struct, frozen=True, rename="camel"):
    """A page. `checked`: scripts that were read and looked up; `named`: those that it names."""

    url: str
    named: int
    checked: int
    resolvable: int
    is_ok: bool
    scripts: tuple[JudgedScript, ...]
    public_maps: tuple[str, ...]


def judged(page: Page, answers: Mapping[str, dict[str, Any]], ignore: Sequence[str]) -> Judged:
    """Join what was read with what was answered, by address."""
    scripts = tuple(_one(each, answers.get(each.url), ignore) for each in page.scripts)
    checked = [each for each in scripts if each.mark != "skipped"]
    resolvable = sum(each.mark == "ok" for each in checked)
    return Judged(
        url=page.url,
        named=page.named,
        checked=sum(each.answer is not None for each in checked),
        resolvable=resolvable,
        is_ok=bool(checked) and resolvable == len(checked),
        scripts=scripts,
        public_maps=tuple(each.public_map for each in page.scripts if each.public_map),
    )


def _one(script: Script, answer: dict[str, Any] | None, ignore: Sequence[str]) -> JudgedScript:
    ids = script.debug_ids
    if any(fnmatchcase(script.url, pattern) for pattern in ignore):
        return JudgedScript(script.url, "skipped", "ignored", ids, answer)
    if script.is_foreign:
        return JudgedScript(script.url, "skipped", "another host's, without debug id", ids, answer)
    if script.trouble or answer is None:
        return JudgedScript(script.url, "FAIL", script.trouble or "not looked up", ids, answer)
    if answer["verdict"] == Verdict.THIRD_PARTY:
        return JudgedScript(script.url, "skipped", "third party", ids, answer)
    if answer["isResolvable"]:
        by_id = ids and answer["resolvedWith"] == "debug-id"
        how = f"debug id {answer['debugId']}" if by_id else "by release and address"
        return JudgedScript(script.url, "ok", how, ids, answer)
    return JudgedScript(script.url, "FAIL", _why(script, answer), ids, answer)


def _why(script: Script, answer: Mapping[str, Any]) -> str:
    if script.debug_ids or not script.comment_ids:
        return str(answer["verdict"])
    return (
        f"{answer['verdict']}: debug id {script.comment_ids[0]} stands in a comment only, which events"
        " don't carry; `sentry-cli sourcemaps inject` adds the line that runs"
    )
