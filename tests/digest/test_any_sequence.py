"""Whatever persons, the digest, late maps and retention do to issues, in whichever order: what is
counted is what is stored, and each event is where a plain model says."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Row, select

from headwater.digest.retention import EventBounds, Retention
from headwater.storage.disk import FreeSpace
from headwater.storage.events.retention import Retained
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.hashes import HashTaken
from headwater.storage.issues.hours import hour_of
from headwater.storage.issues.merges import CannotMerge, Merges
from headwater.storage.issues.unmerges import Unmerges
from headwater.storage.schema import events, issue_hours, issue_tags, issues, merges, removed_events
from tests.healing_side import FUNCTIONS, START, HealingSide, healing_side, thrown

WORDS = ("no money", "no stock", "no room", "no time")
BUILDS = ("late", "later")

words = st.sampled_from(WORDS)
some = st.integers(0, 30)
"""Which of those that there are, counted around."""


class AnySequence(RuleBasedStateMachine):
    """One project, from nothing on. Where errors go that come before their map, the model doesn't know:
    once one has come, counts alone are looked at."""

    side: HealingSide

    def __init__(self) -> None:
        super().__init__()
        self.number = 0
        self.has_late = False
        self.leaf: dict[int, int] = {}
        """Event number → the issue that it would be of, had nobody merged any."""
        self.home: dict[str, int] = {}
        """Words → the issue that their next event would be of."""
        self.taken = 0
        """Events that retention took."""
        self.into: dict[int, int] = {}
        """Issue → the one that it was merged into."""
        self.project = self.side.projects.create("Any", "javascript", datetime.now(UTC)).id

    def teardown(self) -> None:
        self.settle()

    @rule(which=st.lists(words, min_size=1, max_size=3))
    def come(self, which: list[str]) -> None:
        self._come([(each, "never", "pay") for each in which])

    @rule(
        which=st.lists(
            st.tuples(words, st.sampled_from(BUILDS), st.sampled_from(FUNCTIONS)),
            min_size=1,
            max_size=3,
        )
    )
    def come_before_their_map(self, which: list[tuple[str, str, str]]) -> None:
        self.has_late = True
        self._come(which)

    def _come(self, which: list[tuple[str, str, str]]) -> None:
        numbers = {}
        made = []
        for said, build, function in which:
            self.number += 1
            numbers[self.number] = said
            event = thrown(self.number, f"{build} {self.project}", function)
            event["event_id"] = f"{self.project:016x}{self.number:016x}"
            event["exception"]["values"][0]["value"] = said
            # Not in the order of coming: clients' clocks differ.
            moment = START + timedelta(minutes=17 * (self.number * 5 % 32))
            event["timestamp"] = moment.timestamp()
            made.append(event)
        self.side.digest(*made, project_id=self.project)
        if self.has_late:
            return
        stored = {_number(row): row for row in self._events()}
        for number, said in numbers.items():
            if said not in self.home:
                self.home[said] = stored[number].issue_id
            self.leaf[number] = self.home[said]

    @rule(build=st.sampled_from(BUILDS))
    def a_map_comes(self, build: str) -> None:
        self.side.upload(f"{build} {self.project}", home=self.project)
        self.side.healer.look(datetime.now(UTC))

    @rule()
    def heal_some(self) -> None:
        with suppress(HashTaken):  # events are on their way: it is done after them
            self.side.healer.heal_once(datetime.now(UTC))

    @rule()
    def follow_some(self) -> None:
        self.side.healer.follow()

    @rule(picks=st.lists(some, min_size=2, max_size=3))
    def merge(self, picks: list[int]) -> None:
        chosen = {each for pick in picks if (each := self._pick(pick)) is not None}
        try:
            target = Merges(self.side.database).merge(chosen, datetime.now(UTC))
        except CannotMerge:
            return
        for each in chosen - {target}:
            self.into[each] = target

    @rule(pick=some, which=some)
    def unmerge(self, pick: int, which: int) -> None:
        found = self._all(select(merges).where(merges.c.at.is_not(None)).order_by(merges.c.origin))
        there = {row.id for row in self._roots()}
        found = [row for row in found if row.target in there]
        if not found:
            return
        row = found[pick % len(found)]
        origins = None if which % 3 == 0 else [row.origin]
        gone = Unmerges(self.side.database).unmerge(row.target, origins, datetime.now(UTC), None)
        for each in gone:
            if not self.has_late:
                assert self.into[each] == row.target
            self.into.pop(each, None)

    @rule(pick=some)
    def delete(self, pick: int) -> None:
        if (chosen := self._pick(pick)) is None:
            return
        Deletions(self.side.database).delete([chosen])
        gone = {each for each in self._known() if self._root(each) == chosen}
        self.home = {said: each for said, each in self.home.items() if each not in gone}
        self.leaf = {number: each for number, each in self.leaf.items() if each not in gone}
        # SQLite may give these numbers again.
        self.into = {each: into for each, into in self.into.items() if each not in gone}

    @rule()
    def retention_runs(self) -> None:
        bounds = EventBounds(days=0, events=0, database=0)
        room = FreeSpace(self.side.folder, 0)
        for _ in Retention(self.side.database, bounds, room).steps(datetime.now(UTC)):
            pass

    @precondition(lambda self: self.number > 4)
    @rule(pick=some)
    def retention_takes_one(self, pick: int) -> None:
        stored = self._events()
        if stored:
            row = stored[pick % len(stored)]
            Retained(self.side.database).remove([row.id])
            self.leaf.pop(_number(row), None)
            self.taken += 1

    @rule()
    def settle(self) -> None:
        for _ in range(200):
            if not self.side.healer.follow():
                break
        else:
            raise AssertionError("it never ends")
        self.retention_runs()
        self._check()

    def _check(self) -> None:
        stored = self._events()
        removed = {row.issue_id: row.gone for row in self._all(_REMOVED)}
        roots = self._roots()
        assert {row.issue_id for row in stored} <= {row.id for row in roots}
        # Fewer, where what they were counted at was deleted.
        assert sum(removed.get(row.id, 0) for row in roots) <= self.taken
        for row in roots:
            own = [each for each in stored if each.issue_id == row.id]
            gone = removed.get(row.id, 0)
            assert gone >= 0
            assert row.event_count - gone == len(own), row
            if not gone:
                self._check_whole(row, own)
        if not self.has_late:
            assert {_number(row): row.issue_id for row in stored} == {
                number: self._root(issue) for number, issue in self.leaf.items()
            }

    def _check_whole(self, row: Row[Any], own: list[Row[Any]]) -> None:
        """An issue of which retention has taken nothing."""
        assert self._hours(row.id) == Counter(hour_of(each.timestamp) for each in own)
        assert self._numbers(row.id) == {str(_number(each)): 1 for each in own}
        assert row.first_seen == min(each.timestamp for each in own)
        assert row.last_seen == max(each.timestamp for each in own)
        latest = {each.event_id for each in own if each.timestamp == row.last_seen}
        assert row.latest_event_id in latest

    def _known(self) -> set[int]:
        return {*self.home.values(), *self.leaf.values(), *self.into}

    def _root(self, issue: int) -> int:
        while issue in self.into:
            issue = self.into[issue]
        return issue

    def _pick(self, pick: int) -> int | None:
        roots = self._roots()
        return roots[pick % len(roots)].id if roots else None

    def _roots(self) -> list[Row[Any]]:
        own = issues.c.project_id == self.project, issues.c.merged_into.is_(None)
        there = issues.c.status != "deleted"
        return self._all(select(issues).where(*own, there).order_by(issues.c.id))

    def _events(self) -> list[Row[Any]]:
        columns = events.c.id, events.c.event_id, events.c.issue_id, events.c.timestamp
        own = select(*columns).where(events.c.project_id == self.project)
        return self._all(own.order_by(events.c.id))

    def _hours(self, issue: int) -> dict[datetime, int]:
        wanted = select(issue_hours.c.hour, issue_hours.c.count.label("came"))
        return {
            row.hour: row.came for row in self._all(wanted.where(issue_hours.c.issue_id == issue))
        }

    def _numbers(self, issue: int) -> dict[str, int]:
        wanted = select(issue_tags.c.value, issue_tags.c.count.label("came"))
        of_issue = issue_tags.c.issue_id == issue, issue_tags.c.key == "number"
        return {row.value: row.came for row in self._all(wanted.where(*of_issue))}

    def _all(self, wanted: Any) -> list[Row[Any]]:
        with self.side.database.read() as connection:
            return list(connection.execute(wanted).all())


_REMOVED = select(removed_events.c.issue_id, removed_events.c.count.label("gone"))


def _number(row: Row[Any]) -> int:
    return int(row.event_id[16:], 16)


def test_what_is_counted_is_what_is_stored(tmp_path: Path) -> None:
    with healing_side(tmp_path, portion=2) as side:

        class Here(AnySequence):
            pass

        Here.side = side
        run_state_machine_as_test(
            Here,
            settings=settings(
                max_examples=8,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
