"""`headwater resolve`: a pasted stack trace and a folder of maps, without any server."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from msgspec.structs import replace

from headwater.cli.folder_maps import RELEASE, FolderRefused, FolderSourceMaps
from headwater.cli.pasted import MAX_TEXT, Line, read_pasted, traces
from headwater.cli.remedy import pasted
from headwater.protocol.event import Event, ExceptionValue, Stacktrace
from headwater.symbolicate.remedies.bundlers import Bundler, bundler_of
from headwater.symbolicate.remedies.lines import lines_of
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.resolution import Original, Resolution, ResolvedFrame
from headwater.symbolicate.stacktrace import symbolicate
from headwater.symbolicate.told import cause_of
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

_NOT_FOUND: Final = (
    Verdict.URL_NOT_UPLOADED,
    Verdict.RELEASE_NOT_UPLOADED,
    Verdict.NO_IMAGE_FOR_FRAME,
)
_FUNCTION_WIDTH: Final = 30
"""Columns for a function's name before its place."""


def resolve(
    stack: Annotated[
        str, typer.Argument(help="A file with the stack trace as you copied it; - reads it here.")
    ],
    maps: Annotated[
        list[Path],
        typer.Option("--maps", help="A folder of maps, a map, or an artifact bundle. Repeatable."),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002
) -> None:
    """Turn a minified stack trace into the original one; exit code 1 if no frame could be."""
    try:
        lines = read_pasted(_read(stack))
        found = FolderSourceMaps(maps)
    except (OSError, FolderRefused) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from None
    if not any(line.frame for line in lines):
        typer.echo(f"Error: there is no stack trace in {stack}", err=True)
        raise typer.Exit(2)
    results, guess = _resolve(lines, found)
    typer.echo(_json(lines, results) if as_json else _text(lines, results, maps, guess))
    verdicts = [result.verdict for result in results.values()]
    if any(each.is_failure for each in verdicts) and not any(each.is_resolved for each in verdicts):
        raise typer.Exit(1)


def _read(stack: str) -> str:
    if stack == "-":
        return sys.stdin.read(MAX_TEXT)
    with Path(stack).open(encoding="utf-8", errors="replace") as file:
        return file.read(MAX_TEXT)


def _resolve(
    lines: tuple[Line, ...], maps: FolderSourceMaps
) -> tuple[dict[int, ResolvedFrame], Bundler | None]:
    """Each frame's result, by the index of its line; and what seems to have built the files."""
    runs = tuple(traces(lines))
    event = _event(lines, runs)
    resolution = symbolicate(event, maps)
    return dict(_by_line(runs, resolution)), bundler_of(event, resolution)


def _by_line(
    runs: tuple[tuple[int, ...], ...], resolution: Resolution
) -> list[tuple[int, ResolvedFrame]]:
    pairs = zip(runs, resolution.stacktraces, strict=True)
    return [each for run, trace in pairs for each in zip(reversed(run), trace.frames, strict=True)]


def _event(lines: tuple[Line, ...], runs: tuple[tuple[int, ...], ...]) -> Event:
    """As an SDK would send it: the oldest call first, where people read the newest first."""
    exceptions = []
    for number, run in enumerate(runs):
        frames = tuple(frame for index in reversed(run) if (frame := lines[index].frame))
        trace = Stacktrace(("exception", "values", number, "stacktrace"), frames)
        exceptions.append(ExceptionValue(stacktrace=trace))
    on_node = any("node:" in line.text for line in lines)
    event = Event("0" * 32, "node" if on_node else "javascript", datetime.now(UTC))
    return replace(event, release=RELEASE, exceptions=tuple(exceptions))


def _text(
    lines: tuple[Line, ...],
    results: dict[int, ResolvedFrame],
    maps: list[Path],
    guess: Bundler | None,
) -> str:
    shown = [_line(line, results.get(index)) for index, line in enumerate(lines)]
    resolved = sum(result.verdict.is_resolved for result in results.values())
    wanting = {result.verdict: result for result in results.values() if result.verdict.is_failure}
    total = resolved + sum(result.verdict.is_failure for result in results.values())
    summary = f"{resolved} of {total} minified frames resolved."
    return "\n".join(
        [*shown, "", summary, *(_remedy(each, maps, guess) for each in wanting.values())]
    )


def _line(line: Line, result: ResolvedFrame | None) -> str:
    if line.frame is None or result is None:
        return line.text
    if result.original is None:
        path, where = line.frame.abs_path or "", _place(line.frame.lineno, line.frame.colno)
        note = f"  ({result.verdict.value})" if result.verdict.is_failure else ""
        return f"  {line.frame.function or '?':<{_FUNCTION_WIDTH}}  {path}{where}{note}"
    return "\n".join(_original(each) for each in (result.original, *result.inlined_into))


def _original(original: Original) -> str:
    function = original.function or "(top level)"
    if original.passed_to:
        function = f"{function} passed to {original.passed_to}"
    head = f"  {function:<{_FUNCTION_WIDTH}}  {original.filename}"
    code = f"\n{'':<{_FUNCTION_WIDTH + 4}}{_code(original)}" if original.context_line else ""
    return f"{head}{_place(original.lineno, original.colno)}{code}"


def _place(lineno: int | None, colno: int | None) -> str:
    return "".join(f":{number}" for number in (lineno, colno) if number)


def _code(original: Original) -> str:
    return (original.context_line or "").strip()


def _remedy(result: ResolvedFrame, maps: list[Path], guess: Bundler | None) -> str:
    if result.verdict in _NOT_FOUND:
        names = ", ".join(map(str, maps))
        return (
            f"\n{result.verdict.value}: no file of this frame's name is in {names}, nor a map for "
            "it.\n  → Give the output folder of exactly the build that was deployed."
        )
    remedy = EXPLANATIONS[result.verdict].remedy
    detail = f" ({result.evidence.detail})" if result.evidence.detail else ""
    head = f"\n{result.verdict.value}: {cause_of(result)}{detail}"
    sentence = (f"  → {remedy}",) if remedy else ()
    return "\n".join((head, *sentence, *pasted(lines_of(result.verdict, Place(), guess))))


def _json(lines: tuple[Line, ...], results: dict[int, ResolvedFrame]) -> str:
    answer = [
        {"line": lines[index].text, "verdict": result.verdict, "resolution": result}
        for index, result in sorted(results.items())
    ]
    return msgspec.json.format(msgspec.json.encode(answer)).decode()
