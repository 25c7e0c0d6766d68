"""Projects: what events and, by default, uploads belong to; and the public key of their DSN."""

import re
import secrets
import unicodedata
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import Connection, Row, Select, func, select

from headwater.storage.database import Database
from headwater.storage.hidden_projects import NOT_DELETED, is_users
from headwater.storage.schema import project_keys, projects

MAX_NAME = 200
"""Characters of a project's name: the column's width, and more than fits on a page."""

MAX_PLATFORM = 64
"""Characters of a project's platform: the column's width."""

_MAX_SLUG = 80
"""Characters of a slug before its number; leaves room for one in a column of 100."""

_MAX_ID_DIGITS = 18
"""A longer number is nobody's id, and would not fit the column on either database."""


class InvalidProject(Exception):
    """A project can't be called that; the message says what was expected."""


class Choices(Struct, frozen=True):
    """What a project decides about its events and uploads. None: as the instance's settings say."""

    grouping: str = "2"
    """The version of the algorithm, of headwater.grouping.versions."""
    earlier_grouping: str | None = None
    """The version that older issues were made with; None: the same."""
    scrubs_secrets: bool = True
    sensitive_fields: tuple[str, ...] = ()
    """Names of fields that are scrubbed besides the usual ones."""
    events_per_minute: int | None = None
    max_events: int | None = None
    max_age_days: int | None = None
    max_artifact_age_days: int | None = None
    max_releases: int | None = None
    """Whose uploads are kept."""
    max_artifacts: int | None = None
    """Bytes of uploads that are kept."""
    repository: str = ""
    """Where its sources are: an address, or a pattern of one with `{path}`; empty: nobody said."""
    repository_folder: str = ""
    """Of the project within the repository."""

    def moved_to(self, version: str) -> "Choices":
        """Grouped by this version from now on; issues made with the present one are still found."""
        if version == self.grouping:
            return self
        return replace(self, grouping=version, earlier_grouping=self.grouping)


AS_THE_SERVER: Final = Choices()


class Project(Struct, frozen=True):
    """One project. `public_key` is the DSN's: 32 hexadecimal digits, not a secret."""

    id: int
    slug: str
    name: str
    platform: str | None
    created_at: datetime
    public_key: str
    choices: Choices = AS_THE_SERVER

    def is_called(self, typed: str) -> bool:
        """Whether somebody typed its name: letter for letter, but for spaces around and between."""
        return " ".join(typed.split()) == self.name


class Projects:
    """Every project of this server."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, name: str, platform: str | None, now: datetime, choices: Choices = AS_THE_SERVER
    ) -> Project:
        """A new project with a slug made from its name and a key of its own.

        Two projects may share a name; their slugs differ. Raises InvalidProject.
        """
        with self._database.write() as connection:
            return add_project(connection, name, platform, now, choices)

    def choose(self, project_id: int, choices: Choices) -> None:
        """A person's decisions about the project's events; in force within seconds."""
        with self._database.write() as connection:
            connection.execute(
                projects.update().where(projects.c.id == project_id).values(_columns(choices))
            )

    def rename(self, project_id: int, name: str) -> None:
        """Another name; the slug, which is in addresses and builds, stays. Raises InvalidProject."""
        with self._database.write() as connection:
            connection.execute(
                projects.update()
                .where(projects.c.id == project_id)
                .values(name=_checked_name(name))
            )

    def all(self) -> tuple[Project, ...]:
        """Every project, by name; not those that `headwater doctor` made for a moment, nor deleted ones,
        which no other question finds either."""
        with self._database.read() as connection:
            rows = connection.execute(
                _PROJECTS.where(is_users(projects.c.id)).order_by(
                    func.lower(projects.c.name), projects.c.id
                )
            )
            return tuple(_project(row) for row in rows)

    def several(self, project_ids: Collection[int]) -> dict[int, Project]:
        """Those of these that there are."""
        with self._database.read() as connection:
            rows = connection.execute(_PROJECTS.where(projects.c.id.in_(project_ids)))
            return {row.id: _project(row) for row in rows}

    def get(self, slug_or_id: str) -> Project | None:
        """The project with this slug, or this id written as text; None if there is none."""
        number = _number(slug_or_id)
        wanted = projects.c.slug == slug_or_id if number is None else projects.c.id == number
        with self._database.read() as connection:
            row = connection.execute(_PROJECTS.where(wanted)).first()
        return None if row is None else _project(row)

    def by_public_key(self, key: str) -> Project | None:
        """The project whose DSN holds this key."""
        of_key = select(project_keys.c.project_id).where(project_keys.c.public_key == key)
        with self._database.read() as connection:
            row = connection.execute(
                _PROJECTS.where(projects.c.id == of_key.scalar_subquery())
            ).first()
        return None if row is None else _project(row)


def add_project(
    connection: Connection,
    name: str,
    platform: str | None,
    now: datetime,
    choices: Choices = AS_THE_SERVER,
) -> Project:
    """`Projects.create`, as a part of a transaction. Raises InvalidProject."""
    name = _checked_name(name)
    platform = (platform or "").strip()[:MAX_PLATFORM] or None
    key = new_public_key()
    slug = _free_slug(connection, name)
    row = {"slug": slug, "name": name, "platform": platform, "created_at": now}
    row |= _columns(choices)
    project_id = connection.execute(
        projects.insert().values(row).returning(projects.c.id)
    ).scalar_one()
    connection.execute(
        project_keys.insert().values(project_id=project_id, public_key=key, created_at=now)
    )
    return Project(project_id, slug, name, platform, now, key, choices)


def kept_projects(connection: Connection, project_ids: Collection[int]) -> set[int]:
    """Those of these that there are, and that nobody has deleted."""
    these = projects.c.id.in_(sorted(project_ids)), NOT_DELETED
    return set(connection.execute(select(projects.c.id).where(*these)).scalars())


def new_public_key() -> str:
    """32 hexadecimal digits that nobody guesses."""
    return secrets.token_hex(16)


# The newest key is the one shown; a project may have more.
_NEWEST_KEYS = (
    select(func.max(project_keys.c.id)).group_by(project_keys.c.project_id).scalar_subquery()
)

_PROJECTS: Select[Any] = (
    select(projects, project_keys.c.public_key)
    .join(project_keys, project_keys.c.project_id == projects.c.id)
    .where(project_keys.c.id.in_(_NEWEST_KEYS), NOT_DELETED)
)


def _columns(choices: Choices) -> dict[str, Any]:
    return asdict(choices) | {"sensitive_fields": "\n".join(choices.sensitive_fields)}


def _project(row: Row[Any]) -> Project:
    return Project(
        id=row.id,
        slug=row.slug,
        name=row.name,
        platform=row.platform,
        created_at=row.created_at,
        public_key=row.public_key,
        choices=Choices(
            grouping=row.grouping,
            earlier_grouping=row.earlier_grouping,
            scrubs_secrets=row.scrubs_secrets,
            sensitive_fields=tuple(row.sensitive_fields.split("\n"))
            if row.sensitive_fields
            else (),
            events_per_minute=row.events_per_minute,
            max_events=row.max_events,
            max_age_days=row.max_age_days,
            max_artifact_age_days=row.max_artifact_age_days,
            max_releases=row.max_releases,
            max_artifacts=row.max_artifacts,
            repository=row.repository,
            repository_folder=row.repository_folder,
        ),
    )


def _checked_name(name: str) -> str:
    name = " ".join(name.split()).replace("\x00", "\ufffd")  # which PostgreSQL does not store
    if not name:
        raise InvalidProject("A project needs a name.")
    if len(name) > MAX_NAME:
        raise InvalidProject(
            f"A project's name has at most {MAX_NAME} characters; this one has {len(name)}."
        )
    return name


def slug_of(name: str) -> str:
    """Lower-case ASCII letters, digits and hyphens; never empty, never a number."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_MAX_SLUG].strip("-")
    # A slug of digits alone would read as another project's id.
    return slug if slug and not slug.isdecimal() else f"project-{slug}".rstrip("-")


def _free_slug(connection: Connection, name: str) -> str:
    slug = slug_of(name)
    taken = set(
        connection.execute(
            select(projects.c.slug).where(projects.c.slug.startswith(slug, autoescape=True))
        ).scalars()
    )
    number = 2
    free = slug
    while free in taken:
        free = f"{slug}-{number}"
        number += 1
    return free


def named(some: Iterable[Project], slug_or_id: str) -> Project | None:
    """The one of these that `Projects.get` would give."""
    number = _number(slug_or_id)
    for each in some:
        if (each.slug == slug_or_id) if number is None else (each.id == number):
            return each
    return None


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MAX_ID_DIGITS
    return int(text) if is_number else None
