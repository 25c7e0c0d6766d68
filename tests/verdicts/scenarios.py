"""For each verdict, what people do to get it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from headwater.symbolicate.verdicts import Verdict
from tests.sourcemaps.encode import Segment
from tests.symbolicate.world import SCRIPT, map_of
from tests.verdicts.stage import MAX_MAP, Build, Stage, frame_of

Scenario = Callable[[Stage], str]
"""Uploads, deploys and fails; the event's id."""


def _resolved(stage: Stage) -> str:
    return stage.throw(stage.upload(Build("resolved")))


def _no_source_content(stage: Stage) -> str:
    return stage.throw(stage.upload(Build("bare", source_map=map_of(contents=[]))))


def _suspicious(stage: Stage) -> str:
    thrown = SCRIPT.index("throw")
    into_a_word: list[list[Segment]] = [[(0, 0, 2, 7), (thrown, 0, 4, 6), (59, 0, 6, 1)]]
    return stage.throw(stage.upload(Build("doubtful", source_map=map_of(into_a_word))))


def _original(stage: Stage) -> str:
    frame = frame_of(Build("x"), abs_path="/srv/src/pay.ts", filename="/srv/src/pay.ts")
    return stage.send(frame, [], platform="node")


def _built_in(stage: Stage) -> str:
    frame = frame_of(Build("x"), abs_path="node:internal/timers", filename="node:internal/timers")
    return stage.send(frame, [], platform="node")


def _third_party(stage: Stage) -> str:
    address = "https://www.googletagmanager.com/gtm.js"
    return stage.send(frame_of(Build("x"), abs_path=address, filename=address), [])


def _pending(stage: Stage) -> str:
    return stage.throw(Build("soon"), timedelta())


def _no_image(stage: Stage) -> str:
    return stage.throw(Build("nameless", has_id=False))


def _debug_id(stage: Stage) -> str:
    return stage.throw(Build("forgotten"))


def _other_project(stage: Stage) -> str:
    return stage.throw(stage.upload(Build("misled"), project=stage.blog))


def _release(stage: Stage) -> str:
    return stage.throw(Build("unreleased", has_id=False), release="never-uploaded")


def _url(stage: Stage) -> str:
    stage.upload(Build("checkout", has_id=False), "url-1")
    return stage.throw(Build("missing", has_id=False), release="url-1")


def _expired(stage: Stage) -> str:
    build = stage.upload(Build("old"))
    stage.grow_old(build)
    return stage.throw(build)


def _deleted(stage: Stage) -> str:
    build = stage.upload(Build("removed"), "deleted-1")
    stage.delete_release("deleted-1")
    return stage.throw(build)


def _map_missing(stage: Stage) -> str:
    return stage.throw(stage.upload(Build("mapless", source_map="")))


def _minified_only(stage: Stage) -> str:
    return stage.throw(stage.upload(Build("only", source_map="", refers=False)))


def _id_conflict(stage: Stage) -> str:
    stage.upload(Build("twins", script="", source_map=map_of([[(0, 0, 0, 0)]])))
    return stage.throw(stage.upload(Build("twins", script="")))


def _ambiguous(stage: Stage) -> str:
    one = Build("same", script="", source_map=map_of([[(0, 0, 0, 0)]]), has_id=False)
    other = Build("same", script="", has_id=False)
    for build in (one, other):
        stage.upload(build, "ambiguous-1")
    return stage.throw(other, release="ambiguous-1")


def _out_of_range(stage: Stage) -> str:
    return stage.throw(stage.upload(Build("short")), frame={"lineno": 4000})


def _unmapped(stage: Stage) -> str:
    late = map_of([[(40, 0, 4, 4)]])
    return stage.throw(stage.upload(Build("late", source_map=late)), frame={"colno": 3})


def _no_column(stage: Stage) -> str:
    return stage.throw(stage.upload(Build("columnless")), frame={"colno": None})


def _no_position(stage: Stage) -> str:
    nowhere = {"lineno": None, "colno": None}
    return stage.throw(stage.upload(Build("nowhere")), frame=nowhere)


def _malformed(stage: Stage) -> str:
    page = "<!doctype html><title>Not found</title>"
    return stage.throw(stage.upload(Build("page", source_map=page)))


def _over_limit(stage: Stage) -> str:
    large = map_of(contents=["x" * MAX_MAP])
    return stage.throw(stage.upload(Build("large", source_map=large)))


def _unreadable(stage: Stage) -> str:
    build = stage.upload(Build("lost", source_map=map_of(file="lost.js")))
    stage.lose(build)
    return stage.throw(build)


SCENARIOS: Final[Mapping[Verdict, Scenario]] = {
    Verdict.RESOLVED: _resolved,
    Verdict.NO_SOURCE_CONTENT: _no_source_content,
    Verdict.SUSPICIOUS_MAPPING: _suspicious,
    Verdict.ALREADY_ORIGINAL: _original,
    Verdict.BUILT_IN: _built_in,
    Verdict.THIRD_PARTY: _third_party,
    Verdict.PENDING_UPLOAD: _pending,
    Verdict.NO_IMAGE_FOR_FRAME: _no_image,
    Verdict.DEBUG_ID_NOT_UPLOADED: _debug_id,
    Verdict.UPLOADED_TO_OTHER_PROJECT: _other_project,
    Verdict.RELEASE_NOT_UPLOADED: _release,
    Verdict.URL_NOT_UPLOADED: _url,
    Verdict.EXPIRED: _expired,
    Verdict.DELETED: _deleted,
    Verdict.MAP_MISSING_IN_BUNDLE: _map_missing,
    Verdict.MINIFIED_FILE_ONLY: _minified_only,
    Verdict.ID_CONFLICT: _id_conflict,
    Verdict.AMBIGUOUS_BY_URL: _ambiguous,
    Verdict.POSITION_OUT_OF_RANGE: _out_of_range,
    Verdict.POSITION_UNMAPPED: _unmapped,
    Verdict.NO_COLUMN: _no_column,
    Verdict.NO_POSITION: _no_position,
    Verdict.MALFORMED_MAP: _malformed,
    Verdict.LIMIT_EXCEEDED: _over_limit,
    Verdict.STORAGE_READ_FAILED: _unreadable,
}
