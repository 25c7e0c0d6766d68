"""Events on their way in, issues, and all that is counted of them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from headwater.storage.schema.columns import Id, Utc, folded, metadata, partial_index

queue = Table(
    "queue",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("event_id", String(32), nullable=False, server_default=""),  # what the client was told
    Column(
        "encoding", String(64), nullable=False, server_default=""
    ),  # the Content-Encoding of the envelope
    Column("envelope", LargeBinary, nullable=False),  # as it came
    # Bytes of it as it came, where we have compressed it; NULL: it is as it came.
    Column("plain_size", Integer),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_until", Utc),  # NULL: free; a worker that died holds it no longer than this
)

# How far the digest has read in each segment of the journal, which is SQLite's companion; written in
# the transaction that saves what was read, so that nothing is read twice or not at all.
journal_positions = Table(
    "journal_positions",
    metadata,
    Column("segment", String(64), primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),  # at the record that begins there
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, nullable=False, index=True),
    Column("received_at", Utc, nullable=False),
    Column("failed_at", Utc, nullable=False),
    Column("error", Text, nullable=False),
    Column("event_id", String(32), nullable=False, server_default=""),
    Column("encoding", String(64), nullable=False, server_default=""),
    Column("envelope", LargeBinary, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("title", Text, nullable=False),  # `Error: Invoice not found`
    Column("culprit", Text, nullable=False),  # `getPostedInvoice · src/lib/actions/invoices.ts:84`
    Column("level", String(16), nullable=False),
    Column("platform", String(64), nullable=False),
    Column("status", String(16), nullable=False, server_default="unresolved"),
    Column("resolved_at", Utc),  # by a person, if it is
    # The release that it is resolved in: "" is the next one, NULL that release does not matter.
    Column("resolved_in", String(250)),
    Column("decided_at", Utc),  # when a person resolved, muted or reopened it last
    # What ends its being ignored: a moment, or so many events or users in all.
    Column("muted_until", Utc),
    Column("muted_events", BigInteger),
    Column("muted_users", Integer),
    Column("assignee_id", Id, ForeignKey("users.id", ondelete="SET NULL")),
    Column("event_count", BigInteger, nullable=False),
    Column("first_seen", Utc, nullable=False),
    Column("last_seen", Utc, nullable=False),
    Column("latest_event_id", String(32)),
    # A tombstone: this issue's events are now that one's.
    Column("merged_into", Id, ForeignKey("issues.id", ondelete="SET NULL")),
    # When the event was that title and culprit are from; NULL: they are a minified one's.
    Column("shown_at", Utc),
    # Links and alerts name issues by their number: that of a deleted one is not given again.
    sqlite_autoincrement=True,
)
Index("ix_issues_project_last_seen", issues.c.project_id, issues.c.status, issues.c.last_seen)
# Who deletes an issue looks for those that were merged into it.
partial_index(
    "ix_issues_merged_into",
    issues.c.merged_into,
    where=issues.c.merged_into.is_not(None),
)

# Where issues went that are tombstones. `target` may be one itself: `issues.merged_into` is the end.
merges = Table(
    "merges",
    metadata,
    Column("origin", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("target", Id, ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", String(16), nullable=False, server_default="moving", index=True),
    # When a person decided it; NULL: a source map that came late did, or nobody knows.
    Column("at", Utc),
    Column("user_id", Id, ForeignKey("users.id", ondelete="SET NULL")),
    # What is counted of the origin as it was: with its hours, tags and dates, which stay.
    Column("event_count", BigInteger, nullable=False, server_default="0"),
    # The last event of any issue then: later ones like the origin's are counted at the target alone.
    Column("last_event", BigInteger, nullable=False, server_default="0"),
)

# What people said and did about an issue, and what became of it by itself.
issue_activity = Table(
    "issue_activity",
    metadata,
    Column("id", Id, primary_key=True),
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("user_id", Id, ForeignKey("users.id", ondelete="SET NULL")),  # NULL: nobody did it
    Column("kind", String(16), nullable=False),  # storage.activity.Kind
    Column("said", Text, nullable=False, server_default=""),
)

Index("ix_issue_activity_kind_at", issue_activity.c.kind, issue_activity.c.at)

# What somebody looks for again and again, by a name.
saved_searches = Table(
    "saved_searches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("query", Text, nullable=False),
    Column("order", String(16), nullable=False),
)

# How many of an issue's events retention has taken away: `issues.event_count` less this are stored.
# Not a column of `issues`, whose rows the digest locks all the time.
removed_events = Table(
    "removed_events",
    metadata,
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

issue_hours = Table(
    "issue_hours",
    metadata,
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("hour", Utc, primary_key=True),  # of the events' own timestamps
    Column("count", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

issue_tags = Table(
    "issue_tags",
    metadata,
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("value", String(250), primary_key=True),  # "": all values beyond the limit
    Column("count", BigInteger, nullable=False),
    Column("last_seen", Utc, nullable=False),
    sqlite_with_rowid=False,
)

# Which issues had a value: searches begin here.
Index("ix_issue_tags_key_folded", issue_tags.c.key, folded(issue_tags.c.value))

# Each value that a tag has at some issue, folded; a search with a `*` in it begins here.
tag_values = Table(
    "tag_values",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("value", String(250), primary_key=True),
    sqlite_with_rowid=False,
)

issue_hashes = Table(
    "issue_hashes",
    metadata,
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", String(32), primary_key=True),
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), nullable=False, index=True),
    # False: made from minified frames, so that different errors may share it.
    Column("is_final", Boolean, nullable=False),
    Column("merged_from", Id),  # whose it was before a person merged issues
)

# Where frames are that events go through, as they were written: what issues are looked for by.
places = Table(
    "places",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # a hash of the rest
    Column(
        "project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False, index=True
    ),
    Column("file", Text, nullable=False),
    Column("function", Text, nullable=False),
)

issue_places = Table(
    "issue_places",
    metadata,
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "place_id",
        BigInteger,
        ForeignKey("places.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
    sqlite_with_rowid=False,
)

# What events share that threw in the same place: most of those of an issue.
resolutions = Table(
    "resolutions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),  # BLAKE2 of the JSON, 16 bytes
    Column("content", LargeBinary, nullable=False),  # zstd of it
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", String(32), nullable=False),
    Column("issue_id", Id, ForeignKey("issues.id", ondelete="CASCADE"), nullable=False),
    Column("timestamp", Utc, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("title", Text, nullable=False),
    Column("level", String(16), nullable=False),
    Column("platform", String(64), nullable=False),
    Column("release", String(250)),
    Column("dist", String(64)),
    Column("environment", String(64)),
    Column("provisional_hash", String(32), nullable=False),
    Column("final_hash", String(32), nullable=False),
    # zstd of the event's JSON, as it came but for secrets and what exceeds limits; with a
    # dictionary, if the frame names one.
    Column("payload", LargeBinary, nullable=False),
    # zstd of symbolicate.resolution.Resolution; empty: it is among `resolutions`, by this digest.
    Column("resolution", LargeBinary, nullable=False),
    Column("resolution_digest", LargeBinary, ForeignKey("resolutions.digest")),
    Column("merged_from", Id),  # whose it was, or would be, had a person not merged issues
    UniqueConstraint("project_id", "event_id"),
)
Index("ix_events_issue_id_id", events.c.issue_id, events.c.id)
Index("ix_events_project_id_id", events.c.project_id, events.c.id)
partial_index(
    "ix_events_merged_from",
    events.c.merged_from,
    events.c.issue_id,
    events.c.id,
    where=events.c.merged_from.is_not(None),
)
partial_index(
    "ix_events_resolution_digest_id",
    events.c.resolution_digest,
    events.c.id,
    where=events.c.resolution_digest.is_not(None),
)

payload_dictionaries = Table(
    "payload_dictionaries",
    metadata,
    Column("id", Integer, primary_key=True),  # as zstd's frames name it
    Column("made_at", Utc, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

user_reports = Table(
    "user_reports",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", String(32), nullable=False),  # that it is about; it may come later, or never
    Column("received_at", Utc, nullable=False),
    Column("name", String(250), nullable=False),
    Column("email", String(320), nullable=False),
    Column("comments", Text, nullable=False),
)
Index("ix_user_reports_project_event", user_reports.c.project_id, user_reports.c.event_id)

outcomes = Table(
    "outcomes",
    metadata,
    Column("project_id", Id, primary_key=True),  # 0: no project, such as an unknown API path
    Column("hour", Utc, primary_key=True),
    Column("category", String(32), primary_key=True),  # error, transaction, session, api …
    Column("reason", String(64), primary_key=True),  # accepted, duplicate, not_kept:transaction …
    Column("count", BigInteger, nullable=False),
)
