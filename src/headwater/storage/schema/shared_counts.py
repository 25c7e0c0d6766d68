"""What the web processes of one installation tell each other, so that a bound holds for all of them."""

from sqlalchemy import Column, Integer, String, Table, Text

from headwater.storage.schema.columns import Utc, metadata

# What each has let in of what has a rate. A row is a minute old at most.
told_rates = Table(
    "told_rates",
    metadata,
    Column("process", String(32), primary_key=True),  # made up when it begins to tell
    Column("told_at", Utc, nullable=False),  # by the database's clock
    Column("told", Text, nullable=False),  # JSON: headwater.storage.told_rates.Told
)

# Passwords and codes that were tried in vain.
failed_attempts = Table(
    "failed_attempts",
    metadata,
    Column("key", String(64), primary_key=True),  # a hash of what is counted, of whom, from where
    Column("failures", Integer, nullable=False),
    Column("since", Utc, nullable=False, index=True),  # by the database's clock
)
