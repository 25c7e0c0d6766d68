"""Which projects nobody sees: those that somebody deleted, and the doctor's own.

Whatever reads beyond a project that is known to be there asks here: lists of all, and what is found by a
number of its own.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select

from headwater.storage.schema import examinations, projects

_EVERY: Final = projects.alias("every_project")
NOT_DELETED: Final = projects.c.deleted_at.is_(None)
"""Of a statement that reads projects."""

_DELETED: Final = select(_EVERY.c.id).where(_EVERY.c.deleted_at.is_not(None))


def is_kept(project_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether nobody has deleted the project."""
    return project_id.not_in(_DELETED)


def has_kept_home(project_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """The same, where NULL is the whole instance."""
    return or_(project_id.is_(None), is_kept(project_id))


def is_users(project_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the project is one of the users': none of `storage.examinations`, made for a moment, and
    none that was deleted."""
    return project_id.not_in(select(examinations.c.project_id)) & is_kept(project_id)
