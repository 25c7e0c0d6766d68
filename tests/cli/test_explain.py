"""`headwater explain` shows the verdicts that are stored, from the database or from a server."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from headwater.protocol.bundle import ArtifactType
from headwater.protocol.circumstances import Circumstances
from headwater.protocol.event_json import parse_event
from headwater.server.web.event.view import event_view
from headwater.symbolicate.resolution import Resolution
from tests.event_side import DEBUG_ID, EventSide, minified_event, source_map
from tests.upload_side import serving

A, B = "a" * 32, "b" * 32


def explain(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headwater", "explain", *arguments],
        env={"PATH": os.environ["PATH"], "HEADWATER_DATA_DIR": str(folder), **environment},
        check=False,
        capture_output=True,
        text=True,
    )


def test_each_frame_is_named_with_its_verdict_and_each_reason_once(
    events_side: EventSide,
) -> None:
    event = minified_event(A, release="1.0", dist="a\x1b[2J")
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    frames.append({**frames[0], "function": "u\x1b[31m"})
    events_side.digest(event)

    done = explain(events_side.folder, A.upper())

    assert done.returncode == 0, done.stderr
    assert f"Event {A}, release 1.0, dist a\ufffd[2J, 1 debug images" in done.stdout
    assert "https://h/app-5f3c9a1b.js:1:10  debug_id_not_uploaded" in done.stdout
    assert "0 of 2 minified frames resolved." in done.stdout
    assert done.stdout.count("  → ") == 1
    assert f"  debug id {DEBUG_ID}" in done.stdout
    assert "\x1b" not in done.stdout


def test_lines_to_paste_name_the_instance_and_the_project(events_side: EventSide) -> None:
    events_side.digest(minified_event(A))

    done = explain(events_side.folder, A, "--json", PUBLIC_URL="https://errors.shop.example")

    for lines in json.loads(done.stdout)["remedies"].values():
        code = "\n".join(each["code"] for each in lines)
        assert "'https://errors.shop.example'" in code
        assert "project: 'any'" not in code


def test_a_heading_says_whose_frames_follow_and_no_more(events_side: EventSide) -> None:
    stack = "\n    at t (https://h/app-5f3c9a1b.js:1:10)"
    event = minified_event(A, contexts={"react": {"componentStack": stack}})
    event["exception"]["values"][0]["type"] = "Error\x1b[31m"
    events_side.digest(event)

    done = explain(events_side.folder, A)

    assert "\nError\ufffd[31m\n" in done.stdout
    assert "\nComponent stack\n  t " in done.stdout
    assert "\x1b" not in done.stdout


def test_elements_of_a_component_stack_are_left_out(events_side: EventSide) -> None:
    event = minified_event(A)
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    of_react = [{"filename": "b", "function": "?", "in_app": True}, *frames]
    linked = {"type": "React ErrorBoundary Error", "stacktrace": {"frames": of_react}}
    event["exception"]["values"].insert(0, linked)
    events_side.digest(event)

    done = explain(events_side.folder, A)
    told = json.loads(explain(events_side.folder, A, "--json").stdout)

    assert " b\n" not in done.stdout
    assert [each["index"] for each in told["stacktraces"][0]["frames"]] == [1]


def test_frames_are_counted_as_on_the_page(events_side: EventSide) -> None:
    events_side.maps.add(ArtifactType.SOURCE_MAP, "~/app.js.map", source_map(), DEBUG_ID)
    event = minified_event(A)
    frames = event["exception"]["values"][0]["stacktrace"]["frames"]
    lost = {**frames[0], "abs_path": "https://h/lost-5f3c9a1b.js", "in_app": True}
    frames[:] = [{**lost, "in_app": False}, lost, lost, {**frames[0], "in_app": True}]
    events_side.digest(event)

    done = explain(events_side.folder, A)
    stored = events_side.stored(A)
    resolution = msgspec.json.decode(stored.resolution, type=Resolution)
    parsed = parse_event(stored.payload, stored.received_at)
    banner = event_view(parsed, resolution, Circumstances()).banner

    assert "1 of 3 minified frames of your own code resolved." in done.stdout
    assert banner is not None
    assert (banner.unresolved, banner.of) == (2, 3)


def test_doubtful_frames_are_marked_counted_and_explained(events_side: EventSide) -> None:
    other = "11111111-2222-3333-4444-555555555555"
    events_side.maps.add(
        ArtifactType.SOURCE_MAP, "~/app-5f3c9a1b.js.map", source_map(), other, release="1.0"
    )
    events_side.digest(minified_event(A, release="1.0"))

    done = explain(events_side.folder, A)

    assert "src/cart.ts:2:3  suspicious_mapping" in done.stdout
    assert "1 of 1 minified frames resolved, 1 of them doubtfully." in done.stdout
    assert "\nsuspicious_mapping: The source map leads here, but" in done.stdout
    assert "  The bundle was built twice: " in done.stdout


def test_a_server_answers_the_same_as_its_database(events_side: EventSide) -> None:
    events_side.maps.add(ArtifactType.SOURCE_MAP, "~/app.js.map", source_map(), DEBUG_ID)
    events_side.digest(minified_event(A))
    token = events_side.token(1)["Authorization"].removeprefix("Bearer ")

    local = explain(events_side.folder, A, "--json")
    with serving(events_side.app.routes) as origin:
        remote = explain(
            events_side.folder, A, "--json", SENTRY_URL=origin, SENTRY_AUTH_TOKEN=token
        )

    assert json.loads(remote.stdout) == json.loads(local.stdout)
    assert json.loads(local.stdout)["summary"] == {"resolved": 1}


def test_what_is_not_there_ends_with_a_sentence(events_side: EventSide) -> None:
    token = events_side.token(2)["Authorization"].removeprefix("Bearer ")
    events_side.digest(minified_event(A))

    absent = explain(events_side.folder, B)
    nonsense = explain(events_side.folder, "nonsense")
    with serving(events_side.app.routes) as origin:
        foreign = explain(events_side.folder, A, "--url", origin, "--token", token)

    assert (absent.returncode, nonsense.returncode, foreign.returncode) == (1, 1, 1)
    assert f"There is no event {B}" in absent.stderr
    assert "'nonsense' is no event id" in nonsense.stderr
    assert f"There is no event '{A}' in this project" in foreign.stderr
