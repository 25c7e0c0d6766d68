"""The Headwater that a command asks over HTTP, named as Sentry's own tools are told of it."""

from typing import Annotated

import typer

from headwater.cli.client import Client

Url = Annotated[
    str,
    typer.Option(
        "--url",
        envvar="SENTRY_URL",
        help="Address of the server, such as https://errors.example.com.",
    ),
]
AuthToken = Annotated[
    str,
    typer.Option(
        "--token",
        envvar="SENTRY_AUTH_TOKEN",
        help="An API token; better in the environment than on the command line.",
    ),
]


def client_of(url: str, token: str) -> Client:
    """For this address and token. Raises typer.BadParameter if the address is none."""
    origin = url.strip().rstrip("/")
    if not origin.startswith(("http://", "https://")):
        raise typer.BadParameter(f"--url must begin with http:// or https://, not {url!r}")
    return Client(origin, token)
