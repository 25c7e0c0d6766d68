"""`headwater clean-up`: what the limits on uploads take, now or only told."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from headwater.artifacts.expire import CHUNK_LIFETIME
from headwater.artifacts.keeping import Beyond
from headwater.back_ends import stores_of
from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import opened
from headwater.settings import read_settings
from headwater.storage.files.claim import ForeignStorage
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.storage.projects import Projects
from headwater.storage.uploads.unused import Unused
from headwater.upload_side import UploadSide, keeping_of


def clean_up(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would go, and how many bytes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove uploads beyond their limits and chunks never assembled; `serve` does it every hour."""
    settings, now = read_settings(), datetime.now(UTC)
    with opened(settings) as database:
        slugs = {project.id: project.slug for project in Projects(database).all()}
        uploads = [_shape(each, slugs) for each in keeping_of(settings, database).plan(now)]
        chunks = Unused(database).chunks(now - CHUNK_LIFETIME)
        if not dry_run:
            try:
                UploadSide.of(settings, database, stores_of(settings)).tidy.expiry.expire(now)
            except (ForeignStorage, StorageUnreachable) as error:
                fail(str(error))
    rows = [_row(each) for each in uploads]
    rows.append(f"{chunks.number} chunks\t{chunks.size:,} bytes\tnever assembled, or not since")
    answer = {
        "removed": not dry_run,
        "uploads": uploads,
        "chunks": {"number": chunks.number, "bytes": chunks.size},
    }
    say(answer, "\n".join(rows), as_json=as_json)


def _shape(beyond: Beyond, slugs: Mapping[int, str]) -> dict[str, object]:
    return {
        "project": None if beyond.home is None else slugs.get(beyond.home, str(beyond.home)),
        "limit": beyond.limit,
        "bundles": list(beyond.bundles),
        "more": beyond.are_more,
        "bytes": beyond.freed,
        "stays": beyond.held or None,
    }


def _row(each: Mapping[str, object]) -> str:
    bundles = each["bundles"]
    number = (
        f"{len(bundles) if isinstance(bundles, list) else 0}{' and more' if each['more'] else ''}"
    )
    stays = f"; {each['stays']} beyond it stay" if each["stays"] else ""
    home = each["project"] or "the instance"
    return f"{number} bundles\t{each['bytes']:,} bytes\tof {home}, by {each['limit']}{stays}"
