"""The debug ids that events of a release name, and what became of their files' uploads."""

from collections.abc import Sequence

from msgspec import Struct

from headwater.storage.uploads.bundle_pages import AddressHolder, BundlePages, IdHolder
from headwater.storage.uploads.former_files import FormerFiles, GoneFile, Removal
from headwater.storage.uploads.seen_releases import SeenFile, SeenReleases
from headwater.symbolicate.addresses import addresses_of


class SeenId(Struct, frozen=True):
    """A debug id that events name, and where it was uploaded, if it was."""

    seen: SeenFile
    uploaded: IdHolder | None
    at_address: AddressHolder | None = None
    """What resolves it without the id: the release's upload at the file's address."""
    removal: Removal | None = None
    """Of an upload with the id that is not there any more, if nothing else is."""


class SeenIds(Struct, frozen=True):
    """Reads only."""

    seen: SeenReleases
    bundles: BundlePages
    former: FormerFiles

    def of(self, project_id: int, version: str) -> list[SeenId]:
        """Those of a release in a project."""
        files = self.seen.files(project_id, version)
        holders = self.bundles.holders(project_id, [file.debug_id for file in files])
        missed = [file for file in files if file.debug_id not in holders]
        spellings = {file.debug_id: addresses_of(file.code_file) for file in missed}
        urls = sorted({url for each in spellings.values() for url in each})
        there = self.bundles.at_addresses(project_id, version, urls) if urls else {}
        gone = self._gone(project_id, version, missed)
        found: list[SeenId] = []
        for file in files:
            at = (there[url] for url in spellings.get(file.debug_id, ()) if url in there)
            removal = gone.get(file.debug_id)
            found.append(SeenId(file, holders.get(file.debug_id), next(at, None), removal))
        return found

    def _gone(
        self, project_id: int, version: str, missed: Sequence[SeenFile]
    ) -> dict[str, Removal]:
        if not missed:
            return {}
        gone = self.former.gone((project_id,), version, [file.debug_id for file in missed])
        return {each.debug_id: each.removal for each in reversed(gone) if each.debug_id}


def last_removal(gone: Sequence[GoneFile], project_id: int) -> Removal | None:
    """The last of those that a project could use; `gone` has the last first."""
    return next((each.removal for each in gone if each.home in (None, project_id)), None)
