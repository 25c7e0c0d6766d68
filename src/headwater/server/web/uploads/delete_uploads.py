"""Deleting a bundle, or all that was uploaded for a release: first what goes, then it goes."""

from msgspec import Struct
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.artifacts.single_files import SingleFiles
from headwater.server.errors import NothingThere
from headwater.server.release_findings import ReleaseRecords
from headwater.server.resolved_with import resolved_with
from headwater.server.web.done import Deed, Done
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.uploads.release_pages import base_of, release_address
from headwater.server.web.uploads.upload_pages import UploadPages
from headwater.server.web.visit import Visit
from headwater.storage.issues.issues import Issues
from headwater.storage.projects import Project, Projects
from headwater.storage.uploads.former_files import Removal
from headwater.storage.uploads.going_uploads import GoingUploads


class _Asked(Struct, frozen=True):
    """What is to be deleted, and the pages around it."""

    what: str
    address: str
    back: str
    version: str = ""


class DeleteUploads(UploadPages):
    """`/bundles/…/delete`, and `/uploads/delete?release=…` of a project and of the whole instance."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        releases: ReleaseRecords,
        issues: Issues,
        files: SingleFiles,
    ) -> None:
        super().__init__(gate, look, projects, releases)
        self._issues = issues
        self._files = files

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        of_project = "/projects/{project}/uploads/delete"
        return [
            self._gate.get("/bundles/{bundle}/delete", self._bundle),
            self._gate.post("/bundles/{bundle}/delete", self._delete_bundle),
            self._gate.get("/uploads/delete", self._of_instance),
            self._gate.post("/uploads/delete", self._delete_of_instance),
            self._gate.get(of_project, self._of_project),
            self._gate.post(of_project, self._delete_of_project),
        ]

    def _bundle(self, visit: Visit) -> Response:
        bundle = self._asked_for(visit)
        asked = _Asked(
            f"bundle {bundle.checksum[:10]}",
            f"/bundles/{bundle.id}/delete",
            f"/bundles/{bundle.id}",
        )
        going = self._releases.going.with_bundle(bundle.id)
        return self._preview(visit, self._home(bundle), asked, going)

    def _delete_bundle(self, visit: Visit) -> Response:
        bundle = self._asked_for(visit)
        home = self._home(bundle)
        self._files.forget(bundle.id, _removal(visit))
        response = RedirectResponse(f"/projects/{home.slug}/bundles" if home else "/bundles", 303)
        Done(Deed.BUNDLE).keep(response, visit)
        return response

    def _of_project(self, visit: Visit) -> Response:
        return self._release(visit, existing(self._projects, visit.path("project")))

    def _of_instance(self, visit: Visit) -> Response:
        return self._release(visit, None)

    def _release(self, visit: Visit, project: Project | None) -> Response:
        version = visit.query("release")
        self._check(project, version)
        asked = _Asked(
            f"uploads for {version}",
            _delete_address(project),
            release_address(project, version),
            version,
        )
        going = self._releases.going.with_release(project.id if project else None, version)
        return self._preview(visit, project, asked, going)

    def _delete_of_project(self, visit: Visit) -> Response:
        return self._delete_release(visit, existing(self._projects, visit.path("project")))

    def _delete_of_instance(self, visit: Visit) -> Response:
        return self._delete_release(visit, None)

    def _delete_release(self, visit: Visit, project: Project | None) -> Response:
        version = visit.form.get("release", "")
        self._check(project, version)
        self._files.forget_release(project.id if project else None, version, _removal(visit))
        return RedirectResponse(release_address(project, version), 303)

    def _check(self, project: Project | None, version: str) -> None:
        if self._releases.listed.get(project.id if project else None, version) is None:
            raise NothingThere(f"Nothing is known of a release {version!r}.")

    def _preview(
        self, visit: Visit, home: Project | None, asked: _Asked, going: GoingUploads
    ) -> Response:
        scope = home.id if home else None
        used = resolved_with(self._releases.newest_resolutions, scope, frozenset(going.bundles))
        issues = {each.id: each for each in self._issues.several(used.issues)}
        every = self._projects.all()
        return self._look.page(
            visit,
            "uploads_delete.html",
            project=home,
            projects=[each for each in every if visit.may_see(each.id)],
            asked=asked,
            going=going,
            used=used,
            issues=[issues[each] for each in used.issues if each in issues],
            homes={each.id: each for each in every},
            base=base_of(home),
        )


def _delete_address(project: Project | None) -> str:
    return f"/projects/{project.slug}/uploads/delete" if project else "/uploads/delete"


def _removal(visit: Visit) -> Removal:
    return Removal(visit.now, visit.user.email if visit.user else "")
