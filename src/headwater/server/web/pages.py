"""The web interface, put together: every page and what it needs."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.doctor.inside import Inside
from headwater.server.errors import NothingThere
from headwater.server.origin import TrustedProxies
from headwater.server.release_findings import ReleaseRecords
from headwater.server.web.assets import Assets
from headwater.server.web.dead_letter_pages import DeadLetterPages
from headwater.server.web.delete_uploads import DeleteUploads
from headwater.server.web.doctor_page import DoctorPage
from headwater.server.web.event_pages import Beside, EventPages
from headwater.server.web.gate import Gate
from headwater.server.web.issues.aside import Asides
from headwater.server.web.issues.decisions import Decisions
from headwater.server.web.issues.list_page import IssueList
from headwater.server.web.issues.palette import Palette
from headwater.server.web.issues.shelves import Shelves
from headwater.server.web.look import Look
from headwater.server.web.project_pages import ProjectPages
from headwater.server.web.project_settings import ProjectSettings
from headwater.server.web.received_pages import ReceivedPages
from headwater.server.web.release_pages import ReleasePages
from headwater.server.web.resolve_again import ResolveAgain
from headwater.server.web.sign_in import SignIn
from headwater.server.web.source_pages import SourcePages
from headwater.server.web.token_pages import TokenPages
from headwater.server.web.upload_by_hand import UploadByHand
from headwater.server.web.upload_search_page import UploadSearchPage
from headwater.server.web.upload_tools import UploadTools
from headwater.server.web.visit import Visit
from headwater.storage.activity import Activity
from headwater.storage.dead_letters import DeadLetters
from headwater.storage.events import Events
from headwater.storage.healings import Healings
from headwater.storage.issue_figures import IssueFigures
from headwater.storage.issues import Issues
from headwater.storage.outcomes import Outcomes
from headwater.storage.projects import Projects
from headwater.storage.refusals import Refusals
from headwater.storage.retry import Retry
from headwater.storage.saved_searches import SavedSearches
from headwater.storage.sessions import Sessions
from headwater.storage.tag_counts import TagCounts
from headwater.storage.tokens import Tokens
from headwater.storage.uploads import Uploads
from headwater.storage.user_reports import UserReports
from headwater.storage.users import Users


class Pages:
    """Every page. Its routes belong behind all others: the last one takes what nobody knows."""

    def __init__(  # noqa: PLR0913 - what all pages together need
        self,
        *,
        projects: Projects,
        tokens: Tokens,
        users: Users,
        sessions: Sessions,
        events: Events,
        issues: Issues,
        figures: IssueFigures,
        saved: SavedSearches,
        activity: Activity,
        tags: TagCounts,
        healings: Healings,
        uploads: Uploads,
        refusals: Refusals,
        outcomes: Outcomes,
        dead_letters: DeadLetters,
        retry: Retry,
        user_reports: UserReports,
        inside: Inside,
        releases: ReleaseRecords,
        tools: UploadTools,
        public_url: str,
        trusted: TrustedProxies,
    ) -> None:
        self._assets = Assets()
        self._public_url = public_url.rstrip("/")
        look = Look(self._assets, projects)
        self._gate = gate = Gate(sessions, look, public_url, trusted)
        shelves = Shelves(projects, issues, figures, saved, users)
        self._families = (
            SignIn(gate, look, users, sessions),
            ProjectPages(gate, look, projects, uploads, refusals, self._address),
            TokenPages(gate, look, projects, tokens, refusals, self._address),
            IssueList(gate, look, shelves, releases, self._address),
            Decisions(gate, shelves, activity),
            Palette(gate, shelves),
            ReleasePages(gate, look, projects, releases, healings, tools.sources),
            SourcePages(gate, look, projects, releases, tools.sources),
            UploadSearchPage(gate, look, projects, releases),
            DeleteUploads(gate, look, projects, releases, issues, tools.files),
            UploadByHand(gate, look, projects, tools),
            EventPages(
                gate,
                look,
                projects,
                issues,
                events,
                Beside(healings, refusals, user_reports, Asides(shelves, tags, activity)),
                self._address,
            ),
            ResolveAgain(gate, projects, issues, events, healings),
            ReceivedPages(gate, look, projects, outcomes, dead_letters),
            DeadLetterPages(gate, look, projects, dead_letters, retry),
            ProjectSettings(gate, look, projects),
            DoctorPage(gate, look, inside, self._address),
        )

    def routes(self) -> list[BaseRoute]:
        return [
            *self._assets.routes(),
            self._gate.get("/", _home),
            *(route for family in self._families for route in family.routes()),
            self._gate.otherwise(_nothing),
        ]

    def _address(self, visit: Visit) -> str:
        # What people paste into their code must hold for everyone, not only for this visitor.
        return self._public_url or visit.origin


def _home(_visit: Visit) -> Response:
    return RedirectResponse("/issues", 303)


def _nothing(visit: Visit) -> Response:
    raise NothingThere(f"Nothing is at {visit.request.url.path} on this server.")
