"""`headwater user`: who may sign in, and how much they may, beside a running server."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import opened_database
from headwater.settings import read_settings
from headwater.storage.database import Database
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.second_factors import SecondFactors
from headwater.storage.people.sessions import Sessions
from headwater.storage.people.users import InvalidUser, LastOwner, User, UserExists, Users

users = typer.Typer(help="People who sign in.", no_args_is_help=True)

_ROLES: Final = "viewer reads; member works; admin everything but owners; owner everything."


@users.command("create")
def create_user(
    email: Annotated[str, typer.Argument(help="Their e-mail address, which is also their name.")],
    password: Annotated[
        str, typer.Option(help="Their password; without it, one is made and printed.")
    ] = "",
    *,
    role: Annotated[Role | None, typer.Option(help=f"{_ROLES} Without it: member.")] = None,
    admin: Annotated[bool, typer.Option(help="The same as --role admin.")] = False,
    as_json: AsJson = False,
) -> None:
    """Create a user who can sign in. The first one of an instance is its owner, whatever the role."""
    chosen = password or secrets.token_urlsafe(12)
    wanted = role or (Role.ADMIN if admin else Role.MEMBER)
    with opened_database(read_settings()) as database:
        # An instance without an owner could not be given one on its pages.
        given = wanted if Users(database).count() else Role.OWNER
        try:
            Users(database).create(email, chosen, given, datetime.now(UTC))
        except (InvalidUser, UserExists) as error:
            fail(str(error))
    answer = {"email": email, "password": chosen, "role": given.value}
    text = f"{email}, {given}, can sign in with the password {chosen}"
    say(answer, text, as_json=as_json)


@users.command("list")
def list_users(*, as_json: AsJson = False) -> None:
    """List who may sign in, with their roles."""
    with opened_database(read_settings()) as database:
        found = Users(database).all()
        factors = SecondFactors(database).confirmed()
    answer = [
        {
            "email": user.email,
            "role": user.role.value,
            "all_projects": user.rights.projects is None,
            "second_factor": user.id in factors,
        }
        for user in found
    ]
    text = "\n".join(f"{user.email}\t{user.role}" for user in found)
    say(answer, text, as_json=as_json)


@users.command("role")
def change_role(
    email: Annotated[str, typer.Argument(help="Whose role.")],
    role: Annotated[Role, typer.Argument(help=_ROLES)],
) -> None:
    """Give a user another role on the instance; all their sessions end. Roles in projects stay."""
    with _of_user(email) as (database, user):
        rights = Rights(role, user.rights.all_projects, user.rights.in_projects)
        try:
            Users(database).change_rights(user.id, rights)
        except LastOwner as error:
            fail(str(error))
        Sessions(database).end_all(user.id)
    typer.echo(f"{user.email} is {role} now.")


@users.command("remove")
def remove_user(
    email: Annotated[str, typer.Argument(help="Who goes.")],
) -> None:
    """Remove a user, at once. The API tokens that they made are revoked; what they did stays."""
    with _of_user(email) as (database, user):
        try:
            Users(database).remove(user.id, datetime.now(UTC))
        except LastOwner as error:
            fail(str(error))
    typer.echo(f"{user.email} is removed.")


@users.command("reset-second-factor")
def reset_second_factor(
    email: Annotated[str, typer.Argument(help="Who lost their phone.")],
) -> None:
    """Take a user's second factor away: the password alone lets them in. All their sessions end."""
    with _of_user(email) as (database, user):
        SecondFactors(database).remove(user.id)
        Sessions(database).end_all(user.id)
    typer.echo(f"{user.email} signs in with the password alone now.")


@users.command("password")
def change_password(
    email: Annotated[str, typer.Argument(help="Whose password.")],
    password: Annotated[
        str, typer.Option(help="The new one; without it, one is made and printed.")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Give a user a new password; all their sessions end. A second factor stays."""
    chosen = password or secrets.token_urlsafe(12)
    with _of_user(email) as (database, user):
        try:
            Users(database).change_password(user.id, chosen)
        except InvalidUser as error:
            fail(str(error))
        Sessions(database).end_all(user.id)
    answer = {"email": email, "password": chosen}
    say(answer, f"{email} can sign in with the password {chosen}", as_json=as_json)


@contextmanager
def _of_user(email: str) -> Iterator[tuple[Database, User]]:
    """The user with this address; without one the command ends."""
    with opened_database(read_settings()) as database:
        user = Users(database).by_email(email)
        if user is None:
            fail(f"There is no user {email}. `headwater user list` names them.")
        yield database, user
