"""Which issue a hash belongs to. Why there are several kinds: docs/decisions/0003-two-hashes.md."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import Connection, bindparam, select

from headwater.storage.batches import among
from headwater.storage.issues.rows import locked
from headwater.storage.many_rows import insert_all_new
from headwater.storage.schema import issue_hashes


class HashTaken(Exception):
    """Another transaction gave the hash to another issue meanwhile; undo, and look again."""


class EventHashes(Struct, frozen=True):
    """An event's hashes, often the same.

    `is_final` unless `final` rests on minified frames alone. `without_source`: what `final` would be
    if the maps held no text; None: the same. `earlier`: those by the version that the project's older
    issues were made with.
    """

    provisional: str
    final: str
    is_final: bool
    without_source: str | None = None
    earlier: "EventHashes | None" = None

    @property
    def versions(self) -> tuple["EventHashes", ...]:
        """These hashes, then the earlier ones."""
        return (self,) if self.earlier is None else (self, *self.earlier.versions)

    @property
    def coarse(self) -> tuple[str, ...]:
        """`without_source` of every version, where it is a hash of its own."""
        found = ((each.without_source, each.final) for each in self.versions)
        return tuple(coarse for coarse, final in found if coarse and coarse != final)

    @property
    def all(self) -> frozenset[str]:
        """Every hash that is to lead to the event's issue."""
        finals = (each.final for each in self.versions)
        guesses = (each.provisional for each in self.versions)
        return frozenset((*finals, *guesses, *self.coarse))


class Home(Struct, frozen=True):
    """The issue that an event belongs to. `merged_from`: the one that it would belong to, had a person
    not merged that into this; None: the same.

    Of two that were merged each keeps what it would have alone: who looks for an issue without final
    hashes finds it in there.
    """

    issue_id: int
    merged_from: int | None = None


class _Lead(Struct, frozen=True):
    """Where a hash leads."""

    issue_id: int
    is_final: bool
    merged_from: int | None = None

    @property
    def home(self) -> Home:
        return Home(self.issue_id, self.merged_from)


_Key = tuple[int, str]
"""A project's id, and a hash."""


class KnownHashes:
    """Where the hashes of a batch of events lead: looked up at once, written at once.

    Belongs to one transaction: made after it began, flushed before it ends, when the issues are locked.
    Between the two, `find` and `attach` need no statement, but where an issue is to be adopted.
    """

    def __init__(self, connection: Connection, wanted: Mapping[int, Iterable[EventHashes]]) -> None:
        """`wanted`: by project, the hashes that will be asked for."""
        self._connection = connection
        self._is_held = False
        self._leads: dict[_Key, _Lead] = {}
        self._new: set[_Key] = set()
        self._confirmed: set[_Key] = set()
        self._required: set[_Key] = set()
        self._finals: defaultdict[Home, set[str]] = defaultdict(set)
        self._read: set[Home] = set()
        self._wanted = {
            project_id: {name for each in some for name in each.all}
            for project_id, some in wanted.items()
        }
        for project_id, names in self._wanted.items():
            for name, lead in self._now(project_id, names).items():
                self._leads[project_id, name] = lead
        self._read_leads = dict(self._leads)

    def hold(self, others: Iterable[int] = ()) -> None:
        """Lock the issues that the hashes lead to, and others, until the transaction ends.

        All at once and in order, so that of two transactions only one waits for the other: before that
        nothing is written of any of them. Raises HashTaken.
        """
        if self._is_held or self._connection.dialect.name == "sqlite":
            return
        self._is_held = True
        locked(
            self._connection, sorted({each.issue_id for each in self._leads.values()} | set(others))
        )
        self._check_read()

    def find(self, project_id: int, hashes: EventHashes) -> Home | None:
        """The issue that an event with these hashes belongs to, or None if it is a new one.

        By the finest hash that is known; by a coarser one only if the issue has none finer, since
        two errors that merely looked alike must stay apart.
        """
        for each in hashes.versions:
            lead = self._leads.get((project_id, each.final))
            if lead:
                return lead.home
        for coarse in hashes.coarse:
            lead = self._leads.get((project_id, coarse))
            if lead and not self._has_final(lead.home, besides=hashes.coarse):
                return lead.home
        for each in hashes.versions:
            lead = self._leads.get((project_id, each.provisional))
            if lead and not (hashes.is_final and self._has_final(lead.home)):
                return lead.home
        return None

    def attach(self, project_id: int, home: Home, hashes: EventHashes) -> None:
        """Lead every hash to the issue. All but the final one stay where they lead already.

        Raises HashTaken.
        """
        self.attach_free(project_id, home, hashes)
        final = (project_id, hashes.final)
        self._required.add(final)
        if self._leads[final].issue_id != home.issue_id:
            raise HashTaken

    def attach_free(self, project_id: int, home: Home, hashes: EventHashes) -> None:
        """Lead those hashes to the issue that lead nowhere yet."""
        for each in hashes.versions:
            self._lead((project_id, each.final), home, is_final=each.is_final)
        for coarse in hashes.all:
            self._lead((project_id, coarse), home, is_final=False)

    def flush(self) -> None:
        """Write what was attached; all issues of the batch are locked by now. Raises HashTaken."""
        self._check_read()
        # In order, so that of two transactions only one waits for the other.
        new = sorted(self._new)
        rows = [{"project_id": key[0], "hash": key[1]} | asdict(self._leads[key]) for key in new]
        insert_all_new(self._connection, issue_hashes, rows)
        if self._confirmed:
            keys = [{"of_project": key[0], "of_hash": key[1]} for key in sorted(self._confirmed)]
            self._connection.execute(_CONFIRM, keys)
        self._check([key for key in new if key in self._required])
        self._new.clear()
        self._confirmed.clear()

    def _check_read(self) -> None:
        """Whether what was read still leads to the same issues: their locks may have been waited for, as
        long as somebody merged them or took them apart. They stay so from then on."""
        if self._connection.dialect.name == "sqlite":
            return
        for project_id, names in self._wanted.items():
            now = self._now(project_id, names)
            for name in names:
                read = self._read_leads.get((project_id, name))
                if read is not None and (name not in now or now[name].home != read.home):
                    raise HashTaken

    def _check(self, written: Sequence[_Key]) -> None:
        """Whether what was to be written is what is there now."""
        for project_id, group in groupby(written, key=itemgetter(0)):
            names = {key[1] for key in group}
            now = self._now(project_id, names)
            if any(now[name].issue_id != self._leads[project_id, name].issue_id for name in names):
                raise HashTaken

    def _now(self, project_id: int, names: set[str]) -> dict[str, _Lead]:
        these = among(self._connection, issue_hashes.c.hash, sorted(names))
        found = self._connection.execute(
            _LEADS.where(issue_hashes.c.project_id == project_id, these)
        )
        return {row.hash: _Lead(row.issue_id, row.is_final, row.merged_from) for row in found}

    def _lead(self, key: _Key, home: Home, *, is_final: bool) -> None:
        lead = self._leads.get(key)
        if lead is None:
            self._new.add(key)
        elif lead.issue_id == home.issue_id and is_final and not lead.is_final:
            self._confirmed.add(key)
            home = lead.home
        else:
            return
        self._leads[key] = _Lead(home.issue_id, is_final, home.merged_from)
        if is_final:
            self._finals[home].add(key[1])

    def _has_final(self, home: Home, besides: Sequence[str] = ()) -> bool:
        """Whether an issue has a final hash that is none of these."""
        if home not in self._read:
            self._read.add(home)
            # So that of two events that want to adopt the issue at once the second sees the first.
            self.hold()
            finals = select(issue_hashes.c.hash).where(
                issue_hashes.c.issue_id == home.issue_id,
                issue_hashes.c.merged_from.is_not_distinct_from(home.merged_from),
                issue_hashes.c.is_final.is_(True),
            )
            self._finals[home] |= set(self._connection.execute(finals.limit(_ENOUGH)).scalars())
        return not self._finals[home].issubset(besides)


_ENOUGH: Final = 10
"""Final hashes of an issue that are read: one more than could be set aside would do."""

_CONFIRM: Final = (
    issue_hashes.update()
    .where(
        issue_hashes.c.project_id == bindparam("of_project"),
        issue_hashes.c.hash == bindparam("of_hash"),
    )
    .values(is_final=True)
)

_LEADS: Final = select(
    *(issue_hashes.c[name] for name in ("hash", "issue_id", "is_final", "merged_from"))
)
