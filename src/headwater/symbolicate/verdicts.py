"""The closed list of what can become of a frame, each with its sentence and its remedy."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """A frame's verdict, written by the resolver while it resolves."""

    RESOLVED = "resolved"
    NO_SOURCE_CONTENT = "no_source_content"
    ALREADY_ORIGINAL = "already_original"
    BUILT_IN = "built_in"
    NO_IMAGE_FOR_FRAME = "no_image_for_frame"
    DEBUG_ID_NOT_UPLOADED = "debug_id_not_uploaded"
    RELEASE_NOT_UPLOADED = "release_not_uploaded"
    URL_NOT_UPLOADED = "url_not_uploaded"
    MAP_MISSING_IN_BUNDLE = "map_missing_in_bundle"
    MINIFIED_FILE_ONLY = "minified_file_only"
    ID_CONFLICT = "id_conflict"
    AMBIGUOUS_BY_URL = "ambiguous_by_url"
    POSITION_OUT_OF_RANGE = "position_out_of_range"
    POSITION_UNMAPPED = "position_unmapped"
    NO_COLUMN = "no_column"
    NO_POSITION = "no_position"
    MALFORMED_MAP = "malformed_map"
    LIMIT_EXCEEDED = "limit_exceeded"
    STORAGE_READ_FAILED = "storage_read_failed"

    @property
    def is_resolved(self) -> bool:
        """Whether the frame has an original position."""
        return self in (Verdict.RESOLVED, Verdict.NO_SOURCE_CONTENT)

    @property
    def is_failure(self) -> bool:
        """Whether the frame should have been resolved and was not."""
        return not self.is_resolved and self not in _AS_IT_SHOULD_BE


_AS_IT_SHOULD_BE: Final = (Verdict.ALREADY_ORIGINAL, Verdict.BUILT_IN, Verdict.NO_POSITION)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence of cause and one of remedy; the remedy is empty where nothing needs doing."""

    cause: str
    remedy: str = ""
