"""Which bundles stored events were resolved with: as long as one is there, its bundles stay."""

from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Connection, exists

from headwater.storage.many_rows import insert_all_new
from headwater.storage.schema import artifact_bundles, resolution_bundles


def note_needed(connection: Connection, used: Mapping[bytes, Collection[int]]) -> None:
    """By the digests of resolutions that this transaction has stored: the bundles that they were made
    with. It is forgotten with the resolution.

    The bundles are not locked for it. One that was without use for an hour is, by `BundleUses` in the same
    transaction, so that who deletes it waits, and sees that it is needed; and one that was deleted between
    a frame's resolving and here is gone either way."""
    rows = [
        {"resolution_digest": digest, "artifact_bundle_id": bundle_id}
        for digest, bundles in sorted(used.items())
        for bundle_id in sorted(bundles)
    ]
    # Always, as the resolutions themselves: what retention deleted meanwhile is there again.
    insert_all_new(connection, resolution_bundles, rows)


def are_needed() -> ColumnElement[bool]:
    """Bundles that a stored event was resolved with."""
    return exists().where(resolution_bundles.c.artifact_bundle_id == artifact_bundles.c.id)
