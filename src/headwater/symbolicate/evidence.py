"""What the resolver saw, in the shape that pages and the API show."""

from msgspec.structs import replace

from headwater.protocol.bundle import ArtifactType
from headwater.symbolicate.answers import Answer
from headwater.symbolicate.candidates import Found
from headwater.symbolicate.resolution import Evidence


def evidence_of(found: Found, generated: str) -> Evidence:
    """What is known of a frame's file before any map was asked."""
    artifact = found.artifact
    is_map = artifact is not None and artifact.type is ArtifactType.SOURCE_MAP
    return Evidence(
        code_file=found.image.code_file if found.image else None,
        debug_id=found.image.debug_id if found.image else None,
        bundle=artifact.bundle if artifact else None,
        uploaded_at=artifact.uploaded_at if artifact else None,
        minified_file=artifact.url if artifact and not is_map else None,
        source_map=artifact.url if artifact and is_map else None,
        generated=generated,
        candidates=found.total or None,
        looked_for=found.looked_for,
        detail=found.detail,
    )


def evidence_of_answer(before: Evidence, answer: Answer) -> Evidence:
    """The same, with the map that answered."""
    candidate = answer.candidate
    inline = candidate.resolved_with == "inline"
    details = [each for each in (answer.detail, before.detail) if each]
    return replace(
        before,
        bundle=candidate.artifact.bundle,
        uploaded_at=candidate.artifact.uploaded_at,
        minified_file=candidate.script.url if candidate.script else None,
        source_map=None if inline else candidate.address,
        resolved_with=candidate.resolved_with,
        detail="; ".join(details) or None,
    )
