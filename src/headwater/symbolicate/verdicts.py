"""The closed list of what can become of a frame, each with its sentence and its remedy."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct


class Verdict(StrEnum):
    """A frame's verdict, written by the resolver while it resolves."""

    RESOLVED = "resolved"
    NO_SOURCE_CONTENT = "no_source_content"
    SUSPICIOUS_MAPPING = "suspicious_mapping"
    ALREADY_ORIGINAL = "already_original"
    BUILT_IN = "built_in"
    THIRD_PARTY = "third_party"
    PENDING_UPLOAD = "pending_upload"
    NO_IMAGE_FOR_FRAME = "no_image_for_frame"
    DEBUG_ID_NOT_UPLOADED = "debug_id_not_uploaded"
    UPLOADED_TO_OTHER_PROJECT = "uploaded_to_other_project"
    RELEASE_NOT_UPLOADED = "release_not_uploaded"
    URL_NOT_UPLOADED = "url_not_uploaded"
    EXPIRED = "expired"
    DELETED = "deleted"
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
        return self in _RESOLVED

    @property
    def is_doubtful(self) -> bool:
        """Whether it has one that may be wrong."""
        return self is Verdict.SUSPICIOUS_MAPPING

    @property
    def is_failure(self) -> bool:
        """Whether the frame should have been resolved and was not."""
        return not self.is_resolved and self not in _AS_IT_SHOULD_BE


_RESOLVED: Final = (Verdict.RESOLVED, Verdict.NO_SOURCE_CONTENT, Verdict.SUSPICIOUS_MAPPING)
_AS_IT_SHOULD_BE: Final = (
    Verdict.ALREADY_ORIGINAL,
    Verdict.BUILT_IN,
    Verdict.THIRD_PARTY,
    Verdict.NO_POSITION,
)


class Explanation(Struct, frozen=True):
    """One sentence of cause and one of remedy; the remedy is empty where nothing needs doing."""

    cause: str
    remedy: str = ""


EXPLANATIONS: Final[Mapping[Verdict, Explanation]] = {
    Verdict.RESOLVED: Explanation(
        "An uploaded source map says where this frame comes from in your source."
    ),
    Verdict.NO_SOURCE_CONTENT: Explanation(
        "The source map says which file and line this is, but it does not hold the source text, "
        "so no code can be shown.",
        "Let the bundler put the text into its maps, then build and upload again.",
    ),
    Verdict.SUSPICIOUS_MAPPING: Explanation(
        "The source map leads here, but what it leads to does not fit the minified file: the map was "
        "made for another build of the file, or a step of the build made it wrong.",
        "Upload file and map from one build, after the last step that changes the file (injecting, "
        "adding a banner, minifying again); let every step read the map of the one before it, and "
        "look at this frame with that step left out.",
    ),
    Verdict.ALREADY_ORIGINAL: Explanation(
        "This frame is shown as it was written; no source map is needed for it."
    ),
    Verdict.BUILT_IN: Explanation(
        "This frame belongs to the JavaScript runtime or the browser, not to your program."
    ),
    Verdict.THIRD_PARTY: Explanation(
        "This frame is no part of your build: it is a browser extension's, another company's "
        "script's, or one that the browser hides (`Script error.`)."
    ),
    Verdict.PENDING_UPLOAD: Explanation(
        "Nothing is known yet of this frame's debug id or release, and the event came shortly after "
        "the first that names it: the upload may be on its way.",
        "Wait: once it comes, or was waited for long enough, the event is resolved again. To have no "
        "such time, upload before you deploy.",
    ),
    Verdict.NO_IMAGE_FOR_FRAME: Explanation(
        "The event carries no debug id for this frame's file and no release, so nothing connects "
        "the file to an uploaded source map.",
        "Let your build inject debug ids before you deploy, and deploy the files that this changed. "
        "It needs @sentry/browser or @sentry/node 7.56 or later.",
    ),
    Verdict.DEBUG_ID_NOT_UPLOADED: Explanation(
        "The event names this file's debug id, but when the event was resolved no file with that "
        "id had been uploaded for this project.",
        "Upload from the very build that you deploy, with this server's address and a token of this "
        "project, and look for the upload's message in the build's output.",
    ),
    Verdict.UPLOADED_TO_OTHER_PROJECT: Explanation(
        "A file with this debug id was uploaded, but with a token of another project, and uploads "
        "with a project's token are for that project only.",
        "Upload with a token of this project, or with one of the whole instance, which serves all "
        "projects; both are made under Settings, API tokens.",
    ),
    Verdict.RELEASE_NOT_UPLOADED: Explanation(
        "The event has no debug id for this frame's file, and nothing was uploaded for its release "
        "and dist.",
        "Let your build inject debug ids, or upload for the very release and dist that "
        "`Sentry.init({ release, dist })` sends.",
    ),
    Verdict.URL_NOT_UPLOADED: Explanation(
        "No debug id of the event leads to an upload of this frame's file, and its release has no file "
        "at this address.",
        "Let your build inject debug ids, or upload with the prefix that your server puts in front "
        "of the files.",
    ),
    Verdict.EXPIRED: Explanation(
        "The file that would resolve this frame was uploaded, and removed later by a limit on uploads.",
        "Upload the build again if it still runs, and keep more uploads: the limit that removed it "
        "is named beside.",
    ),
    Verdict.DELETED: Explanation(
        "The file that would resolve this frame was uploaded, and deleted later.",
        "Upload the build again if it still runs.",
    ),
    Verdict.MAP_MISSING_IN_BUNDLE: Explanation(
        "The minified file was uploaded and names a source map, but the map itself was not "
        "uploaded.",
        "Upload before anything deletes the `.map` files: leave the deleting to the plugin, and let "
        "what it uploads include them.",
    ),
    Verdict.MINIFIED_FILE_ONLY: Explanation(
        "The minified file was uploaded, but it names no source map: the build made none.",
        "Turn source maps on, then build and upload again.",
    ),
    Verdict.ID_CONFLICT: Explanation(
        "Several different source maps were uploaded under this debug id, and nothing in the frame "
        "tells which of them is the right one.",
        "Update the tool that made the ids (sentry-cli before 3.6 gave all empty maps the same "
        "id), empty the output folder before each build, and upload again.",
    ),
    Verdict.AMBIGUOUS_BY_URL: Explanation(
        "The release holds several different files for this address, and nothing in the frame "
        "tells which of them is the right one.",
        "Give every build a release of its own, or let it inject debug ids.",
    ),
    Verdict.POSITION_OUT_OF_RANGE: Explanation(
        "The frame's position lies outside of the uploaded file: what runs is not what was "
        "uploaded.",
        "Upload the very files that you deploy, after the last step that changes them (minifying, "
        "adding a banner, compressing), and upload again at each deployment.",
    ),
    Verdict.POSITION_UNMAPPED: Explanation(
        "The source map says nothing about this position: it is code that the bundler added, or a "
        "later step changed the file after its map was made.",
        "If it is your own code, let every step of the build pass its source map on to the next, "
        "and upload the files after the last step.",
    ),
    Verdict.NO_COLUMN: Explanation(
        "The frame has no column, and its line of the minified file holds code of many places.",
        "Nothing can be done on the server: browsers leave the column out of some errors. Let the "
        "minifier break its lines, which makes such frames readable.",
    ),
    Verdict.NO_POSITION: Explanation(
        "The frame has no line number, so there is nothing to look up."
    ),
    Verdict.MALFORMED_MAP: Explanation(
        "A source map was uploaded for this file, but it is not a usable source map.",
        "Open the `.map` file of the build: it must be JSON with `version`, `sources` and "
        "`mappings`. A page of HTML or an empty file is what a wrong upload folder gives.",
    ),
    Verdict.LIMIT_EXCEEDED: Explanation(
        "The source map is over a limit of this server and was not read.",
        "Split the bundle, or raise the limit that is named beside this frame.",
    ),
    Verdict.STORAGE_READ_FAILED: Explanation(
        "A source map was uploaded for this file, but it can't be read from storage: it is lost, "
        "damaged or not accessible.",
        "Check that `SOURCEMAP_STORAGE_PATH` is writable, survives a restart and is the same for "
        "all instances, or that the bucket of `SOURCEMAP_STORAGE_URL` answers: what is only out of "
        "reach is resolved by itself once it is back. Upload again what is lost, which repairs it.",
    ),
}
"""What each verdict means and what to do. `told` says what is special about one frame, and
`remedies` has the lines to paste."""
