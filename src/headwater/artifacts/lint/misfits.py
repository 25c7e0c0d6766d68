"""Uploaded minified files whose maps were found not to fit, when their bundle was looked through."""

from dataclasses import dataclass, field

from headwater.artifacts.lint.findings import Check, read_report
from headwater.storage.uploads.bundle_pages import BundlePages
from headwater.symbolicate.source_maps import Artifact


@dataclass(frozen=True, slots=True)
class Misfits:
    """Each bundle's report is read once."""

    bundles: BundlePages
    _read: dict[int, dict[str, str]] = field(default_factory=dict)

    def of(self, script: Artifact) -> str | None:
        """What was seen, if the file is among those that are kept by name."""
        if script.bundle is None:
            return None
        if script.bundle not in self._read:
            self._read[script.bundle] = self._of_bundle(script.bundle)
        return self._read[script.bundle].get(script.url)

    def _of_bundle(self, bundle: int) -> dict[str, str]:
        content = self.bundles.report(bundle)
        found = read_report(content).findings if content is not None else ()
        return {each.file: each.evidence for each in found if each.check is Check.MAPPINGS_MISFIT}
