"""What was found wrong with bundles when they were assembled."""

import zstandard
from sqlalchemy import Connection

from headwater.storage.schema import bundle_reports
from headwater.storage.uploads.artifact import NewReport


def save_report(connection: Connection, bundle_id: int, report: NewReport | None) -> None:
    """Instead of the one before; None: nothing is known of the bundle any more."""
    connection.execute(
        bundle_reports.delete().where(bundle_reports.c.artifact_bundle_id == bundle_id)
    )
    if report is not None:
        row = {
            "artifact_bundle_id": bundle_id,
            "errors": report.errors,
            "warnings": report.warnings,
            "notes": report.notes,
            "content": zstandard.compress(report.content),
        }
        connection.execute(bundle_reports.insert().values(row))
