"""Uploads that were refused: kept for the pages, since build plugins hardly say so themselves."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from msgspec import Struct, structs
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, select, update
from sqlalchemy.exc import SQLAlchemyError

from headwater.storage.database import Database
from headwater.storage.flusher import Flusher
from headwater.storage.hidden_projects import has_kept_home
from headwater.storage.schema import upload_refusals
from headwater.storage.uploads.home import Home, visible_to

KEPT: Final = 250
"""Rows with a token of ours, and as many without: strangers, who can send what they like, can't
push out what happened to our builds."""

GATHERED: Final = 50
"""Different refusals between two writes, again with a token of ours and without."""

SAME_WITHIN: Final = timedelta(minutes=1)
"""Identical refusals that follow one another this soon are one row, counted up. It says what the
first of them asked for."""

_CHARACTERS: Final[Mapping[str, int]] = {
    "sentence": 500,
    "token_prefix": 8,
    "method": 16,
    "path": 300,
    "user_agent": 200,
}
"""What is kept of each text; a longer one ends with an ellipsis."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One upload that was refused, or whose bundle was. Texts are cut to what is kept of them.

    Two are identical whatever they asked for: a build goes through several calls, and fails at each
    for the same reason.
    """

    status: int
    sentence: str
    token_prefix: str
    """Of what was sent as a token; empty if nothing was."""
    token_name: str | None
    """None: it is no token of ours."""
    project_id: Home
    """The token's. None: the whole instance, or nobody knows."""
    user_agent: str
    method: str = field(compare=False)
    path: str = field(compare=False)

    def __post_init__(self) -> None:
        for name, limit in _CHARACTERS.items():
            object.__setattr__(self, name, _plain(getattr(self, name), limit))

    @property
    def is_ours(self) -> bool:
        """Whether it came with a token of this server."""
        return self.token_name is not None


class Tally(Struct, frozen=True):
    """How often, from when to when."""

    first_at: datetime
    last_at: datetime
    count: int = 1

    def __add__(self, later: "Tally") -> "Tally":
        return Tally(self.first_at, later.last_at, self.count + later.count)


class KeptRefusal(Struct, frozen=True):
    """A row."""

    refusal: Refusal
    tally: Tally


class Refusals:
    """The newest refusals. `add` is cheap and gathers in memory, so that nobody's is a write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._gathered: dict[Refusal, Tally] = {}
        self._dropped = 0
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._flusher = Flusher("refusals", self.flush)

    def add(self, refusal: Refusal, now: datetime) -> bool:
        """Keep it; False if it was only counted up, or too many others gathered already."""
        with self._lock:
            before = self._gathered.get(refusal)
            is_new = before is None and self._has_room(refusal)
            if before is not None:
                self._gathered[refusal] = before + Tally(now, now)
            elif is_new:
                self._gathered[refusal] = Tally(now, now)
            else:
                self._dropped += 1
        self._flusher.start()
        return is_new

    def flush(self) -> None:
        """Write what has gathered, or wait until it is written; on failure it stays gathered."""
        with self._writing:
            self._write_gathered()

    def _write_gathered(self) -> None:
        with self._lock:
            gathered, self._gathered = self._gathered, {}
            dropped, self._dropped = self._dropped, 0
        if dropped:
            structlog.get_logger().warning("refused uploads were not kept", count=dropped)
        if not gathered:
            return
        try:
            with self._database.write() as connection:
                _write(connection, gathered)
        except SQLAlchemyError:
            with self._lock:
                for refusal, later in self._gathered.items():
                    gathered[refusal] = gathered[refusal] + later if refusal in gathered else later
                self._gathered = gathered
            raise

    def close(self) -> None:
        """Write what has gathered, and stop."""
        self._flusher.close()

    def newest(self, limit: int, projects: frozenset[int] | None = None) -> tuple[KeptRefusal, ...]:
        """Of the whole server, or with the tokens of some projects; newest first."""
        return self._read(_NEWEST.where(*_with_tokens_of(projects)).limit(limit))

    def concerning(
        self,
        project_id: int,
        since: datetime,
        limit: int,
        projects: frozenset[int] | None = None,
    ) -> tuple[KeptRefusal, ...]:
        """Those that may be a project's: with its tokens, the instance's, or unknown ones.

        Of the last two it can't be told whose they are: who sees only some `projects` is shown none.
        """
        wanted = _NEWEST.where(
            visible_to(upload_refusals, project_id), upload_refusals.c.last_at >= since
        )
        return self._read(wanted.where(*_with_tokens_of(projects)).limit(limit))

    def _has_room(self, refusal: Refusal) -> bool:
        return sum(each.is_ours == refusal.is_ours for each in self._gathered) < GATHERED

    def _read(self, wanted: Select[Any]) -> tuple[KeptRefusal, ...]:
        with self._database.read() as connection:
            return tuple(_kept(row) for row in connection.execute(wanted).mappings())


_NEWEST: Final = select(upload_refusals).order_by(
    upload_refusals.c.last_at.desc(), upload_refusals.c.id.desc()
)


def _with_tokens_of(projects: frozenset[int] | None) -> tuple[ColumnElement[bool], ...]:
    own = upload_refusals.c.project_id
    return (has_kept_home(own) if projects is None else own.in_(sorted(projects)),)


_IDENTITY: Final = tuple(each.name for each in fields(Refusal) if each.compare)


def _write(connection: Connection, gathered: Mapping[Refusal, Tally]) -> None:
    for refusal, tally in gathered.items():
        row = asdict(refusal)
        same = [upload_refusals.c[name].is_not_distinct_from(row[name]) for name in _IDENTITY]
        counted_up = connection.execute(
            update(upload_refusals)
            .where(*same, upload_refusals.c.last_at > tally.first_at - SAME_WITHIN)
            .values(last_at=tally.last_at, count=upload_refusals.c.count + tally.count)
        )
        if not counted_up.rowcount:
            connection.execute(upload_refusals.insert().values(**row, **structs.asdict(tally)))
    _forget_old(connection, upload_refusals.c.token_name.is_(None))
    _forget_old(connection, upload_refusals.c.token_name.is_not(None))


def _forget_old(connection: Connection, kind: ColumnElement[bool]) -> None:
    kept = _NEWEST.with_only_columns(upload_refusals.c.id).where(kind).limit(KEPT)
    connection.execute(upload_refusals.delete().where(kind, upload_refusals.c.id.not_in(kept)))


def _plain(text: str, limit: int) -> str:
    # Neither what a terminal or PostgreSQL chokes on, nor what turns a line of text around.
    shown = "".join(each if each.isprintable() else "\ufffd" for each in text[: limit + 1])
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _kept(row: RowMapping) -> KeptRefusal:
    refusal = Refusal(**{each.name: row[each.name] for each in fields(Refusal)})
    return KeptRefusal(refusal, Tally(row["first_at"], row["last_at"], row["count"]))
