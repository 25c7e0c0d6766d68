"""What only a client can see: the way to the server, through whatever stands before it."""

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from headwater.cli.doctor.bodies import body_checks
from headwater.cli.doctor.exchange import Answer, NothingCame, exchange
from headwater.cli.doctor.proxies import FORWARDED
from headwater.cli.doctor.round_trip import round_trip_checks
from headwater.server.doctor.check import Check, Outcome, failed, passed, skipped

OK: Final = 200
UNAUTHORIZED: Final = 401


class Outside(Struct, frozen=True):
    """Asks `origin` (`https://errors.example.com`) with a token; `own`: it is the doctor's own."""

    origin: str
    token: str
    own: bool = False

    def checks(self) -> Iterator[Check]:
        """One after the other; the first ones that fail leave nothing to ask."""
        reached, reach = self._reach()
        yield reach
        if not reached:
            return
        token = self._token()
        yield token
        if token.outcome is Outcome.FAIL:
            return
        try:
            yield from self._address()
            yield from body_checks(self.origin, self.token)
            yield from self._inside()
            yield from round_trip_checks(self.origin, self.token)
        except NothingCame as error:
            yield failed(
                "connection",
                f"The server stopped answering: {error}.",
                "Read the log of the proxy and of the server.",
            )

    def _reach(self) -> tuple[bool, Check]:
        try:
            answer = self._ask("/health/ready")
        except NothingCame as error:
            return False, failed(
                "reach",
                f"Nothing answers at {self.origin}: {error}.",
                "Look whether the server runs, the name resolves and the proxy leads to it.",
            )
        if 300 <= answer.status < 400:  # noqa: PLR2004 # redirects
            target = answer.headers.get("location", "elsewhere")
            return False, failed(
                "reach",
                f"{self.origin} sends its visitors to {target}, where upload clients don't follow.",
                "Give clients the address at the end of it: SENTRY_URL, or the plugin's `url`.",
            )
        said = _json(answer)
        if "checks" not in said:
            return False, failed(
                "reach",
                f"What answers at {self.origin} with {answer.status} is no Headwater.",
                "Look where the proxy leads /health/ready to.",
            )
        if answer.status != OK:
            wrong = "; ".join(str(each) for each in said["checks"].values() if each != "ok")
            return True, failed("reach", f"The server is not ready: {wrong}.", "Mend that first.")
        return True, passed("reach", f"{self.origin} answers, and is ready.")

    def _token(self) -> Check:
        if self.own:
            return skipped("token", "None was given: the doctor uses one of his own.")
        answer = self._ask("/api/0/")
        if answer.status == UNAUTHORIZED:
            return failed("token", str(_json(answer).get("detail")), "Set SENTRY_AUTH_TOKEN to it.")
        scopes = (_json(answer).get("auth") or {}).get("scopes") or []
        if "project:releases" not in scopes:
            return failed(
                "token",
                "The server does not see the token: it says that the request has none.",
                "Let the proxy pass the header `Authorization` on.",
            )
        if "event:read" in scopes:
            return passed("token", "It may upload, and read events.")
        return passed("token", "It may upload source maps, and read no events.")

    def _address(self) -> Iterator[Check]:
        answer = self._ask("/api/0/organizations/any/chunk-upload/")
        url = str(_json(answer).get("url"))
        parts, own = urlsplit(url), urlsplit(self.origin)
        if (parts.scheme, parts.netloc.lower()) == (own.scheme, own.netloc.lower()):
            yield passed("upload address", f"Uploads go to {parts.scheme}://{parts.netloc}.")
            return
        yield failed(
            "upload address",
            f"The server tells clients to upload to {parts.scheme}://{parts.netloc}, and was asked at"
            f" {self.origin}: they refuse that, or upload elsewhere.",
            FORWARDED,
        )

    def _inside(self) -> Iterator[Check]:
        if self.own:
            return
        answer = self._ask("/api/0/organizations/any/doctor/")
        if answer.status == OK:
            yield from _reported(answer)
        else:
            yield skipped(
                "server",
                "How the server is inside takes a token with the scope 'full' for the whole instance, or"
                " `headwater doctor` on the server.",
            )

    def _ask(self, path: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return exchange("GET", self.origin + path, headers)


class _Report(msgspec.Struct):
    checks: tuple[Check, ...]


def _reported(answer: Answer) -> tuple[Check, ...]:
    try:
        return msgspec.json.decode(answer.body, type=_Report).checks
    except (msgspec.MsgspecError, UnicodeDecodeError):
        said = "The server's own view can't be read: it is of another version than this command."
        return (skipped("server", said, "Use the command of the server's version."),)


def _json(answer: Answer) -> dict[str, Any]:
    try:
        said = json.loads(answer.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
