"""`headwater project settings`: what a project decides about its events."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from msgspec.structs import asdict, replace

from headwater.cli.accounts import existing_project
from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import opened_database
from headwater.cli.project_delete import projects
from headwater.grouping.versions import CURRENT
from headwater.settings import read_settings
from headwater.storage.choices import (
    EVENTS_PER_MINUTE,
    MAX_AGE_DAYS,
    MAX_ARTIFACT_AGE_DAYS,
    MAX_ARTIFACTS,
    MAX_EVENTS,
    MAX_RELEASES,
    InvalidChoice,
    NumberChoice,
    parse_field_names,
)
from headwater.storage.projects import Choices, InvalidProject, Projects

_NUMBERS: Mapping[str, NumberChoice] = {
    "events_per_minute": EVENTS_PER_MINUTE,
    "max_events": MAX_EVENTS,
    "max_age_days": MAX_AGE_DAYS,
    "max_artifact_age_days": MAX_ARTIFACT_AGE_DAYS,
    "max_releases": MAX_RELEASES,
    "max_artifacts": MAX_ARTIFACTS,
}


@projects.command("settings")
def project_settings(  # noqa: PLR0913 - one for each setting
    project: Annotated[str, typer.Argument(help="Slug of the project.")],
    *,
    name: Annotated[str | None, typer.Option(help="Another name; the slug stays.")] = None,
    scrub: Annotated[
        bool | None, typer.Option(help="Scrub secrets from events before they are stored.")
    ] = None,
    sensitive_fields: Annotated[
        str | None,
        typer.Option(help="Names of more fields to scrub, between commas; replaces those before."),
    ] = None,
    events_per_minute: Annotated[
        str | None, typer.Option(help="A number; empty: no limit of its own.")
    ] = None,
    max_events: Annotated[
        str | None, typer.Option(help="Events kept; empty: as the instance says.")
    ] = None,
    max_age_days: Annotated[
        str | None, typer.Option(help="Days that events are kept; empty: as the instance says.")
    ] = None,
    max_artifact_age_days: Annotated[
        str | None, typer.Option(help="Days that uploads are kept without use; empty: likewise.")
    ] = None,
    max_releases: Annotated[
        str | None, typer.Option(help="Releases whose uploads are kept; empty: likewise.")
    ] = None,
    max_artifacts: Annotated[
        str | None, typer.Option(help="Bytes of uploads that are kept; empty: likewise.")
    ] = None,
    move_grouping: Annotated[
        bool, typer.Option("--move-grouping", help="Move to the newest version of the grouping.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a project's settings, after changing those that are given."""
    numbers = {
        "events_per_minute": events_per_minute,
        "max_events": max_events,
        "max_age_days": max_age_days,
        "max_artifact_age_days": max_artifact_age_days,
        "max_releases": max_releases,
        "max_artifacts": max_artifacts,
    }
    with opened_database(read_settings()) as database:
        found, projects = existing_project(database, project), Projects(database)
        try:
            choices = _with_fields(found.choices, scrub, sensitive_fields)
            choices = replace(choices, **_parsed(numbers))
            if move_grouping:
                choices = choices.moved_to(CURRENT.name)
            if name is not None:
                projects.rename(found.id, name)
        except (InvalidChoice, InvalidProject) as error:
            fail(str(error))
        if choices != found.choices:
            projects.choose(found.id, choices)
        found = existing_project(database, project)
    answer = {"slug": found.slug, "name": found.name, **asdict(found.choices)}
    rows = [f"{name.replace('_', '-')}\t{_told(value)}" for name, value in answer.items()]
    say(answer, "\n".join(rows), as_json=as_json)


def _with_fields(choices: Choices, scrub: bool | None, names: str | None) -> Choices:  # noqa: FBT001 - private
    if scrub is not None:
        choices = replace(choices, scrubs_secrets=scrub)
    if names is not None:
        choices = replace(choices, sensitive_fields=parse_field_names(names))
    return choices


def _parsed(given: Mapping[str, str | None]) -> dict[str, Any]:
    """Those that were given."""
    return {name: _NUMBERS[name].parse(text) for name, text in given.items() if text is not None}


def _told(value: object) -> str:
    if value is None:
        return "as the instance says"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value)
