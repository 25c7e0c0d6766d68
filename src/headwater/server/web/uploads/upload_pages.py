"""What all pages about uploads start from."""

from collections.abc import Mapping

from headwater.server.errors import NothingThere
from headwater.server.numbers import number_in
from headwater.server.release_findings import ReleaseRecords
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.visit import Visit
from headwater.storage.projects import Project, Projects
from headwater.storage.uploads.bundle_pages import ShownBundle


class UploadPages:
    """A family of them."""

    def __init__(
        self, gate: Gate, look: Look, projects: Projects, releases: ReleaseRecords
    ) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects
        self._releases = releases

    def _asked_for(self, visit: Visit) -> ShownBundle:
        """The bundle that the address names. Raises NothingThere."""
        bundle = self._releases.bundles.get(number_in(visit.path("bundle")))
        if bundle is None:
            raise NothingThere("There is no such bundle: it may have expired, or been deleted.")
        return bundle

    def _home(self, bundle: ShownBundle) -> Project | None:
        """The project that it belongs to; None: the instance."""
        return None if bundle.home is None else self._homes().get(bundle.home)

    def _homes(self) -> Mapping[int | None, Project]:
        """All projects by their ids, to which no bundle of the instance belongs."""
        return {each.id: each for each in self._projects.all()}
