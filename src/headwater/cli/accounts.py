"""`headwater project` and `token`: set an instance up from scripts, beside a running server."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from headwater.cli.answer import AsJson, fail, printable, say
from headwater.cli.instance import opened_database, served_at
from headwater.settings import Settings, read_settings
from headwater.storage.database import Database
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.projects import InvalidProject, Project, Projects

projects = typer.Typer(help="Projects and their DSNs.", no_args_is_help=True)
tokens = typer.Typer(help="API tokens for uploads and scripts.", no_args_is_help=True)


@projects.command("create")
def create_project(
    name: Annotated[str, typer.Argument(help="Its name; the slug is made from it.")],
    platform: Annotated[str, typer.Option(help="Such as javascript, node, nextjs, python.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Create a project and print its DSN."""
    settings = read_settings()
    with opened_database(settings) as database:
        others = [each.slug for each in Projects(database).all() if each.name == name.strip()]
        try:
            project = Projects(database).create(name, platform or None, datetime.now(UTC))
        except InvalidProject as error:
            fail(str(error))
    if others:
        there = f"There is a project called {printable(project.name)} already: {', '.join(others)}."
        typer.echo(f"{there} This is another one: {project.slug}.", err=True)
    address = dsn(settings, project)
    answer = {"id": str(project.id), "slug": project.slug, "name": project.name, "dsn": address}
    say(answer, f"{project.slug}\t{address}", as_json=as_json)


@projects.command("list")
def list_projects(*, as_json: AsJson = False) -> None:
    """List the projects with their DSNs."""
    settings = read_settings()
    with opened_database(settings) as database:
        found = Projects(database).all()
    answer = [{"id": str(p.id), "slug": p.slug, "dsn": dsn(settings, p)} for p in found]
    text = "\n".join(f"{p['slug']}\t{p['dsn']}" for p in answer)
    say(answer, text, as_json=as_json)


@tokens.command("create")
def create_token(
    name: Annotated[str, typer.Argument(help="What it is for, such as `CI of the web shop`.")],
    project: Annotated[
        str, typer.Option(help="Slug of the project it is bound to; without it, the instance.")
    ] = "",
    scope: Annotated[
        Scope, typer.Option(help="upload: source maps and releases; full: also reads events.")
    ] = Scope.UPLOAD,
    expires: Annotated[
        datetime | None,
        typer.Option(
            help="The last day it is good, UTC; without it, for ever.", formats=["%Y-%m-%d"]
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Create an API token and print it; it is shown only now. It stands for no user."""
    end = expires.replace(tzinfo=UTC) + timedelta(days=1) if expires else None
    with opened_database(read_settings()) as database:
        bound = existing_project(database, project) if project else None
        home = bound.id if bound else None
        _, secret = Tokens(database).create(name, scope, home, None, datetime.now(UTC), end)
    answer = {"token": secret, "name": name, "project": project or None, "scope": scope.value}
    say(answer, secret, as_json=as_json)


@tokens.command("list")
def list_tokens(*, as_json: AsJson = False) -> None:
    """List the API tokens that are not revoked; their secrets are not kept."""
    with opened_database(read_settings()) as database:
        slugs = {project.id: project.slug for project in Projects(database).all()}
        found = [token for token in Tokens(database).all() if token.revoked_at is None]
    answer = [
        {
            "prefix": token.prefix,
            "name": token.name,
            "project": slugs.get(token.project_id) if token.project_id else None,
            "scope": token.scope.value,
            "expires": token.expires_at.isoformat() if token.expires_at else None,
        }
        for token in found
    ]
    rows = [
        f"{token['prefix']}\t{token['name']}\t{token['project'] or 'the instance'}\t{token['scope']}"
        for token in answer
    ]
    say(answer, "\n".join(rows), as_json=as_json)


@tokens.command("revoke")
def revoke_token(
    prefix: Annotated[str, typer.Argument(help="Its first eight characters; `token list`.")],
) -> None:
    """Revoke an API token, at once and for good. What it uploaded stays."""
    with opened_database(read_settings()) as database:
        tokens_of_database = Tokens(database)
        found = [
            token
            for token in tokens_of_database.all()
            if token.prefix == prefix and token.revoked_at is None
        ]
        if len(found) != 1:
            fail(f"{len(found)} tokens begin with {prefix}. `headwater token list` shows them.")
        tokens_of_database.revoke(found[0].id, datetime.now(UTC))
    typer.echo(f"{found[0].name} is revoked.")


def existing_project(database: Database, slug: str) -> Project:
    """The project of this slug or id; without one the command ends."""
    project = Projects(database).get(slug)
    if project is None:
        fail(f"There is no project {slug}. `headwater project list` names them.")
    return project


def dsn(settings: Settings, project: Project) -> str:
    """The project's DSN, on the public address, or else where the server was last started."""
    scheme, _, host = served_at(settings).partition("://")
    return f"{scheme}://{project.public_key}@{host}/{project.id}"
