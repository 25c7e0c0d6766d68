"""`headwater resolve-again`: have stored events resolved again, beside a running server."""

import time
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from headwater.cli.accounts import existing_project
from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import opened_database
from headwater.protocol.event_id import parse_event_id
from headwater.settings import read_settings
from headwater.storage.database import Database
from headwater.storage.events.events import Events
from headwater.storage.events.healings import MAX_SUBJECT, Healing, Healings, Kind
from headwater.storage.issues.issues import Issues

LOOK_SECONDS: Final = 1
"""Between two looks at how far it is."""


def resolve_again(
    event: Annotated[str, typer.Option(help="An event's id.")] = "",
    issue: Annotated[int, typer.Option(help="An issue's number: all of its events.")] = 0,
    project: Annotated[str, typer.Option(help="Slug of a project: all of its events.")] = "",
    release: Annotated[str, typer.Option(help="With --project: those of one release.")] = "",
    *,
    wait: Annotated[bool, typer.Option(help="Tell how far it is until it is done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask for it; the running server does it in the background, from the newest event on."""
    if sum(map(bool, (event, issue, project))) != 1 or (release and not project):
        fail("Give one of --event, --issue and --project; --release goes with --project.")
    with opened_database(read_settings()) as database:
        asked = _which(database, event, issue, project, release)
        healings = Healings(database)
        healings.ask(*asked, datetime.now(UTC))
        found = _waited(healings, asked) if wait else healings.of(*asked)
    if found is None:
        fail("What was asked for was deleted meanwhile.")
    say(_shape(found), _sentence(found), as_json=as_json)


def _which(
    database: Database, event: str, issue: int, project: str, release: str
) -> tuple[int, Kind, str]:
    if event:
        event_id = parse_event_id(event)
        stored = Events(database).get(None, event_id) if event_id else None
        if stored is None:
            fail(f"There is no event {event[:40]} on this server.")
        return stored.project_id, Kind.EVENT, stored.event_id
    if issue:
        found = Issues(database).get(issue)
        if found is None:
            fail(f"There is no issue {issue} on this server.")
        return found.project_id, Kind.ISSUE, str(found.id)
    home = existing_project(database, project).id
    return home, Kind.RELEASE if release else Kind.PROJECT, release[:MAX_SUBJECT]


def _waited(healings: Healings, asked: tuple[int, Kind, str]) -> Healing | None:
    found = healings.of(*asked)
    while found is not None and found.finished_at is None:
        typer.echo(_sentence(found), err=True)
        time.sleep(LOOK_SECONDS)
        found = healings.of(*asked)
    return found


def _sentence(healing: Healing) -> str:
    if healing.finished_at is not None and healing.done == 1:
        return f"The event came out {'better' if healing.changed else 'as before'}."
    if healing.finished_at is not None:
        return f"{healing.changed} of {healing.done} events came out better."
    return f"{healing.done} of {healing.at_least} events looked at."


def _shape(healing: Healing) -> dict[str, object]:
    return {
        "total": healing.at_least,
        "done": healing.done,
        "changed": healing.changed,
        "is_finished": healing.finished_at is not None,
    }
