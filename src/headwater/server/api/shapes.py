"""What the API's answers look like: the fields of Sentry's that clients read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

import msgspec

from headwater.storage.projects import Project
from headwater.storage.uploads.deploys import Deploy
from headwater.storage.uploads.releases import Release


class ProjectShape(msgspec.Struct, frozen=True, rename="camel"):
    """A project within another answer."""

    id: str
    slug: str
    name: str
    platform: str | None = None

    @classmethod
    def of(cls, project: Project) -> Self:
        """The project's names."""
        return cls(str(project.id), project.slug, project.name, project.platform)


class ReleaseShape(msgspec.Struct, frozen=True, rename="camel"):
    """A release. Clients need `version` and `dateCreated`."""

    id: str
    version: str
    short_version: str
    status: str
    date_created: datetime
    date_released: datetime | None
    url: str | None
    ref: str | None
    projects: tuple[ProjectShape, ...]
    commit_count: int
    deploy_count: int = 0
    new_groups: int = 0
    first_event: datetime | None = None
    last_event: datetime | None = None
    last_commit: None = None
    last_deploy: None = None
    authors: tuple[()] = ()
    data: dict[str, Any] = {}

    @classmethod
    def of(cls, release: Release, projects: Sequence[Project]) -> Self:
        """The release as one of these projects."""
        commits = msgspec.json.decode(release.commits) if release.commits else []
        return cls(
            id=str(release.id),
            version=release.version,
            short_version=release.version,
            status=release.status,
            date_created=release.created_at,
            date_released=release.released_at,
            url=release.url,
            ref=None,
            projects=tuple(ProjectShape.of(project) for project in projects),
            commit_count=len(commits),
        )


class DeployShape(msgspec.Struct, frozen=True, rename="camel"):
    """A deploy."""

    id: str
    environment: str
    name: str | None
    url: str | None
    date_started: datetime | None
    date_finished: datetime | None

    @classmethod
    def of(cls, deploy: Deploy) -> Self:
        """The deploy."""
        return cls(
            str(deploy.id),
            deploy.environment,
            deploy.name,
            deploy.url,
            deploy.started_at,
            deploy.finished_at,
        )
