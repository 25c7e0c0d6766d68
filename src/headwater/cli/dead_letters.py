"""`headwater dead-letters`: envelopes that could not be digested, beside a running server."""

from collections.abc import Mapping
from typing import Annotated

import typer

from headwater.back_ends import retrying
from headwater.cli.accounts import existing_project
from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import opened_database
from headwater.settings import read_settings
from headwater.storage.database import Database
from headwater.storage.page import MAX_PER_PAGE, PageRequest
from headwater.storage.projects import Projects
from headwater.storage.queue.dead_letters import DeadLetter, DeadLetters, DeadLetterSummary
from headwater.storage.queue.retry import Retried, Retry

dead_letters = typer.Typer(
    help="Envelopes that were accepted and could not be digested.", no_args_is_help=True
)

OfProject = Annotated[str, typer.Option("--project", help="Slug of the project.")]
Letter = Annotated[int, typer.Argument(help="Its number; `headwater dead-letters list`.")]


@dead_letters.command("list")
def list_letters(
    project: OfProject = "",
    page: Annotated[int, typer.Option(min=1, help="Of 100 each, the newest first.")] = 1,
    *,
    as_json: AsJson = False,
) -> None:
    """List them, the newest first."""
    with opened_database(read_settings()) as database:
        home = existing_project(database, project).id if project else None
        found = DeadLetters(database).list(home, PageRequest(page - 1, MAX_PER_PAGE))
        answer = [_shape(letter, database) for letter in found.items]
    rows = [
        f"{each['id']}\t{each['project']}\t{each['failed_at']}\t{each['last_line']}"
        for each in answer
    ]
    if found.has_next:
        rows.append(f"There are more: --page {page + 1}")
    say(answer, "\n".join(rows) or "There are none.", as_json=as_json)


@dead_letters.command("show")
def show_letter(
    letter: Letter,
    *,
    envelope: Annotated[
        bool, typer.Option("--envelope", help="Write its envelope as it came, and nothing else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one with its whole error."""
    with opened_database(read_settings()) as database:
        found = _existing(database, letter)
        answer = _shape(found, database)
    if envelope:
        typer.echo(found.envelope, nl=False)
        return
    rows = [f"{name}\t{value}" for name, value in answer.items() if name != "error"]
    say(answer, "\n".join([*rows, "", found.error.rstrip()]), as_json=as_json)


@dead_letters.command("retry")
def retry_letters(
    letters: Annotated[list[int] | None, typer.Argument(help="Their numbers.")] = None,
    project: OfProject = "",
) -> None:
    """Put some, or all of a project, back on the queue, as they came."""
    _one_of(letters, project)
    settings = read_settings()
    with opened_database(settings) as database, retrying(settings, database) as retry:
        if project:
            home = existing_project(database, project).id
            put_back = _all(retry, home, DeadLetters(database).count(home))
        else:
            put_back = sum(_put_back(retry.one(letter)) for letter in letters or ())
    typer.echo(f"{put_back} back on the queue.")


@dead_letters.command("delete")
def delete_letters(
    letters: Annotated[list[int] | None, typer.Argument(help="Their numbers.")] = None,
    project: OfProject = "",
) -> None:
    """Delete some, or all of a project, for good."""
    _one_of(letters, project)
    with opened_database(read_settings()) as database:
        present = DeadLetters(database)
        if project:
            deleted = present.delete_all(existing_project(database, project).id)
        else:
            deleted = sum(present.delete(letter) for letter in letters or ())
    typer.echo(f"{deleted} deleted.")


def _all(retry: Retry, project_id: int, present: int) -> int:
    """As many as there are now; those that die again meanwhile are left for the next time."""
    put_back = 0
    while put_back < present:
        some = _put_back(retry.all(project_id))
        if not some:
            break
        put_back += some
    return put_back


def _put_back(retried: Retried) -> int:
    if retried.fault:
        fail(
            f"{retried.put_back} back on the queue; {retried.left} could not be put back:"
            f" {retried.fault}. Nothing is lost; try again later."
        )
    return retried.put_back


def _one_of(letters: list[int] | None, project: str) -> None:
    if bool(letters) == bool(project):
        fail("Give their numbers, or --project for all of a project.")


def _existing(database: Database, letter_id: int) -> DeadLetter:
    letter = DeadLetters(database).get(letter_id)
    if letter is None:
        fail(f"There is no dead letter {letter_id}. `headwater dead-letters list` names them.")
    return letter


def _shape(letter: DeadLetterSummary, database: Database) -> Mapping[str, object]:
    home = Projects(database).get(str(letter.project_id))
    return {
        "id": letter.id,
        "project": home.slug if home else None,
        "received_at": letter.received_at.isoformat(timespec="seconds"),
        "failed_at": letter.failed_at.isoformat(timespec="seconds"),
        "event_id": letter.event_id,
        "size": letter.size,
        "encoding": letter.encoding,
        "last_line": letter.last_line,
        "error": letter.error,
    }
