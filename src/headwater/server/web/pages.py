"""The web interface, put together: every page and what it needs."""

from collections.abc import Callable

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.doctor.inside import Inside
from headwater.server.errors import NothingThere
from headwater.server.origin import TrustedProxies
from headwater.server.release_findings import ReleaseRecords
from headwater.server.web.alerts.channel_pages import AlertChannelPages
from headwater.server.web.alerts.pages import AlertPages
from headwater.server.web.alerts.records import AlertRecords
from headwater.server.web.alerts.rule_pages import AlertRulePages
from headwater.server.web.assets import Assets
from headwater.server.web.belongings import Belongings
from headwater.server.web.display import Display
from headwater.server.web.doctor_page import DoctorPage
from headwater.server.web.event_pages import Beside, EventPages
from headwater.server.web.gate import Gate
from headwater.server.web.issues.aside import Asides
from headwater.server.web.issues.decisions import Decisions, Merging
from headwater.server.web.issues.kept_searches import KeptSearches
from headwater.server.web.issues.list_page import IssueList
from headwater.server.web.issues.palette import Palette
from headwater.server.web.issues.shelves import Shelves
from headwater.server.web.look import Look
from headwater.server.web.overview.page import Counts, Overview
from headwater.server.web.people.accounts import Accounts
from headwater.server.web.people.code_check import CodeCheck
from headwater.server.web.people.invitation_pages import InvitationPages
from headwater.server.web.people.member_pages import MemberPages
from headwater.server.web.people.password_check import PasswordCheck
from headwater.server.web.people.profile_pages import ProfilePages
from headwater.server.web.people.project_members import ProjectMembers
from headwater.server.web.people.second_factor_pages import SecondFactorPages
from headwater.server.web.people.sign_in import SignIn
from headwater.server.web.people.throttle import Attempts
from headwater.server.web.people.token_pages import TokenPages
from headwater.server.web.projects.first_steps import Steps
from headwater.server.web.projects.key_pages import KeyPages
from headwater.server.web.projects.project_delete import ProjectDelete
from headwater.server.web.projects.project_pages import ProjectPages
from headwater.server.web.projects.project_settings import ProjectSettings
from headwater.server.web.received.dead_letter_pages import DeadLetterPages
from headwater.server.web.received.received_pages import ReceivedPages
from headwater.server.web.resolve_again import ResolveAgain
from headwater.server.web.storage.page import StoragePage
from headwater.server.web.storage.records import StorageRecords
from headwater.server.web.uploads.delete_uploads import DeleteUploads
from headwater.server.web.uploads.release_pages import ReleasePages
from headwater.server.web.uploads.search_page import UploadSearchPage
from headwater.server.web.uploads.source_pages import SourcePages
from headwater.server.web.uploads.upload_by_hand import UploadByHand
from headwater.server.web.uploads.upload_tools import UploadTools
from headwater.server.web.visit import Visit
from headwater.storage.database import Database
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.events.events import Events
from headwater.storage.events.healings import Healings
from headwater.storage.events.spread import Spread
from headwater.storage.events.user_reports import UserReports
from headwater.storage.issues.activity import Activity
from headwater.storage.issues.decisions import Decisions as IssueDecisions
from headwater.storage.issues.deletions import Deletions
from headwater.storage.issues.figures import IssueFigures
from headwater.storage.issues.issues import Issues
from headwater.storage.issues.merges import Merges
from headwater.storage.issues.saved_searches import SavedSearches
from headwater.storage.issues.tag_counts import TagCounts
from headwater.storage.issues.tag_values import TagValues
from headwater.storage.issues.unmerges import Unmerges
from headwater.storage.project_keys import ProjectKeys
from headwater.storage.projects import Projects
from headwater.storage.queue.dead_letters import DeadLetters
from headwater.storage.queue.outcomes import Outcomes
from headwater.storage.queue.retry import Retry
from headwater.storage.uploads.refusals import Refusals
from headwater.storage.uploads.release_list import ReleaseList
from headwater.storage.uploads.releases import Releases


class Pages:
    """Every page. Its routes belong behind all others: the last one takes what nobody knows."""

    def __init__(  # noqa: PLR0913 - what all pages together need
        self,
        database: Database,
        *,
        outcomes: Outcomes,
        refusals: Refusals,
        retry: Retry,
        inside: Inside,
        alerts: AlertRecords,
        storage: StorageRecords,
        tools: UploadTools,
        attempts: Callable[[str], Attempts],
        public_url: str,
        trusted: TrustedProxies,
    ) -> None:
        """`attempts`: where those of a kind are counted. `outcomes` and `refusals` are the process's, which counts in them; what only reads is made here."""
        projects, issues = Projects(database), Issues(database)
        events, healings = Events(database), Healings(database)
        dead_letters, activity = DeadLetters(database), Activity(database)
        accounts, releases = Accounts.of(database), ReleaseRecords.of(database)
        self._assets = Assets()
        self._public_url = public_url.rstrip("/")
        look = Look(self._assets, projects)
        belongings = Belongings(projects, issues, events, releases.bundles, dead_letters)
        self._gate = gate = Gate(accounts.sessions, belongings, look, public_url, trusted)
        members = MemberPages(gate, look, projects, accounts)
        passwords = PasswordCheck(accounts.users, attempts("password"))
        codes = CodeCheck(accounts.second_factors, attempts("code"))
        shelves = Shelves(
            projects,
            issues,
            IssueDecisions(database),
            IssueFigures(database),
            SavedSearches(database),
            ReleaseList(database),
            accounts.users,
            events,
            TagValues(database),
        )
        merging = Merging(Merges(database), Unmerges(database), Deletions(database))
        self._families = (
            SignIn(gate, look, accounts, passwords, codes),
            ProfilePages(gate, look, accounts, passwords),
            SecondFactorPages(gate, look, accounts, passwords, codes),
            members,
            InvitationPages(gate, look, projects, accounts, passwords, members, self._address),
            ProjectMembers(gate, look, projects, accounts),
            ProjectPages(gate, look, projects, Steps(database), refusals, self._address),
            Overview(gate, look, projects, Counts.of(database, outcomes, inside.oldest_waiting)),
            TokenPages(gate, look, projects, accounts, refusals, self._address),
            IssueList(gate, look, shelves, releases, self._address),
            Decisions(gate, look, shelves, activity, merging),
            KeptSearches(gate, shelves),
            Palette(gate, shelves),
            ReleasePages(gate, look, projects, releases, healings, tools.sources),
            SourcePages(gate, look, projects, releases, tools.sources),
            UploadSearchPage(gate, look, projects, releases),
            DeleteUploads(gate, look, projects, releases, issues, tools.files),
            UploadByHand(gate, look, projects, tools, refusals),
            EventPages(
                gate,
                look,
                projects,
                issues,
                events,
                Beside(
                    healings,
                    refusals,
                    UserReports(database),
                    Asides(shelves, TagCounts(database), activity, merging.merges),
                    Spread(database),
                    Releases(database),
                ),
                self._address,
            ),
            ResolveAgain(gate, projects, issues, events, healings),
            ReceivedPages(gate, look, projects, outcomes, dead_letters),
            DeadLetterPages(gate, look, projects, dead_letters, retry),
            ProjectSettings(gate, look, projects),
            ProjectDelete(gate, look, projects, DeletedProjects(database)),
            KeyPages(gate, look, projects, ProjectKeys(database), self._address),
            Display(gate, look),
            AlertPages(gate, look, projects, alerts, public_url),
            AlertRulePages(gate, look, projects, alerts),
            AlertChannelPages(gate, look, alerts),
            StoragePage(gate, look, storage, tools.chunks),
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
