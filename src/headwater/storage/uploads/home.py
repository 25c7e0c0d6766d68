"""Where an upload belongs: one project, or (None) the whole instance. The token decides."""

from collections.abc import Collection
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Table, or_

Home: TypeAlias = int | None


def of_home(table: Table, home: Home) -> ColumnElement[bool]:
    """Rows of exactly this home."""
    column: ColumnElement[Any] = table.c.project_id
    return column.is_(None) if home is None else column == home


def visible_to(table: Table, home: Home) -> ColumnElement[bool]:
    """Rows that a project may use, its own and the instance's; for the instance only these."""
    instance: ColumnElement[bool] = table.c.project_id.is_(None)
    return instance if home is None else or_(table.c.project_id == home, instance)


def visible_to_any(table: Table, homes: Collection[int]) -> ColumnElement[bool]:
    """Rows that any of the projects may use, their own and the instance's."""
    column: ColumnElement[Any] = table.c.project_id
    return or_(column.in_(sorted(homes)), column.is_(None))
