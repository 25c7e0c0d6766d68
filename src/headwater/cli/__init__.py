"""The command line: `headwater`, and which word after it leads where. docs/commands.md has all of them."""

import sys
from typing import Annotated

import typer

from headwater import __version__
from headwater.cli import accounts, demo, explain, resolve, serve, users
from headwater.cli.backup import backup, restore
from headwater.cli.check.command import check
from headwater.cli.clean_up import clean_up
from headwater.cli.dead_letters import dead_letters
from headwater.cli.doctor.command import doctor
from headwater.cli.exchange import export, import_project
from headwater.cli.move import move
from headwater.cli.project_settings import project_settings
from headwater.cli.resolve_again import resolve_again
from headwater.cli.settings_list import settings
from headwater.cli.storage import storage
from headwater.settings import InvalidSetting

program = typer.Typer(
    name="headwater",
    help="A self-hosted error tracker that never leaves you with a minified stack trace.",
    invoke_without_command=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
program.command()(serve.serve)
program.command()(serve.migrate)
program.command()(move)
program.command()(resolve.resolve)
program.command()(settings)
program.command("clean-up")(clean_up)
program.command()(backup)
program.command()(restore)
program.command()(export)
program.command("import")(import_project)
program.command("resolve-again")(resolve_again)
program.command()(explain.explain)
program.command()(doctor)
program.command()(check)
program.command()(demo.demo)
accounts.projects.command("settings")(project_settings)
program.add_typer(users.users, name="user")
program.add_typer(accounts.projects, name="project")
program.add_typer(accounts.tokens, name="token")
program.add_typer(dead_letters, name="dead-letters")
program.add_typer(storage, name="storage")


@program.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


@program.callback()
def _options(
    *,
    shown: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if shown:
        version()
        raise typer.Exit


def main() -> None:
    """Run the command line; a setting that can't be used ends it with one sentence."""
    try:
        program()
    except InvalidSetting as error:
        typer.echo(f"headwater: {error}", err=True)
        sys.exit(2)
