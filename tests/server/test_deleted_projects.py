"""What a deleted project had counts in no look at the whole server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from headwater.server.resolved_with import resolved_with
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.events.newest_resolutions import NewestResolutions
from headwater.storage.uploads.going_uploads import Going
from headwater.storage.uploads.unused import Tally, Unused
from tests.healing_side import HealingSide, healing_side, thrown

LATER = datetime(2030, 1, 1, tzinfo=UTC)
SHOP = 1
BLOG = 2


@pytest.fixture
def side(tmp_path: Path) -> Iterator[HealingSide]:
    with healing_side(tmp_path) as side:
        yield side


def delete(side: HealingSide) -> None:
    assert DeletedProjects(side.database).delete(SHOP, datetime.now(UTC))


def test_its_events_are_not_among_those_that_an_upload_resolved(side: HealingSide) -> None:
    bundle = side.upload("a", home=None)
    side.digest(*(thrown(number, "a") for number in range(5)))
    side.digest(thrown(9, "a"), project_id=BLOG)

    delete(side)

    used = resolved_with(NewestResolutions(side.database), None, {bundle})
    assert (used.events, used.looked_at) == (1, 1)


def test_its_uploads_are_not_among_the_unused(side: HealingSide) -> None:
    side.upload("a", home=SHOP)
    kept = side.upload("b", home=BLOG)
    unused = Unused(side.database)
    assert unused.bundles(LATER).number == 2

    delete(side)

    [largest] = unused.largest(LATER, 9)
    assert largest.id == kept
    assert unused.bundles(LATER) == Tally(1, largest.size)


def test_its_events_name_no_upload_of_the_whole_server(side: HealingSide) -> None:
    bundle = side.upload("a", home=None)
    side.digest(thrown(1, "a", release="1"))
    going = Going(side.database)
    assert going.last_named(bundle)
    assert going.with_bundle(bundle).named_by

    delete(side)

    assert going.last_named(bundle) is None
    assert going.with_bundle(bundle).named_by == ()
