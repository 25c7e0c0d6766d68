"""`headwater project delete`: a project and everything in it."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from msgspec.structs import asdict

from headwater.cli.accounts import existing_project, projects
from headwater.cli.answer import AsJson, fail, printable, say
from headwater.cli.instance import opened_database
from headwater.settings import read_settings
from headwater.storage.deleted_projects import DeletedProjects

__all__ = ["delete_project", "projects"]


@projects.command("delete")
def delete_project(
    project: Annotated[str, typer.Argument(help="Slug of the project.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask for its name.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a project with its issues, events, uploads and tokens, for good.

    It is hidden at once, its DSNs are refused within ten seconds; what is left goes while the server runs.
    """
    with opened_database(read_settings()) as database:
        found = existing_project(database, project)
        deleted = DeletedProjects(database)
        going = deleted.contents(found.id)
        if not yes:
            typer.echo(f"What goes: {', '.join(going.counted)}. This can't be undone.", err=True)
            typed = typer.prompt(f"Type its name, {printable(found.name)}, to delete it", err=True)
            if not found.is_called(typed):
                fail("That is not its name, so nothing was deleted.")
        if not deleted.delete(found.id, datetime.now(UTC)):
            fail(f"There is no project {project} any more.")
    answer = {"id": str(found.id), "slug": found.slug, "name": found.name, **asdict(going)}
    text = f"{printable(found.name)} is deleted: {', '.join(going.counted)}."
    say(answer, text, as_json=as_json)
