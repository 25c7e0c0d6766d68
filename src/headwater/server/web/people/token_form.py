"""A token that somebody asks for."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from msgspec import Struct

from headwater.server.web.form import Form
from headwater.storage.people.tokens import MAX_NAME, Scope
from headwater.storage.projects import Project

UNSAID: Final = ""
INSTANCE: Final = "*"
"""What a token is good for, where it is no project's slug."""

MAX_YEARS: Final = 10
"""A token that is good for longer is one without an end."""


class UnfitToken(Exception):
    """The form makes no token; the message says why."""


class WantedToken(Struct, frozen=True):
    """What the form asks for. `project` None: good for the whole instance."""

    name: str
    scope: Scope
    project: Project | None
    expires_at: datetime | None


def wanted_token(
    form: Form, homes: Sequence[Project], *, for_all: bool, now: datetime
) -> WantedToken:
    """`homes` and `for_all`: what the person may make tokens for. Raises UnfitToken."""
    name = " ".join(form.get("name", "").split())
    if not name or len(name) > MAX_NAME:
        raise UnfitToken(f"A token needs a name of at most {MAX_NAME} characters.")
    project = _home(form.get("home", UNSAID), homes, for_all=for_all)
    if form.get("scope") not in list(Scope):
        raise UnfitToken("A token either uploads, or uploads and reads.")
    return WantedToken(name, Scope(form["scope"]), project, _end(form.get("until", ""), now))


def _home(home: str, homes: Sequence[Project], *, for_all: bool) -> Project | None:
    if home == UNSAID:
        raise UnfitToken("Choose what the token is good for: a project, or all.")
    if home == INSTANCE:
        if not for_all:
            raise UnfitToken(
                "A token for the whole instance is for people who are members of every project."
            )
        return None
    found = next((each for each in homes if each.slug == home), None)
    if found is None:
        raise UnfitToken(f"There is no project '{home}' on this server that you are a member of.")
    return found


def _end(until: str, now: datetime) -> datetime | None:
    """The end of the last day, UTC."""
    if not until.strip():
        return None
    try:
        last_day = date.fromisoformat(until.strip())
        end = datetime.combine(last_day + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError):
        raise UnfitToken("The last day is a date such as 2027-01-31, or empty.") from None
    if end <= now:
        raise UnfitToken("The last day is over already.")
    if end.year > now.year + MAX_YEARS:
        raise UnfitToken(
            f"The last day is at most {MAX_YEARS} years away; leave it empty for none."
        )
    return end
