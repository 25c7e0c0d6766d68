"""What went wrong with a frame, in the words of Sentry's API."""

from collections.abc import Mapping
from typing import Any, Final

from headwater.symbolicate.resolution import ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

_TYPES: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.NO_IMAGE_FOR_FRAME: ("js_no_source", "missing_source"),
    Verdict.DEBUG_ID_NOT_UPLOADED: ("js_no_source", "missing_source"),
    Verdict.PENDING_UPLOAD: ("js_no_source", "missing_source"),
    Verdict.UPLOADED_TO_OTHER_PROJECT: ("js_no_source", "missing_source"),
    Verdict.EXPIRED: ("js_no_source", "missing_source"),
    Verdict.DELETED: ("js_no_source", "missing_source"),
    Verdict.RELEASE_NOT_UPLOADED: ("js_no_source", "missing_source"),
    Verdict.URL_NOT_UPLOADED: ("js_no_source", "missing_source"),
    Verdict.MAP_MISSING_IN_BUNDLE: ("js_no_source", "missing_sourcemap"),
    Verdict.MINIFIED_FILE_ONLY: ("js_no_source", "missing_sourcemap"),
    Verdict.ID_CONFLICT: ("js_no_source", "id_conflict"),
    Verdict.AMBIGUOUS_BY_URL: ("js_no_source", "ambiguous_by_url"),
    Verdict.MALFORMED_MAP: ("js_invalid_source", "malformed_sourcemap"),
    Verdict.LIMIT_EXCEEDED: ("js_too_large", "limit_exceeded"),
    Verdict.STORAGE_READ_FAILED: ("js_generic_fetch_error", "storage_read_failed"),
    Verdict.NO_COLUMN: ("js_invalid_sourcemap_location", "no_column"),
    Verdict.POSITION_OUT_OF_RANGE: ("js_invalid_sourcemap_location", "invalid_location"),
    Verdict.POSITION_UNMAPPED: ("js_invalid_sourcemap_location", "invalid_location"),
    Verdict.SUSPICIOUS_MAPPING: ("js_invalid_sourcemap_location", "suspicious_mapping"),
    Verdict.NO_SOURCE_CONTENT: ("js_missing_sources_content", "missing_source_content"),
}
"""`type` of the event's error and `symbolicator_type`. The pairs that Sentry has no word for carry
our verdict as the second."""


def processing_error(raw: Mapping[str, Any], result: ResolvedFrame) -> dict[str, Any] | None:
    """The entry for the event's `errors`, or None. Third-party frames don't complain."""
    types = _TYPES.get(result.verdict)
    path = raw.get("abs_path") or raw.get("filename")
    if types is None or "node_modules/" in str(path) or result.in_app is False:
        return None
    kind, cause = types
    error: dict[str, Any] = {"type": kind, "symbolicator_type": cause}
    evidence = result.evidence
    if kind == "js_missing_sources_content":
        return {**error, "source": evidence.source, "sourcemap": evidence.source_map}
    if kind == "js_invalid_sourcemap_location":
        place = {"row": raw.get("lineno"), "column": raw.get("colno")}
        return {**error, **place, "source": path, "sourcemap": evidence.source_map}
    url = evidence.source_map if kind == "js_invalid_source" else path
    return {**error, "url": url or path}
