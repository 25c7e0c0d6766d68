"""What the resolver saw, in the shape that pages and the API show."""

from typing import Final

from msgspec.structs import replace

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.event import Frame
from headwater.symbolicate.answers import Answer
from headwater.symbolicate.candidates import Candidate, Found
from headwater.symbolicate.misses import Miss
from headwater.symbolicate.near_misses import Near, NearMiss
from headwater.symbolicate.resolution import Evidence

BY_ID: Final = "debug-id"
"""How a map was found that is the file's own for certain."""


def evidence_of(found: Found, frame: Frame) -> Evidence:
    """What is known of a frame that no map answered for."""
    artifact = found.artifact
    is_map = artifact is not None and artifact.type is ArtifactType.SOURCE_MAP
    return Evidence(
        code_file=found.image.code_file if found.image else None,
        debug_id=found.image.debug_id if found.image else None,
        bundle=artifact.bundle if artifact else None,
        uploaded_at=artifact.uploaded_at if artifact else None,
        minified_file=artifact.url if artifact and not is_map else None,
        source_map=artifact.url if artifact and is_map else None,
        generated=shown(frame.lineno, frame.colno),
        candidates=found.total or None,
        looked_for=found.looked_for,
        detail=found.detail,
    )


def evidence_of_miss(miss: Miss, found: Found, frame: Frame) -> Evidence:
    """What is known of a frame whose map was not found, and of what was uploaded beside it."""
    evidence = evidence_of(found, frame)
    elsewhere, removed = miss.elsewhere, miss.removed
    return replace(
        evidence,
        near=miss.near,
        other_project=elsewhere.project if elsewhere else None,
        uploaded_at=elsewhere.uploaded_at if elsewhere else evidence.uploaded_at,
        removed_at=removed.at if removed else None,
        removed_by=removed.by if removed else None,
        detail=miss.detail,
    )


def evidence_of_answer(
    found: Found, frame: Frame, answer: Answer, named_by: str | None = None
) -> Evidence:
    """What is known of a frame that a map answered for."""
    candidate = answer.first.candidate
    detail = answer.detail
    if answer.through or found.detail:
        said = (*(each.detail for each in answer.through), detail, found.detail)
        detail = "; ".join(dict.fromkeys(each for each in said if each))
    return Evidence(
        code_file=found.image.code_file if found.image else None,
        debug_id=found.image.debug_id if found.image else None,
        bundle=candidate.artifact.bundle,
        uploaded_at=candidate.artifact.uploaded_at,
        minified_file=candidate.script.url if candidate.script else None,
        source_map=None if candidate.is_inline else candidate.address,
        resolved_with=candidate.resolved_with,
        generated=shown(frame.lineno, frame.colno),
        mapping=_mapping(answer.first),
        chain=_chain(answer) if answer.through else (),
        source=(answer.source.name if answer.source else None) or None,
        named_by=named_by,
        candidates=found.total or None,
        looked_for=found.looked_for,
        near=() if candidate.resolved_with == BY_ID else other_build(found, candidate),
        detail=detail or None,
    )


def other_build(found: Found, candidate: Candidate) -> tuple[NearMiss, ...]:
    """The file at the frame's address, if its debug id is not the one that the event names: the same
    release was built twice, and one build is uploaded where the other runs."""
    uploaded = candidate.artifact
    if found.image is None or uploaded.debug_id in (None, found.image.debug_id):
        return ()
    sentence = (
        f"the bundle was built twice: what was uploaded at this address has the debug id "
        f"`{uploaded.debug_id}`, and what runs has `{found.image.debug_id}`"
    )
    return (
        NearMiss(
            Near.BUILT_TWICE,
            sentence,
            uploaded.url,
            uploaded.debug_id,
            bundle=uploaded.bundle,
            uploaded_at=uploaded.uploaded_at,
        ),
    )


def _chain(answer: Answer) -> tuple[str, ...]:
    hops = (*answer.through, answer)[1:]
    return tuple(f"{each.candidate.address}: {_mapping(each)}" for each in hops)


def _mapping(answer: Answer) -> str | None:
    mapping = answer.mapping
    if mapping is None or answer.source is None:
        return None
    return (
        f"{mapping.line + 1}:{mapping.column + 1} → "
        f"{answer.source.name or ''}:{mapping.source_line + 1}:{mapping.source_column + 1}"
    )


def shown(lineno: int | None, colno: int | None) -> str:
    """A position as people write it."""
    return f"{lineno}" if colno is None else f"{lineno}:{colno}"
