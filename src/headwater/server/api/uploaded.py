"""Uploaded bundles and what was found wrong with them, and how releases resolve: for scripts."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from headwater.artifacts.lint.findings import Finding, read_report
from headwater.server.answer import answer
from headwater.server.api.page import Page
from headwater.server.api.visible import project_of
from headwater.server.auth import TokenGuard
from headwater.server.errors import NothingThere
from headwater.server.numbers import number_in
from headwater.server.paths import segment
from headwater.server.release_findings import ReleaseFinding, ReleaseRecords
from headwater.server.seen_ids import SeenId
from headwater.storage.page import PageRequest
from headwater.storage.people.tokens import Scope
from headwater.storage.projects import Projects
from headwater.storage.uploads.bundle_pages import ShownBundle, ShownFile

_PROJECT: Final = "/api/0/projects/{org}/{project}/"
_BUNDLES: Final = _PROJECT + "files/artifact-bundles/"


class UploadedDoor:
    """`{org}` may be any value; a project sees its own uploads and the instance's."""

    def __init__(self, guard: TokenGuard, projects: Projects, releases: ReleaseRecords) -> None:
        self._guard = guard
        self._projects = projects
        self._releases = releases

    def routes(self) -> list[BaseRoute]:
        """The routes of this door."""
        return [
            Route(_BUNDLES, self.index, methods=["GET"]),
            Route(_BUNDLES + "{bundle}/", self.show, methods=["GET"]),
            Route(_BUNDLES + "{bundle}/files/", self.files, methods=["GET"]),
            Route(_PROJECT + "releases/{version}/sourcemaps/", self.release, methods=["GET"]),
        ]

    def index(self, request: Request) -> Response:
        """All bundles, newest first."""
        project_id = self._project(request)
        page = Page.of(request)
        found = self._releases.bundles.newest(project_id, _request(page))
        shapes = [_bundle(each) for each in found.items]
        return answer(shapes, headers=page.headers(request, len(shapes) + found.has_next))

    def show(self, request: Request) -> Response:
        """One bundle, with everything that was found wrong with it."""
        bundle = self._bundle(request)
        releases = self._releases.bundles.releases(bundle.id)
        content = self._releases.bundles.report(bundle.id)
        report = None if content is None else read_report(content)
        return answer(
            {
                **_bundle(bundle),
                "associations": [
                    {"release": each.version, "dist": each.dist} for each in releases.items
                ],
                "hasMoreAssociations": releases.has_next,
                "totals": None if report is None else report.totals,
                "findings": None
                if report is None
                else [_finding(each) for each in report.findings],
            }
        )

    def files(self, request: Request) -> Response:
        """A bundle's files, in the order of its manifest."""
        bundle = self._bundle(request)
        page = Page.of(request)
        found = self._releases.bundles.files(bundle.id, _request(page))
        shapes = [_file(each) for each in found.items]
        return answer(shapes, headers=page.headers(request, len(shapes) + found.has_next))

    def release(self, request: Request) -> Response:
        """How a release resolves, and what is wrong between its uploads and its events."""
        project_id, version = self._project(request), segment(request, "version")
        release = self._releases.listed.get(project_id, version)
        if release is None:
            raise NothingThere(
                f"Nothing is known of a release {version!r}: nobody announced it or uploaded for it, and no event of it was counted."
            )
        ids = self._releases.seen_ids(project_id, version)
        findings = self._releases.findings(project_id, release, ids)
        up, seen = release.uploaded, release.seen
        return answer(
            {
                "version": version,
                "bundles": up.bundles,
                "files": up.files,
                "uploadedAt": up.uploaded_at,
                "errors": up.errors,
                "warnings": up.warnings,
                "events": seen.events,
                "framesResolved": seen.resolved,
                "framesFailed": seen.failed,
                "resolveRate": seen.rate,
                "firstSeen": seen.first_seen,
                "lastSeen": seen.last_seen,
                "findings": [_release_finding(each) for each in findings],
                "debugIds": [_seen_id(each) for each in ids],
            }
        )

    def _project(self, request: Request) -> int:
        return project_of(request, self._guard.require(request, Scope.UPLOAD), self._projects)

    def _bundle(self, request: Request) -> ShownBundle:
        project_id = self._project(request)
        bundle = self._releases.bundles.get(number_in(segment(request, "bundle")))
        if bundle is None or bundle.home not in (None, project_id):
            raise NothingThere("This project has no bundle with this id.")
        return bundle


def _request(page: Page) -> PageRequest:
    # Cursors of other sizes than whole pages are none of ours.
    return PageRequest(page.offset // page.size, page.size)


def _bundle(bundle: ShownBundle) -> dict[str, Any]:
    return {
        "id": str(bundle.id),
        "checksum": bundle.checksum,
        "date": bundle.uploaded_at,
        "fileCount": bundle.files,
        "size": bundle.size,
        "token": bundle.token_name,
        "isForInstance": bundle.home is None,
        "errors": bundle.errors,
        "warnings": bundle.warnings,
        "notes": bundle.notes,
    }


def _file(file: ShownFile) -> Mapping[str, object]:
    return {
        "id": str(file.id),
        "filePath": file.url,
        "fileType": file.type.value,
        "builtAs": file.built_as,
        "debugId": file.debug_id,
        "fileSize": file.size,
        "fault": file.fault,
    }


def _finding(finding: Finding) -> Mapping[str, object]:
    return {
        "check": finding.check,
        "level": finding.rule.level,
        "file": finding.file,
        "sentence": finding.rule.cause,
        "evidence": finding.evidence,
        "remedy": finding.rule.remedy,
    }


def _release_finding(found: ReleaseFinding) -> Mapping[str, object]:
    return {
        "trouble": found.trouble,
        "sentence": found.sentence,
        "remedy": found.remedy,
        "files": [
            {
                "seen": twin.seen.code_file,
                "seenDebugId": twin.seen.debug_id,
                "uploaded": twin.uploaded_name,
                "uploadedDebugId": twin.uploaded.debug_id,
                "bundle": str(twin.uploaded.bundle),
            }
            for twin in found.twins
        ],
    }


def _seen_id(each: SeenId) -> Mapping[str, object]:
    return {
        "debugId": each.seen.debug_id,
        "file": each.seen.code_file,
        "firstSeen": each.seen.first_seen,
        "lastSeen": each.seen.last_seen,
        "bundle": None if each.uploaded is None else str(each.uploaded.bundle),
    }
