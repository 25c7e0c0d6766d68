"""When each bundle resolved a frame last."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from headwater.storage.schema import artifact_bundles
from headwater.storage.uploads.bundle_uses import MAX_REMEMBERED, BundleUses
from tests.healing_side import HealingSide, healing_side, thrown
from tests.stored import asked

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[HealingSide]:
    """An instance on an empty database."""
    with healing_side(tmp_path) as side:
        yield side


def used(shop: HealingSide, bundle_id: int) -> datetime | None:
    wanted = select(artifact_bundles.c.last_used_at).where(artifact_bundles.c.id == bundle_id)
    with shop.database.read() as connection:
        found: datetime | None = connection.execute(wanted).scalar_one()
    return found


def use(shop: HealingSide, uses: BundleUses, *bundle_ids: int, after: int = 0) -> None:
    with shop.database.write() as connection:
        uses.add(connection, bundle_ids, NOON + timedelta(minutes=after))


def test_a_bundle_is_used_when_it_resolves_a_frame(shop: HealingSide) -> None:
    one, other = shop.upload("a"), shop.upload("b")
    began = datetime.now(UTC)

    shop.digest(thrown(1, "a"), thrown(2, "c"))

    at = used(shop, one)
    assert at is not None
    assert at >= began
    assert used(shop, other) is None


def test_a_bundle_that_came_late_is_used_when_events_are_resolved_again(shop: HealingSide) -> None:
    shop.digest(thrown(1, "a"))

    bundle = shop.upload("a")
    before = used(shop, bundle)
    shop.heal()

    assert before is None
    assert used(shop, bundle) is not None


def test_it_is_written_once_in_an_hour(shop: HealingSide) -> None:
    bundle = shop.upload("a")
    uses = BundleUses()
    use(shop, uses, bundle)

    with asked(shop.database) as statements:
        use(shop, uses, bundle, after=59)
        quiet = [said for said, _ in statements if not said.startswith("BEGIN")]
    use(shop, BundleUses(), bundle, after=59)
    after_others = used(shop, bundle)
    use(shop, uses, bundle, after=60)

    assert quiet == []
    assert after_others == NOON
    assert used(shop, bundle) == NOON + timedelta(minutes=60)


def test_what_was_undone_is_written_again(shop: HealingSide) -> None:
    bundle, uses = shop.upload("a"), BundleUses()
    with shop.database.write() as connection:
        uses.add(connection, [bundle], NOON)
        connection.rollback()
    uses.forget()

    use(shop, uses, bundle, after=1)

    assert used(shop, bundle) == NOON + timedelta(minutes=1)


def test_no_more_than_the_latest_are_remembered(shop: HealingSide) -> None:
    bundle, uses = shop.upload("a"), BundleUses()
    use(shop, uses, bundle)
    with shop.database.write() as connection:
        connection.execute(artifact_bundles.update().values(last_used_at=None))

    use(shop, uses, *range(1_000, 1_000 + MAX_REMEMBERED - 1), after=1)
    use(shop, uses, bundle, after=2)
    remembered = used(shop, bundle)
    use(shop, uses, *range(50_000, 50_000 + MAX_REMEMBERED), after=3)
    use(shop, uses, bundle, after=4)

    assert remembered is None
    assert used(shop, bundle) == NOON + timedelta(minutes=4)
