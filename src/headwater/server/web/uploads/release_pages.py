"""Releases and what was uploaded for them: of a project, and of the whole server."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from msgspec import Struct
from starlette.responses import Response
from starlette.routing import BaseRoute

from headwater.artifacts.lint.findings import Finding, Level, read_report
from headwater.artifacts.map_sources import MapSources
from headwater.protocol.bundle import ArtifactType
from headwater.server.errors import NothingThere
from headwater.server.release_findings import ReleaseFinding, ReleaseRecords
from headwater.server.seen_ids import last_removal
from headwater.server.web.frames_chart import frames_chart
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look, segment
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.uploads.misplaced import misplaced
from headwater.server.web.uploads.upload_pages import UploadPages
from headwater.server.web.visit import Visit
from headwater.storage.events.healings import Healings, Kind
from headwater.storage.events.project_hours import MAX_HOUR_RELEASES
from headwater.storage.page import PageRequest
from headwater.storage.projects import Project, Projects
from headwater.storage.uploads.bundle_pages import ShownFile
from headwater.storage.uploads.former_files import Removal
from headwater.storage.uploads.seen_releases import SeenRelease
from headwater.storage.window import Window

FILES_SHOWN: Final = 100
"""Files of a bundle on one page."""

TROUBLES_SHOWN: Final = 20
"""Projects for which a release of all is looked at; few share one."""

DAYS: Final = 30
"""Of a release's frames over time: today, and those before it, in UTC."""

LEVELS: Final = ((Level.ERROR, "Errors"), (Level.WARNING, "Warnings"), (Level.NOTE, "Notes"))


class Group(Struct, frozen=True):
    """Findings of one kind, and how many there were."""

    findings: Sequence[Finding]
    total: int

    @property
    def first(self) -> Finding:
        """What they have in common is said by any of them."""
        return self.findings[0]


class ReleasePages(UploadPages):
    """`/releases…` and `/bundles`, below a project or not; `/bundles/…`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        releases: ReleaseRecords,
        healings: Healings,
        sources: MapSources,
    ) -> None:
        super().__init__(gate, look, projects, releases)
        self._healings = healings
        self._sources = sources

    def routes(self) -> list[BaseRoute]:
        of_project = "/projects/{project}/releases"
        return [
            self._gate.get("/releases", self._everywhere),
            self._gate.get("/releases/{version:path}", self._one_of_all),
            self._gate.get(of_project, self._of_project),
            self._gate.get(of_project + "/{version:path}", self._one_of_project),
            self._gate.get("/projects/{project}/bundles", self._bundles_of_project),
            self._gate.get("/bundles", self._all_bundles),
            self._gate.get("/bundles/{bundle}", self._bundle),
        ]

    def _everywhere(self, visit: Visit) -> Response:
        return self._list(visit, None)

    def _of_project(self, visit: Visit) -> Response:
        return self._list(visit, existing(self._projects, visit.path("project")))

    def _one_of_all(self, visit: Visit) -> Response:
        return self._one(visit, None)

    def _one_of_project(self, visit: Visit) -> Response:
        return self._one(
            visit, visit.looked_up.project or existing(self._projects, visit.path("project"))
        )

    def _list(self, visit: Visit, project: Project | None) -> Response:
        scope = project.id if project else visit.projects
        page = self._releases.listed.page(scope, PageRequest(visit.page_number - 1))
        uploads = self._releases.bundles.newest(scope, PageRequest(size=1))
        return self._look.page(
            visit,
            "releases.html",
            project=project,
            rows=page.items,
            built_twice=self._releases.built_twice(scope, page.items),
            number=visit.page_number,
            has_next=page.has_next,
            last_upload=uploads.items[0] if uploads.items else None,
            base=base_of(project),
            search=search_of(project),
            uploads=f"/projects/{project.slug}/bundles" if project else "/bundles",
        )

    def _all_bundles(self, visit: Visit) -> Response:
        return self._bundles(visit, None)

    def _bundles_of_project(self, visit: Visit) -> Response:
        return self._bundles(visit, existing(self._projects, visit.path("project")))

    def _bundles(self, visit: Visit, project: Project | None) -> Response:
        request = PageRequest(visit.page_number - 1)
        page = self._releases.bundles.newest(project.id if project else visit.projects, request)
        return self._look.page(
            visit,
            "bundles.html",
            project=project,
            bundles=page.items,
            homes=self._homes(),
            number=visit.page_number,
            has_next=page.has_next,
            base=base_of(project),
            search=search_of(project),
        )

    def _one(self, visit: Visit, project: Project | None) -> Response:
        version = visit.path("version")
        scope = project.id if project else visit.projects
        release = self._releases.listed.get(scope, version)
        if release is None:
            raise NothingThere(
                f"Nothing is known of a release {version!r}: nobody announced it or uploaded for it, and no event of it was counted."
            )
        ids = self._releases.seen_ids(project.id, version) if project else []
        window, over_time = Window.ending(visit.now, 24, DAYS), self._releases.over_time
        page = self._releases.bundles.of_release(scope, version, PageRequest(visit.page_number - 1))
        homes = self._homes()
        seen = [each for each in homes.values() if visit.may_see(each.id)]
        of_projects = [] if project else self._by_project(seen, version)
        return self._look.page(
            visit,
            "release.html",
            project=project,
            projects=seen,
            release=release,
            findings=self._releases.findings(project.id, release, ids) if project else (),
            ids=ids,
            removal=self._removal(project, version) if project and not page.items else None,
            healing=self._healings.of(project.id, Kind.RELEASE, version) if project else None,
            of_projects=of_projects,
            resolved=frames_chart(over_time.of_release(scope, version, window), window),
            others=over_time.of_others(scope, window),
            max_hour_releases=MAX_HOUR_RELEASES,
            troubles=self._troubles(of_projects),
            bundles=page.items,
            homes=homes,
            number=visit.page_number,
            has_next=page.has_next,
            path=release_address(project, version),
            base=base_of(project),
            search=search_of(project),
        )

    def _removal(self, project: Project, version: str) -> Removal | None:
        return last_removal(self._releases.former.gone((project.id,), version, ()), project.id)

    def _by_project(
        self, seen: Iterable[Project], version: str
    ) -> list[tuple[Project, SeenRelease]]:
        """Those of these projects whose events name the release."""
        projects = {each.id: each for each in seen}
        releases = self._releases.seen.of_version(version)
        return [
            (projects[each.project_id], each) for each in releases if each.project_id in projects
        ]

    def _troubles(
        self, of_projects: Sequence[tuple[Project, SeenRelease]]
    ) -> list[tuple[Project, list[ReleaseFinding]]]:
        """What is wrong with the release, in each project for itself."""
        some = of_projects[:TROUBLES_SHOWN]
        found = self._releases.in_each([seen for _, seen in some])
        return [(home, found[home.id]) for home, _ in some if home.id in found]

    def _bundle(self, visit: Visit) -> Response:
        bundle = self._asked_for(visit)
        home = self._home(bundle)
        request = PageRequest(visit.page_number - 1, FILES_SHOWN)
        files = self._releases.bundles.files(bundle.id, request)
        releases = self._releases.bundles.releases(bundle.id)
        version = releases.items[0].version if releases.items else None
        # Build tools' uploads are found by debug ids; of these, people chose the addresses.
        is_chosen = bundle.user_email is not None
        ids = self._releases.seen_ids(home.id, version) if is_chosen and home and version else ()
        return self._look.page(
            visit,
            "bundle.html",
            project=home,
            bundle=bundle,
            releases=releases,
            version=version,
            misplaced=misplaced(ids, files.items),
            levels=self._levels(bundle.id),
            last_named=self._releases.going.last_named(bundle.id),
            files=files.items,
            with_sources=self._with_sources(files.items),
            number=visit.page_number,
            has_next=files.has_next,
            base=base_of(home),
        )

    def _with_sources(self, files: Sequence[ShownFile]) -> Collection[int]:
        """The maps among them, and minified files that have one inside."""
        scripts = {each.sha256 for each in files if each.type is ArtifactType.MINIFIED_SOURCE}
        inside = self._sources.with_map_inside(scripts - {""})
        return {
            each.id
            for each in files
            if not each.fault
            and each.sha256
            and (each.type is ArtifactType.SOURCE_MAP or each.sha256 in inside)
        }

    def _levels(self, bundle_id: int) -> list[tuple[str, list[Group]]] | None:
        """Findings by level and kind; None if nobody has looked."""
        content = self._releases.bundles.report(bundle_id)
        if content is None:
            return None
        report = read_report(content)
        shown: list[tuple[str, list[Group]]] = []
        for level, name in LEVELS:
            groups = [
                Group([each for each in report.findings if each.check is check], total)
                for check, total in report.totals.items()
            ]
            ours = [each for each in groups if each.first.rule.level is level]
            if ours:
                shown.append((name, ours))
        return shown


def search_of(project: Project | None) -> str:
    """Where 'was this uploaded?' is answered."""
    return f"/projects/{project.slug}/uploads" if project else "/uploads"


def base_of(project: Project | None) -> str:
    """The address of a project's releases, or of all."""
    return f"/projects/{project.slug}/releases" if project else "/releases"


def release_address(project: Project | None, version: str) -> str:
    """The address of a release's page, of a project or of all."""
    return f"{base_of(project)}/{segment(version)}"
