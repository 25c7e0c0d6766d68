"""One issue, as it is read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import Row, select

from headwater.storage.issues.search import Status
from headwater.storage.schema import issues


class Issue(Struct, frozen=True):
    """`title` as in `Error: Invoice not found`, `culprit` as in `getPostedInvoice ·
    src/lib/actions/invoices.ts:84`. `muted_until`, `muted_events`, `muted_users`: the moment, or how
    many it then has, that ends its being muted. `resolved_in`: the release that it is resolved in,
    NEXT_RELEASE, or (None) whichever."""

    id: int
    project_id: int
    title: str
    culprit: str
    level: str
    platform: str
    status: Status
    event_count: int
    first_seen: datetime
    last_seen: datetime
    latest_event_id: str | None
    merged_into: int | None
    assignee_id: int | None
    muted_until: datetime | None
    muted_events: int | None
    muted_users: int | None
    resolved_in: str | None


ISSUES: Final = select(issues)
_COLUMNS: Final = Issue.__struct_fields__


def issues_of(rows: Sequence[Row[Any]]) -> Sequence[Issue]:
    """Rows of ISSUES."""
    return [issue_of(row) for row in rows]


def issue_of(row: Row[Any]) -> Issue:
    """A row of ISSUES."""
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return Issue(**(columns | {"status": Status(row.status)}))
