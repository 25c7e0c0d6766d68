"""The register of compiled files: who holds what, who uses whom, and what is left to do."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import Sha1
from headwater.storage.database import Database
from headwater.storage.files.compiled import LEASE, MAX_ATTEMPTS, Compiled, NewCompiled
from headwater.storage.files.compiled_files import CompiledName, Kind, new_name
from headwater.storage.files.holders import HolderGone
from headwater.storage.files.places import ROWS, NewPlace, Place
from headwater.storage.uploads.artifact import NewBundle, NewFile
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.release_files import ReleaseFiles
from tests.upload_side import REMOVAL

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)


@pytest.fixture
def compiled(database: Database) -> Compiled:
    return Compiled(database, version=1)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def places(texts: Sequence[str]) -> list[NewPlace]:
    return [NewPlace(digest(text), 10 * number, 7) for number, text in enumerate(texts)]


def recorded(
    compiled: Compiled,
    source_map: str,
    texts: Sequence[str] = (),
    uses: Sequence[CompiledName] = (),
    kind: Kind = Kind.MAP,
) -> CompiledName:
    name = new_name(sha256(source_map), kind)
    new = NewCompiled(name, 100, [str(each) for each in uses], places(texts))
    return compiled.record(new, NOW)


def upload(database: Database, *source_maps: str) -> int:
    files = tuple(
        NewFile(ArtifactType.SOURCE_MAP, name, None, None, sha256(name), 100)
        for name in source_maps
    )
    bundle = NewBundle(None, Sha1(sha256(repr(source_maps))[:40]), None, 100, None, files)
    return Artifacts(database).save(bundle, None, NOW, lambda _: True)


def give_up(compiled: Compiled) -> tuple[CompiledName, ...]:
    compiled.retire_unwanted(LATER, LATER)
    return compiled.drop_retired(LATER + timedelta(days=1))


def test_what_is_recorded_is_found_by_what_it_was_made_from(compiled: Compiled) -> None:
    name = recorded(compiled, "a.map")
    functions = recorded(compiled, "a.map", kind=Kind.FUNCTIONS)
    recorded(compiled, "b.map")

    assert set(compiled.find([sha256("a.map"), sha256("never uploaded")])) == {name, functions}


def test_a_small_map_is_recorded_with_its_texts_in_one_transaction(
    compiled: Compiled, database: Database
) -> None:
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)

    recorded(compiled, "a.map", ["one", "two"])

    assert len(commits) == 1
    assert len(compiled.texts.known([digest("one"), digest("two")])) == 2


def test_a_text_that_a_file_holds_is_known_to_the_next(compiled: Compiled) -> None:
    name = recorded(compiled, "a.map", ["one", "two"])

    known = compiled.texts.known([digest("two"), digest("three")])

    assert known == {digest("two"): Place(str(name), 10, 7)}
    assert compiled.functions.known([digest("two")]) == {}


def test_as_many_texts_as_a_large_map_has_are_known(compiled: Compiled) -> None:
    texts = [f"text {number}" for number in range(2 * ROWS + 1)]
    recorded(compiled, "large.map", texts)

    known = compiled.texts.known([digest(text) for text in texts])

    assert len(known) == len(texts)
    assert known[digest(texts[-1])].offset == 10 * (len(texts) - 1)


def test_of_two_files_with_the_same_text_the_first_is_remembered(compiled: Compiled) -> None:
    first = recorded(compiled, "a.map", ["one"])
    recorded(compiled, "b.map", ["one", "two"])

    assert compiled.texts.known([digest("one")])[digest("one")].holder == str(first)


def test_a_map_that_two_compile_at_once_is_recorded_once(compiled: Compiled) -> None:
    first, second = new_name(sha256("a.map"), Kind.MAP), new_name(sha256("a.map"), Kind.MAP)
    compiled.record(NewCompiled(first, 100), NOW)

    counts = compiled.record(NewCompiled(second, 100, (), places(["one"])), NOW)

    assert counts == first
    assert compiled.unrecorded([first, second]) == (second,)
    assert compiled.texts.known([digest("one")]) == {}


def test_a_file_that_was_given_up_is_not_found_and_holds_nothing_new(compiled: Compiled) -> None:
    name = recorded(compiled, "a.map", [f"text {number}" for number in range(ROWS + 1)])

    compiled.retire([name], NOW)

    assert compiled.find([sha256("a.map")]) == ()
    assert compiled.texts.known([digest("text 0"), digest(f"text {ROWS}")]) == {}


def test_what_is_compiled_anew_holds_its_texts_again(compiled: Compiled) -> None:
    damaged = recorded(compiled, "a.map", ["one"])
    compiled.retire([damaged], NOW)

    healed = recorded(compiled, "a.map", ["one"])

    assert compiled.find([sha256("a.map")]) == (healed,)
    assert compiled.texts.known([digest("one")])[digest("one")].holder == str(healed)


def test_a_file_can_not_use_one_that_was_given_up_meanwhile(compiled: Compiled) -> None:
    holder = recorded(compiled, "a.map", ["one"])
    compiled.retire([holder], NOW)

    with pytest.raises(HolderGone, match="1 files"):
        recorded(compiled, "b.map", uses=[holder])

    assert compiled.find([sha256("b.map")]) == ()


def test_files_whose_uploads_are_there_stay(compiled: Compiled, database: Database) -> None:
    upload(database, "a.map")
    name = recorded(compiled, "a.map")

    assert give_up(compiled) == ()
    assert compiled.find([sha256("a.map")]) == (name,)


def test_a_file_just_made_stays_though_its_upload_is_not_stored_yet(compiled: Compiled) -> None:
    name = recorded(compiled, "a.map")

    compiled.retire_unwanted(NOW, NOW)

    assert compiled.drop_retired(LATER) == ()
    assert compiled.find([sha256("a.map")]) == (name,)


def test_a_file_that_another_needs_stays_and_holds_nothing_more(
    compiled: Compiled, database: Database
) -> None:
    first = upload(database, "a.map")
    upload(database, "b.map")
    holder = recorded(compiled, "a.map", ["one"])
    user = recorded(compiled, "b.map", uses=[holder])
    ReleaseFiles(database).delete_bundle(first, REMOVAL)

    assert give_up(compiled) == ()
    assert compiled.texts.known([digest("one")]) == {}
    assert compiled.unrecorded([holder, user]) == ()


def test_the_last_user_takes_its_holders_along(compiled: Compiled) -> None:
    holder = recorded(compiled, "a.map", ["one"])
    user = recorded(compiled, "b.map", ["two"], uses=[holder])
    last = recorded(compiled, "c.map", uses=[holder, user])

    assert give_up(compiled) == (last, user, holder)


def test_whoever_found_a_file_has_time_to_read_it(compiled: Compiled) -> None:
    name = recorded(compiled, "a.map")
    compiled.retire([name], LATER)

    assert compiled.drop_retired(LATER) == ()
    assert compiled.drop_retired(LATER + timedelta(seconds=1)) == (name,)


def test_what_a_crash_left_unrecorded_is_told(compiled: Compiled) -> None:
    name, left = recorded(compiled, "a.map"), new_name(sha256("b.map"), Kind.MAP)

    assert compiled.unrecorded([name, left]) == (left,)


def test_a_crash_before_the_places_are_written_costs_only_space(compiled: Compiled) -> None:
    name = new_name(sha256("a.map"), Kind.MAP)
    compiled.record(NewCompiled(name, 100), NOW)

    assert compiled.texts.known([digest("one")]) == {}
    recorded(compiled, "b.map", ["one"])
    assert compiled.find([sha256("a.map")]) == (name,)


def test_maps_wait_for_their_second_stage_in_turn(compiled: Compiled) -> None:
    first = recorded(compiled, "a.map")
    recorded(compiled, "a.js", kind=Kind.SCRIPT)
    inline = recorded(compiled, "b.js", kind=Kind.INLINE)

    claimed = {compiled.claim(NOW), compiled.claim(NOW)}

    assert claimed == {first, inline}
    assert compiled.claim(NOW) is None


def test_a_map_whose_second_stage_is_there_waits_no_more(compiled: Compiled) -> None:
    recorded(compiled, "a.map")
    recorded(compiled, "a.map", kind=Kind.FUNCTIONS)

    assert compiled.claim(LATER) is None


def test_a_map_compiled_anew_whose_second_stage_is_there_waits_once(compiled: Compiled) -> None:
    recorded(compiled, "a.map", kind=Kind.FUNCTIONS)
    name = recorded(compiled, "a.map")
    assert compiled.claim(NOW) == name

    recorded(compiled, "a.map", kind=Kind.FUNCTIONS)

    assert compiled.claim(LATER) is None


def test_a_second_stage_that_somebody_died_of_is_tried_a_few_times(compiled: Compiled) -> None:
    name = recorded(compiled, "a.map")
    tries = []

    for turn in range(MAX_ATTEMPTS + 1):
        tries.append(compiled.claim(NOW + turn * LEASE))
        assert compiled.claim(NOW + turn * LEASE) is None

    assert tries == [name] * MAX_ATTEMPTS + [None]


def test_a_second_stage_that_is_damaged_again_and_again_is_made_each_time(
    compiled: Compiled,
) -> None:
    name = recorded(compiled, "a.map")
    tries = []

    for _ in range(MAX_ATTEMPTS + 1):
        tries.append(compiled.claim(NOW))
        compiled.retire([recorded(compiled, "a.map", kind=Kind.FUNCTIONS)], NOW)

    assert tries == [name] * (MAX_ATTEMPTS + 1)


def test_the_newest_map_is_first_and_those_that_failed_are_last(compiled: Compiled) -> None:
    failed = recorded(compiled, "failed.map")
    compiled.claim(NOW)
    older, newer = (
        compiled.record(NewCompiled(new_name(sha256(name), Kind.MAP), 100), NOW + minutes)
        for name, minutes in (("older.map", timedelta(0)), ("newer.map", timedelta(minutes=1)))
    )

    claimed = [compiled.claim(NOW + LEASE) for _ in range(3)]

    assert claimed == [newer, older, failed]


def test_another_version_knows_nothing_of_these(compiled: Compiled, database: Database) -> None:
    upload(database, "a.map")
    old = recorded(compiled, "a.map", ["one"])
    newer = Compiled(database, version=2)

    assert newer.find([sha256("a.map")]) == ()
    assert newer.texts.known([digest("one")]) == {}
    assert newer.claim(NOW) is None
    new = recorded(newer, "a.map", ["one"])
    assert newer.texts.known([digest("one")])[digest("one")].holder == str(new)
    assert compiled.texts.known([digest("one")])[digest("one")].holder == str(old)


def test_what_older_versions_made_is_given_up(compiled: Compiled, database: Database) -> None:
    upload(database, "a.map")
    old = recorded(compiled, "a.map", ["one"])
    newer = Compiled(database, version=2)
    new = recorded(newer, "a.map", ["one"])

    assert give_up(newer) == (old,)
    assert newer.find([sha256("a.map")]) == (new,)
