"""When something was uploaded last, and by whom."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, select

from headwater.storage.database import Database
from headwater.storage.schema import api_tokens, artifact_bundles, artifact_files
from headwater.storage.uploads.home import Home, visible_to


class LastUpload(Struct, frozen=True):
    """The newest upload that a project may use. `home` None: it is the whole instance's."""

    uploaded_at: datetime
    files: int
    token_name: str | None
    home: Home


class Uploads:
    """Looks at what was uploaded; `storage.uploads.artifacts` writes it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self, project_id: int) -> LastUpload | None:
        """Of the project itself or of the instance; None if there never was one."""
        files = (
            select(func.count())
            .where(artifact_files.c.artifact_bundle_id == artifact_bundles.c.id)
            .scalar_subquery()
        )
        wanted = (
            select(
                artifact_bundles.c.uploaded_at,
                files.label("files"),
                api_tokens.c.name.label("token_name"),
                artifact_bundles.c.project_id.label("home"),
            )
            .outerjoin(api_tokens, api_tokens.c.id == artifact_bundles.c.token_id)
            .where(visible_to(artifact_bundles, project_id))
            .order_by(artifact_bundles.c.uploaded_at.desc(), artifact_bundles.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).mappings().first()
        return None if row is None else LastUpload(**row)
