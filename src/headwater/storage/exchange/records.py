"""What an exported project consists of, record by record. Whatever reads them believes no size."""

from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec

from headwater.protocol.manifest import MAX_URL

FORMAT: Final = "headwater-project"
VERSION: Final = 1

ABOUT, ISSUES, EVENTS, UPLOADS = "about.json", "issues.jsonl", "events.jsonl", "uploads.jsonl"
REPORTS, RELEASES, HOURS = "user_reports.jsonl", "releases.jsonl", "hours.jsonl"
CONTENTS: Final = "files/"
"""Before the SHA-256 of an uploaded file, which is its name in the archive."""

MAX_LINE: Final = 64 * 1024**2
"""Bytes of one record as JSON: an event may have 20 MB, an issue a line for each hour and tag."""

MAX_ENTRIES: Final = 100_000
"""Files in an archive; its directory is read at once, and takes some 100 MB of memory then."""

MAX_DIRECTORY: Final = 16 * 1024**2
"""Bytes of that directory: 160 for each file."""

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Between them is every moment: what is reckoned from it, in any zone, is one as well."""

Text = Annotated[str, msgspec.Meta(max_length=1_000_000)]
Title = Annotated[str, msgspec.Meta(max_length=10_000)]
Word = Annotated[str, msgspec.Meta(max_length=16)]
Platform = Annotated[str, msgspec.Meta(max_length=64)]
Version = Annotated[str, msgspec.Meta(max_length=250)]
Hash = Annotated[str, msgspec.Meta(max_length=32)]
EventId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Checksum = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{40}\Z")]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
SmallCount = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Hour = Annotated[int, msgspec.Meta(ge=0, le=int(LATEST.timestamp()) // 3600)]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class ChoicesRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a project decides, as `storage.projects.Choices` has it."""

    grouping: Annotated[str, msgspec.Meta(max_length=32)]
    earlier_grouping: Annotated[str, msgspec.Meta(max_length=32)] | None
    scrubs_secrets: bool
    sensitive_fields: Annotated[tuple[Text, ...], msgspec.Meta(max_length=100)]
    events_per_minute: SmallCount | None
    max_events: Count | None
    max_age_days: SmallCount | None
    max_artifact_age_days: SmallCount | None
    max_releases: SmallCount | None
    max_artifacts: Count | None
    repository: Text
    repository_folder: Text


class ProjectRecord(msgspec.Struct, frozen=True):
    """`keys`: of its DSNs, the first one first."""

    name: Annotated[str, msgspec.Meta(max_length=200)]
    slug: Annotated[str, msgspec.Meta(max_length=100, pattern=r"^[a-z0-9][a-z0-9-]*\Z")]
    platform: Platform | None
    keys: Annotated[
        tuple[Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")], ...],
        msgspec.Meta(min_length=1, max_length=100),
    ]
    choices: ChoicesRecord


class AboutRecord(msgspec.Struct, frozen=True):
    """`about.json`."""

    format: str
    version: int
    made_by: Text
    made_at: Moment
    project: ProjectRecord


class HashRecord(msgspec.Struct, frozen=True):
    """Which events belong to an issue."""

    hash: Hash
    is_final: bool


class HourRecord(msgspec.Struct, frozen=True):
    """How many events of an issue happened in the hour that began then."""

    hour: Moment
    count: Count


class TagRecord(msgspec.Struct, frozen=True):
    """How many events of an issue had a value."""

    key: Annotated[str, msgspec.Meta(max_length=200)]
    value: Version
    count: Count
    last_seen: Moment


class ActivityRecord(msgspec.Struct, frozen=True):
    """What somebody said or did; `by`: an e-mail address."""

    at: Moment
    by: Text | None
    kind: Word
    said: Text


class IssueRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `issues.jsonl`. `number`: what events call it."""

    number: Number
    title: Title
    culprit: Title
    level: Word
    platform: Platform
    status: Word
    resolved_at: Moment | None
    resolved_in: Version | None
    decided_at: Moment | None
    muted_until: Moment | None
    muted_events: Count | None
    muted_users: SmallCount | None
    assignee: Text | None
    event_count: Count
    first_seen: Moment
    last_seen: Moment
    latest_event_id: EventId | None
    shown_at: Moment | None
    hashes: tuple[HashRecord, ...]
    hours: tuple[HourRecord, ...]
    tags: tuple[TagRecord, ...]
    activity: tuple[ActivityRecord, ...]


class EventRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `events.jsonl`. `payload`: the event's JSON as it came; `resolution`: what was made of
    its frames, with the numbers of `uploads.jsonl` in it."""

    event_id: EventId
    issue: Number
    timestamp: Moment
    received_at: Moment
    title: Title
    level: Word
    platform: Platform
    release: Version | None
    dist: Platform | None
    environment: Platform | None
    provisional_hash: Hash
    final_hash: Hash
    payload: msgspec.Raw
    resolution: msgspec.Raw


class FileRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A file of an upload. `sha256`: of its content, "" if that was not kept; `fault` says why."""

    type: Annotated[str, msgspec.Meta(max_length=32)]
    url: Text
    debug_id: Platform | None
    source_map_reference: Text | None
    sha256: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
    size: Count
    fault: Text | None
    sha1: Checksum | None
    built_as: Version | None


class ReleaseName(msgspec.Struct, frozen=True):
    """What an upload is for."""

    version: Version
    dist: Platform


class UploadRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `uploads.jsonl`: an artifact bundle. `number`: what resolutions call it."""

    number: Number
    checksum: Checksum
    bundle_id: Platform | None
    size: Count
    uploaded_at: Moment
    last_used_at: Moment | None
    releases: tuple[ReleaseName, ...]
    files: Annotated[tuple[FileRecord, ...], msgspec.Meta(max_length=20_000)]


class ReportRecord(msgspec.Struct, frozen=True):
    """A line of `user_reports.jsonl`."""

    event_id: EventId
    received_at: Moment
    name: Annotated[str, msgspec.Meta(max_length=250)]
    email: Annotated[str, msgspec.Meta(max_length=320)]
    comments: Annotated[str, msgspec.Meta(max_length=4096)]


class ReleaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `releases.jsonl`: a release that events came from, with how many, and how their frames
    came out."""

    version: Version
    first_seen: Moment
    last_seen: Moment
    events: Count
    resolved: Count
    failed: Count


class ProjectHourRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `hours.jsonl`: what came in an hour, counted from 1970."""

    hour: Hour
    level: Word
    release: Version
    events: Count
    resolved: Count
    failed: Count


def check(record: object, name: str = "record") -> None:
    """Raise ValueError for what has the right type, and no database could store it or find it again."""
    if isinstance(record, str):
        _check_text(record, name)
    elif isinstance(record, datetime):
        if not EARLIEST <= record <= LATEST:
            raise ValueError(f"the {name} is not between {EARLIEST:%Y} and {LATEST:%Y}")
    elif isinstance(record, tuple):
        for each in record:
            check(each, name)
    elif isinstance(record, msgspec.Struct):
        for field in record.__struct_fields__:
            check(getattr(record, field), field)


def _check_text(text: str, name: str) -> None:
    if "\x00" in text:
        raise ValueError(f"the {name} has the character 0")
    if name == "url" and len(text.encode()) > MAX_URL:
        raise ValueError(f"the {name} has more than {MAX_URL:,} bytes")
