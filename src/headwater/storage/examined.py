"""Which projects are the doctor's own, made for a moment: lists and announcements leave them out."""

from typing import Any

from sqlalchemy import ColumnElement, select

from headwater.storage.schema import examinations


def is_users(project_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the project is one of the users', and none of `storage.examinations`."""
    return project_id.not_in(select(examinations.c.project_id))
