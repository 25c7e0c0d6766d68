"""Storing a bundle: its files first, then all rows that name them in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog
from msgspec import Struct
from msgspec.structs import replace

from headwater.artifacts.lint.findings import Level
from headwater.artifacts.lint.linter import Linted, Linter
from headwater.artifacts.lint.useless import fault_sentences, refuse_useless, shortened
from headwater.artifacts.members import Member, Unpacker
from headwater.protocol.bundle import Bundle, BundleRefused
from headwater.protocol.chunks import Sha1
from headwater.storage.files.blobs import Blobs
from headwater.storage.uploads.artifact import OVER_LIMIT, NewBundle, NewFile, ReleaseName
from headwater.storage.uploads.artifacts import Artifacts
from headwater.storage.uploads.home import Home
from headwater.storage.uploads.unnamed import BlobsMissing

MAX_ABSENT: Final = 200
"""Entries without content that are remembered with their fault: a manifest may speak of thousands
of files that are not in the ZIP. Files over a limit go first, because look-ups tell of them."""


class Upload(Struct, frozen=True):
    """Whose a bundle is, what it is called and how large it is, in bytes as uploaded."""

    home: Home
    token_id: int | None
    checksum: Sha1
    size: int
    release: ReleaseName | None
    given_release: str | None = None
    """In the client's own words, also where they stand for none."""
    user_id: int | None = None
    """Of who uploaded it by hand."""


class Bundles:
    """Makes bundles findable. No reader ever sees half of one, whenever the power fails."""

    def __init__(
        self, artifacts: Artifacts, blobs: Blobs, unpacker: Unpacker, linter: Linter
    ) -> None:
        """`blobs` hold the files, by SHA-256; `unpacker` puts them there."""
        self._artifacts = artifacts
        self._blobs = blobs
        self._unpacker = unpacker
        self._linter = linter

    def store(self, upload: Upload, bundle: Bundle, now: datetime) -> None:
        """Unpack, judge, save. Raises BundleRefused or BlobsMissing, and keeps nothing then."""
        members: list[Member] = []
        try:
            members.extend(self._unpacker.unpack(upload.home, bundle))
            self._refuse_useless(upload, bundle, members)
            linted = self._linter.lint(
                upload.home, upload.checksum, bundle.manifest, members, upload.given_release
            )
            self._save_anyway(upload, bundle, linted, now)
        except (BundleRefused, BlobsMissing, OSError):
            self._drop(members)
            raise
        _note(upload, bundle, linted)

    def _save_anyway(self, upload: Upload, bundle: Bundle, linted: Linted, now: datetime) -> None:
        try:
            self._save(upload, bundle, linted, now)
        except BlobsMissing:
            # Another upload with the same files was refused meanwhile, and dropped what it had.
            again = list(self._unpacker.unpack(upload.home, bundle))
            self._save(upload, bundle, replace(linted, members=again), now)

    def _refuse_useless(self, upload: Upload, bundle: Bundle, members: Sequence[Member]) -> None:
        refuse_useless(
            bundle.manifest,
            members,
            upload.release,
            lambda file: self._artifacts.has_source_map(upload.home, file.debug_id, upload.release),
            is_by_hand=upload.user_id is not None,
        )

    def _save(self, upload: Upload, bundle: Bundle, linted: Linted, now: datetime) -> None:
        new = NewBundle(
            home=upload.home,
            checksum=upload.checksum,
            bundle_id=bundle.manifest.bundle_id,
            size=upload.size,
            token_id=upload.token_id,
            files=_remembered(linted.members),
            report=linted.report.stored(),
            user_id=upload.user_id,
        )
        self._artifacts.save(new, upload.release, now, self._blobs.is_still_there)

    def _drop(self, members: Sequence[Member]) -> None:
        kept = tuple(member.file.sha256 for member in members if member.file.sha256)
        self._artifacts.drop_unnamed(kept, self._blobs.delete_older)


def _remembered(members: Sequence[Member]) -> tuple[NewFile, ...]:
    files = [member.file for member in members]
    absent = [file for file in files if not file.sha256]
    absent.sort(key=lambda file: not (file.fault or "").startswith(OVER_LIMIT))
    return (*(file for file in files if file.sha256), *absent[:MAX_ABSENT])


def _note(upload: Upload, bundle: Bundle, linted: Linted) -> None:
    report = linted.report
    # Build plugins print nothing of it: here it can be seen, and on the bundle's page.
    if report.count(Level.ERROR) or report.count(Level.WARNING):
        totals = {str(check): number for check, number in report.totals.items()}
        structlog.get_logger().warning(
            "findings in a bundle", bundle=upload.checksum, project=upload.home, findings=totals
        )
    faults = fault_sentences(bundle.manifest, linted.members)
    if faults:
        structlog.get_logger().warning(
            "files of a bundle can't be used", bundle=upload.checksum, faults=shortened(faults)
        )
