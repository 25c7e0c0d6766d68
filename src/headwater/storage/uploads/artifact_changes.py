"""Counts the changes to what is uploaded, so that what was looked up holds until the next one."""

from sqlalchemy import Connection, select

from headwater.storage.database import Database
from headwater.storage.schema import artifact_changes


def note_change(connection: Connection) -> None:
    """What events may see is another from this transaction on."""
    connection.execute(artifact_changes.update().values(number=artifact_changes.c.number + 1))


def change_number(connection: Connection) -> int:
    """How many there were. On PostgreSQL no further one is made before this transaction ends."""
    number = select(artifact_changes.c.number).with_for_update(read=True)
    found: int = connection.execute(number).scalar_one()
    return found


def changes(database: Database) -> int:
    """How many there were."""
    with database.read() as connection:
        number: int = connection.execute(select(artifact_changes.c.number)).scalar_one()
        return number
