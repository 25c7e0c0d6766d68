"""`headwater doctor`: looks at a server from where it is run, and says what to mend."""

import sys
from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
import typer

from headwater.cli.answer import AsJson, fail, printable
from headwater.cli.doctor.beside import beside_checks
from headwater.cli.doctor.outside import Outside
from headwater.cli.remote import AuthToken, client_of
from headwater.server.doctor.check import Check, Outcome, worst

_MARKS: Final = {
    Outcome.PASS: "ok",
    Outcome.WARN: "WARN",
    Outcome.FAIL: "FAIL",
    Outcome.SKIPPED: "skipped",
}
_WIDTH: Final = 18
"""Columns for a check's name."""


def doctor(
    url: Annotated[
        str,
        typer.Option(
            help="Address that clients use, such as https://errors.example.com; then nothing but HTTP is"
            " needed. Without it: the server of this machine's settings, from inside and outside."
        ),
    ] = "",
    token: AuthToken = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Find out why uploads or events don't work: exit code 1 if anything fails."""
    if url and not token:
        fail("--url needs a token: --token, or SENTRY_AUTH_TOKEN in the environment.")
    checks: Iterable[Check] = beside_checks()
    if url:
        client = client_of(url, token)
        checks = Outside(client.origin, client.token).checks()
    found = []
    for check in checks:
        found.append(check)
        if not as_json:
            typer.echo(_line(check))
    if as_json:
        answer = {"outcome": worst(found), "checks": found}
        typer.echo(msgspec.json.format(msgspec.json.encode(answer)).decode())
    else:
        typer.echo(f"\n{_summary(found)}")
    if worst(found) is Outcome.FAIL:
        sys.exit(1)


def _line(check: Check) -> str:
    head = f"{_MARKS[check.outcome]:<8} {printable(check.name):<{_WIDTH}}"
    remedy = f"\n{'':<{_WIDTH + 9}} → {printable(check.remedy)}" if check.remedy else ""
    return f"{head} {printable(check.sentence)}{remedy}"


def _summary(found: list[Check]) -> str:
    wrong = [check for check in found if check.outcome in (Outcome.FAIL, Outcome.WARN)]
    if not wrong:
        return "All is well."
    return f"{len(wrong)} of {len(found)} checks ask for attention."
