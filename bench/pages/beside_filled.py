"""What an instance has beside events: uploads, releases, people, alerts, counts, dead letters."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bench.ingest.words import NOUNS
from bench.pages.events_filled import versions
from bench.pages.rows import highest, put
from headwater.artifacts.lint.findings import Report
from headwater.storage.alerts.channels import ChannelKind, Channels
from headwater.storage.alerts.message import Message, packed
from headwater.storage.alerts.rules import RuleDraft, RuleKind, Rules
from headwater.storage.database import Database
from headwater.storage.issues.hours import hour_of
from headwater.storage.people.invitations import Invitations
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.schema import (
    alert_deliveries,
    artifact_bundles,
    artifact_files,
    bundle_releases,
    bundle_reports,
    dead_letters,
    former_files,
    outcomes,
    releases,
    saved_searches,
    seen_debug_ids,
    seen_releases,
    upload_refusals,
    user_reports,
    users,
)

SCRIPTS = 100
"""Minified files of a bundle; each has a map."""
LETTERS = 10_000
LETTER = b"x" * 8_000
LOG = 20_000
FORMER = 100_000
USERS = 40
OUTCOME_DAYS = 90
REASONS = ("accepted", "duplicate", "dead_letter", "client:sample_rate", "not_kept:transaction")


class Beside:
    """All of it, of these projects."""

    def __init__(self, database: Database, projects: Sequence[int], issue: int) -> None:
        """`issue`: one that alerts are about."""
        self._database = database
        self._projects = projects
        self._issue = issue
        self._now = datetime.now(UTC).replace(microsecond=0)

    def fill(self) -> None:
        """Once."""
        self._people()
        self._uploads()
        self._alerts()
        put(self._database, outcomes, "project_id hour category reason count", self._outcomes())
        put(
            self._database,
            dead_letters,
            "project_id received_at failed_at error event_id encoding envelope",
            self._letters(),
        )
        put(
            self._database,
            upload_refusals,
            "first_at last_at count status sentence token_prefix token_name project_id method path"
            " user_agent",
            self._refusals(),
        )
        put(
            self._database,
            user_reports,
            "project_id event_id received_at name email comments",
            (
                (
                    self._projects[n % 8],
                    f"{n:032x}",
                    self._now,
                    f"N {n}",
                    "n@example.com",
                    "It broke.",
                )
                for n in range(5_000)
            ),
        )

    def _people(self) -> None:
        put(
            self._database,
            users,
            "email password_hash role all_projects created_at",
            ((f"user{n}@example.com", "-", "member", True, self._now) for n in range(USERS)),
        )
        put(
            self._database,
            saved_searches,
            "user_id name query order",
            ((1, f"Search {n}", "is:unresolved browser:firefox", "last_seen") for n in range(50)),
        )
        for n in range(100):
            home = self._projects[n % 8]
            Tokens(self._database).create(f"CI {n}", Scope.UPLOAD, home, 1, self._now)
        for n in range(20):
            Invitations(self._database).invite(
                f"new{n}@example.com", Role.VIEWER, self._projects[:2], 1, self._now
            )

    def _uploads(self) -> None:
        first = highest(self._database, artifact_bundles) + 1
        report = Report.of(()).stored()
        named = [
            (home, version, first + number)
            for number, (home, version) in enumerate(
                (home, version)
                for place, home in enumerate(self._projects)
                for version in versions(place)
            )
        ]
        at = {
            bundle: self._now - timedelta(hours=86 * (25 - (bundle - first) % 25))
            for _, _, bundle in named
        }
        put(
            self._database,
            artifact_bundles,
            "id project_id checksum size uploaded_at token_id",
            ((id_, home, f"{id_:040x}", 9_000_000, at[id_], 1) for home, _, id_ in named),
        )
        put(
            self._database,
            artifact_files,
            "artifact_bundle_id type url stem debug_id sha256 size",
            self._files([id_ for _, _, id_ in named]),
        )
        put(
            self._database,
            bundle_releases,
            "artifact_bundle_id version dist",
            ((id_, version, "") for _, version, id_ in named),
        )
        put(
            self._database,
            bundle_reports,
            "artifact_bundle_id errors warnings notes content",
            ((id_, 0, 0, 0, report.content) for _, _, id_ in named),
        )
        put(
            self._database,
            releases,
            "project_id version created_at",
            ((home, version, at[id_]) for home, version, id_ in named),
        )
        put(
            self._database,
            seen_releases,
            "project_id version first_seen last_seen events resolved failed",
            (
                (home, version, at[id_], self._now, 5_000, 40_000, 900)
                for home, version, id_ in named
            ),
        )
        put(
            self._database,
            seen_debug_ids,
            "project_id version debug_id code_file first_seen last_seen",
            (
                (
                    home,
                    version,
                    debug_id(id_, n),
                    f"https://shop.example.com/{n}.js",
                    at[id_],
                    self._now,
                )
                for home, version, id_ in named
                for n in range(30)
            ),
        )
        put(
            self._database,
            former_files,
            "project_id debug_id url version dist removed_at removed_by reason",
            (
                (
                    self._projects[n % 8],
                    debug_id(0, n),
                    f"~/old/{n}.js",
                    f"old@{n % 500}",
                    "",
                    self._now,
                    "CI",
                    "expired",
                )
                for n in range(FORMER)
            ),
        )

    def _files(self, bundles: Sequence[int]) -> Iterator[Sequence[object]]:
        for bundle in bundles:
            for n in range(SCRIPTS):
                name = f"~/assets/{NOUNS[n % len(NOUNS)]}-{n}-{bundle:08x}.js"
                stem, known = f"{NOUNS[n % len(NOUNS)]}-{n}", debug_id(bundle, n)
                content = f"{bundle:032x}{n:032x}"
                yield bundle, "minified_source", name, stem, known, content, 90_000
                yield bundle, "source_map", f"{name}.map", stem, known, f"{content[1:]}f", 400_000

    def _alerts(self) -> None:
        channels = [
            Channels(self._database).create(
                f"Hook {n}", ChannelKind.WEBHOOK, "https://h/x", self._now
            )
            for n in range(10)
        ]
        for n in range(40):
            draft = RuleDraft(
                f"Rule {n}",
                RuleKind.NEW,
                self._projects[n % 8] if n % 2 else None,
                channel_ids=(channels[n % 10].id, channels[n * 3 % 10].id),
            )
            Rules(self._database).create(draft, self._now)
        message = packed(
            Message(
                "new",
                "A new issue",
                "Error: no",
                f"/issues/{self._issue}",
                self._now,
                issue_id=self._issue,
            )
        )
        put(
            self._database,
            alert_deliveries,
            "channel_id channel_name rule_id rule_name project_id issue_id occasion message state"
            " created_at due_at finished_at tries error",
            (
                (
                    1 + n % 10,
                    f"Hook {n % 10}",
                    1,
                    "Rule 1",
                    self._projects[n % 8],
                    self._issue,
                    f"new:{n}",
                    message,
                    "sent",
                    self._now,
                    self._now,
                    self._now,
                    1,
                    "",
                )
                for n in range(LOG)
            ),
        )

    def _outcomes(self) -> Iterator[Sequence[object]]:
        last = hour_of(self._now)
        for home in (0, *self._projects[1:]):
            for hour in range(OUTCOME_DAYS * 24):
                for place, reason in enumerate(REASONS):
                    category = "transaction" if reason.startswith("not_kept") else "error"
                    yield (
                        home,
                        last - timedelta(hours=hour),
                        category,
                        reason,
                        1 + hour * place % 97,
                    )

    def _letters(self) -> Iterator[Sequence[object]]:
        error = (
            "Traceback (most recent call last):\n" + "  File x, line 1\n" * 20 + "ValueError: no"
        )
        for n in range(LETTERS):
            yield self._projects[n % 8], self._now, self._now, error, f"{n:032x}", "", LETTER

    def _refusals(self) -> Iterator[Sequence[object]]:
        for n in range(500):
            at = self._now - timedelta(minutes=n)
            token = ("abcdefgh", f"CI {n}", self._projects[n % 8]) if n % 2 else ("", None, None)
            yield at, at, 1, 401, "This token is not known.", *token, "POST", "/api/0/", "cli"


def debug_id(bundle: int, number: int) -> str:
    """Of one script of a bundle."""
    return f"{bundle:08x}-7772-4580-a988-{number:012x}"
