"""The command line. What a command needs is loaded when it is called: most do without the server."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from headwater import __version__
from headwater.settings import InvalidSetting

COMMANDS: Final[Mapping[str, str]] = {
    "serve": "serve:serve",
    "migrate": "serve:migrate",
    "move": "move:move",
    "settings": "settings_list:settings",
    "user": "users:users",
    "project": "project_settings:projects",  # which adds itself to the others
    "token": "accounts:tokens",
    "resolve": "resolve:resolve",
    "resolve-again": "resolve_again:resolve_again",
    "explain": "explain:explain",
    "check": "check.command:check",
    "doctor": "doctor.command:doctor",
    "dead-letters": "dead_letters:dead_letters",
    "storage": "storage:storage",
    "clean-up": "clean_up:clean_up",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "export": "exchange:export",
    "import": "exchange:import_project",
    "demo": "demo:demo",
    "version": "version:version",
}
"""Where each is: a module of this package, and in it a function, or a group of commands."""


class Commands(TyperGroup):
    """Loads what is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 # click's
        """All names, in the order of use."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """None if there is none. Then all are loaded, so that the nearest names can be told."""
        if cmd_name not in COMMANDS:
            self.commands.update({name: _loaded(name) for name in COMMANDS})
            return None
        return _loaded(cmd_name)


def _loaded(name: str) -> Any:
    module, _, attribute = COMMANDS[name].partition(":")
    found = getattr(import_module(f"{__name__}.{module}"), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
        single.command(name)(found)
        return get_command(single)
    group = get_group(found)
    group.name = name
    return group


program = typer.Typer(
    cls=Commands,
    name="headwater",
    help="A self-hosted error tracker that never leaves you with a minified stack trace.",
    invoke_without_command=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@program.callback()
def _options(
    *,
    shown: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    if shown:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; a setting that can't be used ends it with one sentence."""
    try:
        program()
    except InvalidSetting as error:
        typer.echo(f"headwater: {error}", err=True)
        sys.exit(2)
