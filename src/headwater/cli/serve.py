"""`headwater serve`: start the product."""

import fcntl
import os
import secrets
import socket
import sys
import time
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from headwater.back_ends import claim_storage
from headwater.cli.instance import (
    check,
    make_data_folder,
    make_source_map_folder,
    note_address,
    opened_database,
)
from headwater.cli.unknown_settings import unknown_settings
from headwater.processes import become, hear_ends
from headwater.settings import InvalidSetting, Settings, read_settings
from headwater.storage.database import Database
from headwater.storage.people import roles
from headwater.storage.people.users import InvalidUser, UserExists, Users
from headwater.storage.volume import why_not_persistent

FIRST_ADMIN = "admin@localhost"

DIGEST_LOCK = "digest.lock"
"""In the data folder: held by the server whose digest works there."""


ENDING_SECONDS: Final = 5.0
"""How long one that was killed may take to end: its processes notice, and put down what they hold."""


class Role(StrEnum):
    """Which of the two processes to be."""

    ALL = "all"
    WEB = "web"
    DIGEST = "digest"


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [HOST]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. [PORT]")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Database and source maps. [HEADWATER_DATA_DIR]")
    ] = None,
    role: Annotated[Role, typer.Option(help="One process only, or both, watched over.")] = Role.ALL,
) -> None:
    """Start Headwater: the server, and the digest that turns envelopes into issues."""
    hear_ends()
    settings = read_settings(host=host, port=port, data_dir=data_dir)
    check(settings)
    if role is not Role.DIGEST:
        _check_port(settings)
    if role is not Role.WEB:
        _hold(settings)
    with opened_database(settings, says_where=True) as database:
        make_source_map_folder(settings)
        claim_storage(settings, database, tries_bucket=True)
        _greet(settings, _first_admin(settings, database))
    become(settings, [Role.WEB, Role.DIGEST] if role is Role.ALL else [role])


def migrate(
    data_dir: Annotated[
        Path | None, typer.Option(help="Database and source maps. [HEADWATER_DATA_DIR]")
    ] = None,
) -> None:
    """Bring the database up to date and stop; `serve` does this by itself."""
    with opened_database(read_settings(data_dir=data_dir)):
        typer.echo("The database is up to date.")


def _check_port(settings: Settings) -> None:
    """Raises InvalidSetting if the address can't be listened on, before anything is started."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise InvalidSetting(
                f"HOST and PORT: {settings.host}:{settings.port} can't be listened on "
                f"({error.strerror}); choose another with --port or PORT"
            ) from None


def _hold(settings: Settings) -> None:
    """On SQLite, keep another digest out of the data folder for as long as this process or one that it
    starts lives. Raises InvalidSetting where one is: both would take every event from the same files."""
    if not settings.database.startswith("sqlite"):
        return
    make_data_folder(settings)
    path = settings.data_dir / DIGEST_LOCK
    try:
        held = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise InvalidSetting(
            f"HEADWATER_DATA_DIR: {path} can't be opened ({error.strerror}); is it another user's?"
        ) from None
    os.set_inheritable(held, True)  # the watching process is another program
    deadline = time.monotonic() + ENDING_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise InvalidSetting(
                    f"HEADWATER_DATA_DIR: a server runs on {settings.data_dir} already; stop that one, or "
                    "choose another folder (several at once need PostgreSQL)"
                ) from None
            time.sleep(0.1)
        else:
            return


def _first_admin(settings: Settings, database: Database) -> str:
    """Create the first owner if nobody can sign in yet; says how to sign in."""
    users = Users(database)
    known = "with your e-mail address and password"
    if users.count() > 0:
        ignored = " (CREATE_SUPERUSER is for the first start only)"
        return known + (ignored if settings.create_superuser else "")
    email, _, password = settings.create_superuser.partition(":")
    if settings.create_superuser and not (email and password):
        raise InvalidSetting("CREATE_SUPERUSER must be email:password, such as me@example.com:…")
    chosen = password or secrets.token_urlsafe(12)
    try:
        users.create(email or FIRST_ADMIN, chosen, roles.Role.OWNER, datetime.now(UTC))
    except InvalidUser as error:
        raise InvalidSetting(f"CREATE_SUPERUSER: {error}") from None
    except UserExists:  # made by another process, which started at the same moment and says how
        return known
    if password:
        return f"as {email} with the password from CREATE_SUPERUSER"
    return f"as {FIRST_ADMIN} with the password {chosen} (shown only now)"


def _greet(settings: Settings, how_to_sign_in: str) -> None:
    typer.echo(f"Headwater   {settings.public_url or note_address(settings)}")
    typer.echo(f"Sign in     {how_to_sign_in}")
    typer.echo(f"Data        {settings.data_dir}")
    typer.echo(f"Source maps {settings.sourcemap_storage_url or settings.sourcemaps}")
    reasons = [why_not_persistent(folder) for folder in dict.fromkeys(settings.lasting)]
    for reason in (*(each.sentence for each in unknown_settings()), *filter(None, reasons)):
        typer.echo(f"Warning     {reason}", err=True)
    sys.stdout.flush()
