"""What a file of a bundle turns out to be once it is decoded. Runs in a process of its own.

Decoding is where hostile or huge files cost time and memory, so it never happens in the server:
`artifacts.inspector` starts `python -m headwater.artifacts.inspection`, which reads one JSON object
for each file from its input and writes one to its output.
"""

import sys
from pathlib import Path
from typing import Final

import msgspec

from headwater.bounded_child.answering import Answering
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.debug_id import DebugId, parse_debug_id
from headwater.sourcemaps.document import MalformedSourceMap, SourceMapTooLarge
from headwater.sourcemaps.sourcemap import parse
from headwater.sourcemaps.urls import (
    debug_id_comment,
    decode_data_url,
    is_data_url,
    source_mapping_url,
)
from headwater.storage.artifact import OVER_LIMIT

TOO_MUCH_MEMORY: Final = f"{OVER_LIMIT}decoding it needs more memory than the server allows"


class Question(msgspec.Struct, frozen=True):
    """A file to look into. `reference`: what the upload's headers say of its source map."""

    path: str
    type: ArtifactType
    reference: str | None = None


class Inspection(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was found. `fault`: a sentence's end on why the file can't be used, or None."""

    fault: str | None = None
    debug_id: DebugId | None = None
    """The id inside of the file; clients put it into the manifest as well, but not always."""
    has_map: bool = False
    """Whether positions can be looked up in it: a source map, or a file with one inside."""


def inspect(question: Question) -> Inspection:
    """Decode the file. Every fault of its content is an answer, not an exception."""
    try:
        return _inspect(question, Path(question.path).read_bytes())
    except MalformedSourceMap as error:
        return Inspection(fault=f"can't be decoded as a source map: {error}")
    except SourceMapTooLarge as error:
        return Inspection(fault=f"{OVER_LIMIT}{error}")
    except MemoryError:
        return Inspection(fault=TOO_MUCH_MEMORY)
    except OSError as error:
        return Inspection(fault=f"could not be read back from storage: {error.strerror}")


def _inspect(question: Question, content: bytes) -> Inspection:
    if question.type is ArtifactType.SOURCE_MAP:
        return _inspect_map(content)
    if question.type is ArtifactType.MINIFIED_SOURCE:
        return _inspect_minified(content, question.reference)
    return Inspection()


def _inspect_map(content: bytes) -> Inspection:
    decoded = parse(content)
    return Inspection(debug_id=parse_debug_id(decoded.debug_id), has_map=True)


def _inspect_minified(content: bytes, reference: str | None) -> Inspection:
    text = content.decode("utf-8", "replace")
    debug_id = parse_debug_id(debug_id_comment(text))
    reference = reference or source_mapping_url(text)
    if reference is None or not is_data_url(reference):
        return Inspection(debug_id=debug_id)
    inline = decode_data_url(reference)
    try:
        has_map = inline is not None and _inspect_map(inline).has_map
    except (MalformedSourceMap, SourceMapTooLarge):
        has_map = False
    return Inspection(debug_id=debug_id, has_map=has_map)


def main() -> None:
    """Answer until the input ends, within the bounds that the command line gives."""
    answering = Answering(sys.argv[1:])
    answering.answer_questions(
        lambda asked: msgspec.json.encode(inspect(msgspec.json.decode(asked, type=Question)))
    )


if __name__ == "__main__":
    main()
