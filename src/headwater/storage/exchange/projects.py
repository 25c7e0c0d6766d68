"""The project that an archive becomes: the one with its DSN's key, or a new one."""

from collections.abc import Collection
from datetime import datetime

import msgspec
from sqlalchemy import Connection, select

from headwater.storage.choices import (
    InvalidChoice,
    parse_field_names,
    parse_folder,
    parse_repository,
)
from headwater.storage.database import Database
from headwater.storage.exchange.archive import ArchiveRefused
from headwater.storage.exchange.records import ProjectRecord
from headwater.storage.many_rows import insert_all_new
from headwater.storage.projects import Choices, InvalidProject, Project, Projects, add_project
from headwater.storage.schema import project_keys, projects


def arriving_project(
    database: Database, record: ProjectRecord, groupings: Collection[str], now: datetime
) -> Project:
    """`groupings`: the versions that there are. Raises ArchiveRefused."""
    with database.write() as connection:
        wanted = select(project_keys.c.project_id).where(project_keys.c.public_key.in_(record.keys))
        found = connection.execute(wanted.limit(1)).scalar()
        if found is None:
            found = _add(connection, record, groupings, now)
    project = Projects(database).get(str(found))
    if project is None:
        raise ArchiveRefused("its project was deleted just now")
    return project


def _add(
    connection: Connection, record: ProjectRecord, groupings: Collection[str], now: datetime
) -> int:
    try:
        made = add_project(
            connection, record.name, record.platform, now, _choices(record, groupings)
        )
    except (InvalidProject, InvalidChoice) as error:
        raise ArchiveRefused(f"its project can't be made: {error}") from None
    this = projects.c.id == made.id
    taken = connection.execute(select(projects.c.id).where(projects.c.slug == record.slug)).first()
    if taken is None and not record.slug.isdecimal():
        connection.execute(projects.update().where(this).values(slug=record.slug))
    # Clients go on sending to the DSN that they have: its key instead of the new one.
    connection.execute(project_keys.delete().where(project_keys.c.project_id == made.id))
    rows = [
        {"project_id": made.id, "public_key": key, "created_at": now}
        for key in dict.fromkeys(record.keys)
    ]
    insert_all_new(connection, project_keys, rows)
    return made.id


def _choices(record: ProjectRecord, groupings: Collection[str]) -> Choices:
    """Raises InvalidChoice."""
    given = record.choices
    choices = Choices(
        **{
            **msgspec.structs.asdict(given),
            "sensitive_fields": parse_field_names("\n".join(given.sensitive_fields)),
            "repository": parse_repository(given.repository),
            "repository_folder": parse_folder(given.repository_folder),
        }
    )
    for name in (choices.grouping, choices.earlier_grouping):
        if name is not None and name not in groupings:
            raise InvalidChoice(f"this version knows no grouping {name!r}, a newer one may")
    return choices
