"""A frame's verdict in words: two or three beside the frame, the evidence when asked for."""

from collections.abc import Mapping
from typing import Final

from markupsafe import Markup
from msgspec import Struct

from headwater.server.web.moments import exact
from headwater.symbolicate.remedies.lines import has_lines
from headwater.symbolicate.resolution import Evidence, ResolvedFrame
from headwater.symbolicate.told import cause_of, near_of
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

LABELS: Final[Mapping[Verdict, str]] = {
    Verdict.RESOLVED: "resolved",
    Verdict.NO_SOURCE_CONTENT: "no source text",
    Verdict.SUSPICIOUS_MAPPING: "doubtful",
    Verdict.ALREADY_ORIGINAL: "as written",
    Verdict.BUILT_IN: "built in",
    Verdict.THIRD_PARTY: "third party",
    Verdict.PENDING_UPLOAD: "awaiting upload",
    Verdict.NO_IMAGE_FOR_FRAME: "no debug id",
    Verdict.DEBUG_ID_NOT_UPLOADED: "not uploaded",
    Verdict.UPLOADED_TO_OTHER_PROJECT: "in another project",
    Verdict.RELEASE_NOT_UPLOADED: "release not uploaded",
    Verdict.URL_NOT_UPLOADED: "file not uploaded",
    Verdict.EXPIRED: "expired",
    Verdict.DELETED: "deleted",
    Verdict.MAP_MISSING_IN_BUNDLE: "no source map",
    Verdict.MINIFIED_FILE_ONLY: "no source map",
    Verdict.ID_CONFLICT: "id conflict",
    Verdict.AMBIGUOUS_BY_URL: "ambiguous",
    Verdict.POSITION_OUT_OF_RANGE: "wrong map",
    Verdict.POSITION_UNMAPPED: "not in the map",
    Verdict.NO_COLUMN: "no column",
    Verdict.NO_POSITION: "no position",
    Verdict.MALFORMED_MAP: "damaged map",
    Verdict.LIMIT_EXCEEDED: "over a limit",
    Verdict.STORAGE_READ_FAILED: "unreadable",
}

_FOUND_BY: Final[Mapping[str, str]] = {
    "debug-id": "debug id",
    "release": "release",
    "inline": "inline map",
}


class Mark(Struct, frozen=True):
    """What became of a frame. `tone` is `resolved`, `unresolved` or `plain`; words say the same."""

    verdict: Verdict
    label: str
    tone: str
    cause: str
    remedy: str
    has_lines: bool
    """Whether there is anything to paste."""
    near: tuple[str, ...]
    """What was uploaded beside what was looked for."""
    evidence: tuple[tuple[str, str], ...]

    @property
    def is_telling(self) -> bool:
        """Whether it says more than that all is as it was written."""
        return self.verdict not in (Verdict.ALREADY_ORIGINAL, Verdict.BUILT_IN)


def mark(frame: ResolvedFrame) -> Mark:
    """The verdict, its explanation, and what the resolver saw on the way."""
    verdict = frame.verdict
    explanation = EXPLANATIONS[verdict]
    label = LABELS[verdict]
    if verdict is Verdict.RESOLVED:
        label = _FOUND_BY.get(frame.evidence.resolved_with or "", label)
    tone = "plain"
    if verdict.is_failure:
        tone = "unresolved"
    elif verdict.is_resolved:
        tone = "resolved"
    near = near_of(frame.evidence.near)
    return Mark(
        verdict,
        label,
        tone,
        cause_of(frame),
        explanation.remedy,
        has_lines(verdict),
        near,
        _rows(frame.evidence),
    )


def _rows(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    elsewhere = evidence.other_project
    bundle = None
    if evidence.bundle is not None:
        bundle = Markup('<a href="/bundles/{0}">#{0}</a>').format(evidence.bundle)
        if evidence.uploaded_at:
            bundle += f", uploaded {exact(evidence.uploaded_at)}"
    rows = (
        ("Note", evidence.detail if elsewhere is None else None),
        ("Debug image", evidence.code_file),
        ("Debug id", evidence.debug_id),
        ("Artifact bundle", bundle),
        ("Minified file", evidence.minified_file),
        ("Source map", evidence.source_map),
        ("Found by", _FOUND_BY.get(evidence.resolved_with or "", evidence.resolved_with)),
        ("Minified position", evidence.generated),
        ("Mapping", evidence.mapping),
        ("Followed by", "\n".join(evidence.chain) or None),
        ("Source in the map", evidence.source),
        ("Name taken from", evidence.named_by),
        ("Uploaded to", None if elsewhere is None else f"project {evidence.detail or elsewhere}"),
        ("Candidates", None if evidence.candidates is None else str(evidence.candidates)),
        ("Looked for", "\n".join(evidence.looked_for) or None),
    )
    return tuple((name, value) for name, value in rows if value)
