"""One thing that was looked at, and what is to be done about it."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

import msgspec
from sqlalchemy.exc import SQLAlchemyError


class Outcome(StrEnum):
    """How it is."""

    PASS = "pass"  # noqa: S105 # no password
    WARN = "warn"
    """It works now, and will not always."""
    FAIL = "fail"
    SKIPPED = "skipped"
    """It could not be looked at; the sentence says why."""


class Check(msgspec.Struct, frozen=True):
    """One check: its name in a word or two, one sentence, and one of remedy unless all is well."""

    name: str
    outcome: Outcome
    sentence: str
    remedy: str = ""


def passed(name: str, sentence: str) -> Check:
    return Check(name, Outcome.PASS, sentence)


def skipped(name: str, sentence: str, remedy: str = "") -> Check:
    return Check(name, Outcome.SKIPPED, sentence, remedy)


def warned(name: str, sentence: str, remedy: str) -> Check:
    return Check(name, Outcome.WARN, sentence, remedy)


def failed(name: str, sentence: str, remedy: str) -> Check:
    return Check(name, Outcome.FAIL, sentence, remedy)


def worst(checks: Sequence[Check]) -> Outcome:
    """The one that decides."""
    found = {check.outcome for check in checks}
    return next((each for each in (Outcome.FAIL, Outcome.WARN) if each in found), Outcome.PASS)


def examined(name: str, look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """What a look finds; that it could not be finished is a finding, too."""
    try:
        yield from look()
    except SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        yield failed(
            name,
            f"The database did not answer: {said}.",
            "Read the sentence about the database first; with that mended, ask again.",
        )
    except OSError as error:
        yield failed(
            name,
            f"{error.filename or 'The disk'} can't be read: {error.strerror}.",
            "Give the server's user the right to read and write there, on a disk that works.",
        )
