"""`headwater explain`: why the frames of an event are, or are not, what was written."""

from collections.abc import Iterator
from typing import Annotated, Final

import msgspec
import typer

from headwater.cli.answer import AsJson, fail, printable
from headwater.cli.client import NoAnswer
from headwater.cli.instance import opened_database, served_at
from headwater.cli.remedy import pasted
from headwater.cli.remote import AuthToken, Url, client_of
from headwater.protocol.component_stack import PATH as COMPONENT_STACK
from headwater.protocol.event_id import parse_event_id
from headwater.protocol.event_json import parse_event
from headwater.server.api.frame_verdicts import (
    EventVerdicts,
    FrameVerdict,
    StacktraceVerdicts,
    verdicts_of,
)
from headwater.settings import read_settings
from headwater.storage.events.events import Events
from headwater.storage.projects import Projects
from headwater.symbolicate.concerned import concerned, minified
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.resolution import Original, read_resolution
from headwater.symbolicate.told import near_of

_FUNCTION_WIDTH: Final = 30
"""Columns for a function's name before its place."""


def explain(
    event_id: Annotated[
        str, typer.Argument(help="The event's id, as the SDK and the page show it.")
    ],
    url: Url = "",
    token: AuthToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Say of every frame of a stored event what became of it, why, and what to do.

    Without --url it reads the database of this machine's settings.
    """
    wanted = parse_event_id(event_id)
    if wanted is None:
        fail(f"{event_id!r} is no event id: it has 32 hexadecimal digits.")
    stored = _remote(wanted, url, token) if url else _local(wanted)
    if as_json:
        typer.echo(msgspec.json.format(stored).decode())
    else:
        typer.echo("\n".join(_text(_read(stored))))


def _remote(event_id: str, url: str, token: str) -> bytes:
    client = client_of(url, token)
    try:
        home = client.get(f"/api/0/organizations/any/eventids/{event_id}/")["projectSlug"]
        return client.read(f"/api/0/projects/any/{home}/events/{event_id}/sourcemaps/")
    except NoAnswer as error:
        fail(str(error))


def _local(event_id: str) -> bytes:
    settings = read_settings()
    with opened_database(settings) as database:
        stored = Events(database).get(None, event_id)
        project = Projects(database).get(str(stored.project_id)) if stored else None
    if stored is None:
        fail(
            f"There is no event {event_id} in {settings.data_dir}. To ask a server, give its address"
            " with --url and a token with --token."
        )
    event = parse_event(stored.payload, stored.received_at, event_id=stored.event_id)
    resolution = read_resolution(stored.resolution)
    place = Place(served_at(settings), project.slug if project else "any")
    return msgspec.json.encode(verdicts_of(event, resolution, place))


def _read(stored: bytes) -> EventVerdicts:
    try:
        return msgspec.json.decode(stored, type=EventVerdicts)
    except msgspec.MsgspecError as error:
        fail(f"The server answered what this version can't read: {error}. --json shows it.")


def _text(event: EventVerdicts) -> Iterator[str]:
    release = f", release {event.release}" if event.release else ", no release"
    dist = f", dist {event.dist}" if event.dist else ""
    yield printable(f"Event {event.event_id}{release}{dist}, {event.debug_images} debug images")
    frames = [frame for trace in event.stacktraces for frame in trace.frames]
    for trace in event.stacktraces:
        yield from _trace(trace)
    unresolved = {frame.verdict: frame for frame in frames if _is_told(frame)}
    yield ""
    yield _count(frames) if frames else "It has no stack trace."
    for frame in unresolved.values():
        yield from _reason(frame)
        yield from pasted(event.remedies.get(frame.verdict, ()))


def _is_told(frame: FrameVerdict) -> bool:
    return frame.verdict.is_failure or frame.verdict.is_doubtful


def _count(frames: list[FrameVerdict]) -> str:
    """As the event's page counts them."""
    counted = concerned(frames)
    resolved = sum(frame.is_resolved for frame in counted)
    doubtful = sum(frame.verdict.is_doubtful for frame in counted)
    whose = " of your own code" if len(counted) < len(minified(frames)) else ""
    doubt = f", {doubtful} of them doubtfully" if doubtful else ""
    return f"{resolved} of {len(counted)} minified frames{whose} resolved{doubt}."


def _trace(trace: StacktraceVerdicts) -> Iterator[str]:
    yield ""
    stack = "Component stack" if trace.path == COMPONENT_STACK else "Stack trace"
    yield printable(trace.exception or stack)
    for frame in reversed(trace.frames):
        note = f"  {frame.verdict.value}" if _is_told(frame) else ""
        yield f"  {_line(frame)}{note}"
        yield from (f"  {_place(each)}" for each in frame.inlined_into)


def _line(frame: FrameVerdict) -> str:
    if frame.original is not None:
        return _place(frame.original)
    raw = frame.raw
    return _columns(raw.function, raw.abs_path or raw.filename, raw.lineno, raw.colno)


def _place(original: Original) -> str:
    return _columns(original.function, original.filename, original.lineno, original.colno)


def _columns(function: str | None, path: str | None, lineno: int | None, colno: int | None) -> str:
    numbers = "".join(f":{number}" for number in (lineno, colno) if number)
    return printable(f"{function or '?':<{_FUNCTION_WIDTH}}  {path or 'unknown file'}{numbers}")


def _reason(frame: FrameVerdict) -> Iterator[str]:
    detail = f" ({frame.evidence.detail})" if frame.evidence.detail else ""
    yield ""
    yield printable(f"{frame.verdict.value}: {frame.cause}{detail}")
    if frame.evidence.debug_id:
        yield f"  debug id {frame.evidence.debug_id}"
    for near in near_of(frame.evidence.near):
        yield f"  {printable(near)}"
    if frame.remedy:
        yield f"  → {frame.remedy}"
