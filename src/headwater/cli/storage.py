"""`headwater storage`: what is stored of uploads, beside a running server."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import typer

from headwater.artifacts.audit import UPLOADED, Found
from headwater.back_ends import stores_of
from headwater.cli.answer import AsJson, fail, say
from headwater.cli.instance import opened
from headwater.settings import read_settings
from headwater.storage.files.claim import ForeignStorage
from headwater.storage.files.unreachable import StorageUnreachable
from headwater.upload_side import UploadSide

storage = typer.Typer(help="What is stored of uploads.", no_args_is_help=True)

NAMED: Final = 20
"""Lost files of each kind that are named; the JSON has all."""


@storage.callback()
def _storage() -> None:
    """More commands may come."""


@storage.command()
def check(
    *,
    repair: Annotated[
        bool, typer.Option("--repair", help="Take away orphans, and give up what can be made anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare what the database knows with what is stored; changes nothing without --repair."""
    settings = read_settings()
    with opened(settings) as database:
        audit = UploadSide.of(settings, database, stores_of(settings)).audit
        now = datetime.now(UTC)
        try:
            found = audit.look(now)
            left = audit.repair(found, now) if repair else None
        except (ForeignStorage, StorageUnreachable) as error:
            fail(str(error))
    lines = (*_lines(found), *_repaired(found, left))
    say([_shape(each) for each in found], "\n".join(lines), as_json=as_json)
    if left:
        fail(f"{left:,} files could not be deleted yet; the log above may say why. Repair again.")
    if any(each.lost for each in found):
        sys.exit(1)


def _shape(found: Found) -> dict[str, Any]:
    return {
        "kind": found.kind,
        "known": found.known.number,
        "known_bytes": found.known.size,
        "lost": sorted(found.lost),
        "lost_bytes": sum(found.lost.values()),
        "orphans": found.orphans.number,
        "orphan_bytes": found.orphans.size,
    }


def _lines(found: Sequence[Found]) -> Iterator[str]:
    for each in found:
        yield (
            f"{each.kind:<10}{each.known.number:>9,} known, {each.known.size:,} bytes;"
            f" {len(each.lost):,} lost, {sum(each.lost.values()):,} bytes;"
            f" {each.orphans.number:,} orphans, {each.orphans.size:,} bytes"
        )
        yield from (f"  lost: {name}" for name in sorted(each.lost)[:NAMED])
        if len(each.lost) > NAMED:
            yield f"  and {len(each.lost) - NAMED:,} more: --json has all"
    if next(each for each in found if each.kind == UPLOADED).lost:
        yield "Lost uploads come back when they are uploaded again."


def _repaired(found: Sequence[Found], left: int | None) -> Iterator[str]:
    """`left`: files that a repair could not delete; None if there was none."""
    if left == 0:
        yield "Orphans were taken away; what is lost and can be made anew will be."
    elif left is None and any(each.orphans.number for each in found):
        yield "--repair takes the orphans away."
