"""What a command says: a line for people, or JSON for scripts; or why it can't."""

import json
import sys
from typing import Annotated, NoReturn

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def say(answer: object, text: str, *, as_json: bool) -> None:
    """`answer` as JSON, or `text`."""
    typer.echo(json.dumps(answer) if as_json else text)


def printable(text: str) -> str:
    """Without what a terminal obeys."""
    return "".join(each if each.isprintable() else "\ufffd" for each in text)


def fail(reason: str) -> NoReturn:
    """End the command with a sentence."""
    typer.echo(reason, err=True)
    sys.exit(1)
