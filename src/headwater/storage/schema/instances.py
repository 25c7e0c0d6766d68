"""The processes that make up this installation, and the projects that examine it."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from headwater.storage.schema.columns import Id, Utc, metadata

# One row, from when it first has a storage: its id, which the storage's mark has as well.
installation = Table(
    "installation",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1
    Column("id", String(32), nullable=False),
)

instances = Table(
    "instances",
    metadata,
    Column("id", String(32), primary_key=True),  # made up at each start
    Column("role", String(16), nullable=False),  # web, digest
    Column("host", String(255), nullable=False),
    Column("version", String(64), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("beat_at", Utc, nullable=False),
    # One line for each other instance whose canary can't be read in the storage of source maps.
    Column("unread", Text, nullable=False, server_default=""),
    # JSON: pairs of what the process has counted (storage.process_counts) and how much.
    Column("counts", Text, nullable=False, server_default="[]"),
)

# Projects that `headwater doctor` made for its round trip: in no list, and emptied at its end. Their rows
# stay for a day, so that a late event still has a project, with which it is taken away.
examinations = Table(
    "examinations",
    metadata,
    Column("project_id", Id, ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("began_at", Utc, nullable=False),
    Column("ended_at", Utc),
)
