"""`headwater check` tells a build whether what it uploaded, and what is deployed, would resolve."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from headwater.artifacts.known import KnownArtifacts
from headwater.artifacts.lookup import StoredSourceMaps
from headwater.artifacts.surroundings import Missed, StoredSurroundings
from headwater.cli import program
from headwater.cli.check.fetch import Fetcher, NotFetched
from headwater.server.api.sourcemap_summary import SourcemapSummaryDoor
from headwater.server.auth import TokenGuard
from headwater.storage.uploads.near_misses import NearMisses
from tests.artifacts.lint import bundles as words
from tests.cli.site import site
from tests.upload_side import DEBUG_ID, MAP, UploadSide, bundle_of, manifest_of, pair, serving

OTHER = "11111111-2222-3333-4444-555555555555"


def script(snippet: str = "", comment: str = "", reference: str = "app.js.map") -> bytes:
    """A minified file that says a debug id while it runs, in its comment, in both or not at all."""
    lines = [
        f'!function(){{e._sentryDebugIds[n]="{snippet}"}}();' if snippet else "",
        "throw new Error('boom')",
        f"//# debugId={comment}" if comment else "",
        f"//# sourceMappingURL={reference}" if reference else "",
    ]
    return "\n".join(line for line in lines if line).encode()


@dataclass
class Gate:
    """A server with a project, a token for it, and the command that asks it."""

    side: UploadSide
    origin: str
    project: int
    token: str

    def check(self, *words: str, code: int, token: str = "") -> str:
        """What is printed."""
        server = ("--server", self.origin, "--token", token or self.token)
        result = CliRunner().invoke(program, ["check", *words, *server])
        assert result.exit_code == code, result.output
        return result.output

    def json(self, *words: str, code: int) -> Any:
        """What is printed with --json."""
        return json.loads(self.check(*words, "--json", code=code))

    def upload(self, bundle: bytes, version: str | None = None, dist: str | None = None) -> None:
        """Send and assemble it."""
        self.side.put_chunks(self.project, bundle)
        answer = self.side.assemble(self.project, bundle, version, dist)
        assert answer.state == "ok", answer.detail


@pytest.fixture
def gate(side: UploadSide) -> Iterator[Gate]:
    project = side.project("Shop")
    guard = TokenGuard(side.tokens, side.projects)
    known = KnownArtifacts(side.artifacts, NearMisses(side.database), side.former)

    def view_of(project_id: int) -> tuple[StoredSourceMaps, StoredSurroundings]:
        around = StoredSurroundings(project_id, known, Missed(timedelta()))
        return side.maps_of(project_id), around

    door = SourcemapSummaryDoor(guard, side.projects, side.database, view_of)
    with serving([*door.routes(), *side.routes()]) as origin:
        yield Gate(side, origin, project.id, side.token(project.id))


def test_a_release_whose_files_have_maps_is_fine(gate: Gate) -> None:
    gate.upload(pair(), "shop@1.0")

    shown = gate.check("--release", "shop@1.0", code=0)

    assert "Release shop@1.0: 1 upload, 1 minified file, 1 source map." in shown
    assert "1 of 1 files checked would resolve." in shown


def test_a_release_that_nothing_was_uploaded_for_is_not(gate: Gate) -> None:
    gate.upload(pair(), "shop@1.0")

    assert "Nothing was uploaded for it" in gate.check("--release", "shop@1.1", code=1)
    assert "dist 7" in gate.check("--release", "shop@1.0", "--dist", "7", code=1)


def test_two_builds_at_the_same_address_are_looked_up_each_by_its_own_id(gate: Gate) -> None:
    gate.upload(pair(), version="1.0")
    files = {"app.js": script(OTHER, reference=""), "sound.js": script(), "sound.js.map": MAP}
    described: dict[str, dict[str, object]] = {
        "app.js": {
            "type": "minified_source",
            "url": "~/app.js",
            "headers": {"debug-id": OTHER, "sourcemap": "nowhere.js.map"},
        },
        "sound.js": {"type": "minified_source", "url": "~/sound.js"},
        "sound.js.map": {"type": "source_map", "url": "~/sound.js.map"},
    }
    gate.upload(bundle_of(files, manifest_of(described)), version="1.0")

    summary = gate.json("--release", "1.0", code=1)["summary"]

    found = {each["debugId"]: each for each in summary["files"]}
    assert found[DEBUG_ID]["verdict"] == "resolved"
    assert found[OTHER]["verdict"] == "suspicious_mapping"
    assert not found[OTHER]["isResolvable"]
    assert "built twice" in found[OTHER]["near"][0]
    assert summary["notChecked"] == 0


def test_maps_of_one_debug_id_that_lead_to_different_places_are_a_conflict(gate: Gate) -> None:
    gate.upload(pair(script=script(DEBUG_ID)), "shop@1.0")
    changed = MAP.replace(b"AAAA", b"AACA")
    gate.upload(pair(source_map=changed, script=script(DEBUG_ID)), "shop@1.0")
    pages = {"/": b'<script src="/app.js"></script>', "/app.js": script(DEBUG_ID)}

    with site(pages) as app:
        found = gate.json("--release", "shop@1.0", "--url", app, code=1)

    assert found["summary"]["files"][0]["verdict"] == "id_conflict"
    assert found["page"]["scripts"][0]["said"] == "id_conflict"


def test_of_two_files_with_one_debug_id_the_deployed_one_decides(gate: Gate) -> None:
    other = b"/* more */" + script(DEBUG_ID)
    gate.upload(pair(script=script(DEBUG_ID)))
    gate.upload(pair(source_map=MAP.replace(b"AAAA", b"UAAA"), script=other))
    pages = {"/": b'<script src="/app.js"></script>', "/app.js": other}

    with site(pages) as app:
        gate.check("--release", "shop@1.0", "--url", app, code=0)


def test_maps_that_lead_to_the_same_places_are_none(gate: Gate) -> None:
    gate.upload(pair(), "shop@1.0")
    commented = MAP.replace(b"boom')\\n", b"boom')\\n// more\\n")
    assert commented != MAP
    gate.upload(pair(source_map=commented), "shop@1.0")

    gate.check("--release", "shop@1.0", code=0)


def test_a_file_that_was_changed_after_its_upload_fails(gate: Gate) -> None:
    gate.upload(pair(script=script(DEBUG_ID)))
    pages = {
        "/": b'<script src="/app.js"></script>',
        "/app.js": b"/* banner */\n" + script(DEBUG_ID),
    }

    with site(pages) as app:
        shown = gate.check("--release", "shop@1.0", "--url", app, code=1)

    assert f"FAIL     {app}/app.js  position_out_of_range" in shown
    assert "the deployed file's code is not that of the uploaded one" in shown


def test_comments_for_tools_make_no_other_file(gate: Gate) -> None:
    gate.upload(pair(script=script(DEBUG_ID, comment=DEBUG_ID) + b"\n"))
    pages = {"/": b'<script src="/app.js"></script>', "/app.js": script(DEBUG_ID, reference="")}

    with site(pages) as app:
        gate.check("--release", "shop@1.0", "--url", app, code=0)


def test_of_a_file_that_was_injected_twice_the_last_debug_id_counts(gate: Gate) -> None:
    twice = f'!function(){{e._sentryDebugIds[n]="{DEBUG_ID}"}}();\n'.encode() + script(OTHER)
    gate.upload(pair(script=twice))
    pages = {"/": b'<script src="/app.js"></script>', "/app.js": twice}

    with site(pages) as app:
        shown = gate.check("--release", "shop@1.0", "--url", app, code=1)

    assert f"FAIL     {app}/app.js  debug_id_not_uploaded" in shown
    assert "the file has 2 debug ids, of which events carry the last" in shown


def test_a_map_that_was_found_not_to_fit_its_file_fails(gate: Gate) -> None:
    changed = b"/* licence */\n" + words.script()
    files = {"app.js": changed, "app.js.map": words.source_map()}
    gate.upload(words.bundle(files), "shop@1.0")

    (file,) = gate.json("--release", "shop@1.0", code=1)["summary"]["files"]

    assert file["verdict"] == "suspicious_mapping"
    assert file["detail"].startswith("Of 40 mappings that were compared")


def test_a_deployed_page_is_read_and_each_of_its_scripts_looked_up(gate: Gate) -> None:
    gate.upload(pair(script=script(DEBUG_ID)))
    pages = {
        "/": b'<base href="/static/"><script src="app.js"></script><link rel=modulepreload href="b.js">',
        "/static/app.js": script(DEBUG_ID),
        "/static/b.js": script(OTHER),
    }

    with site(pages) as app:
        shown = gate.check("--release", "shop@1.0", "--url", f"{app}/", code=1)
        ignoring = ("--release", "shop@1.0", "--url", app, "--ignore", "*/b.js")
        assert gate.json(*ignoring, code=0)["page"]["isOk"]

    assert "2 of 2 scripts checked, 1 would resolve." in shown
    assert f"ok       {app}/static/app.js  debug id {DEBUG_ID}" in shown
    assert f"FAIL     {app}/static/b.js  debug_id_not_uploaded" in shown
    assert "\ndebug_id_not_uploaded: The event names" in shown
    assert "\n  → " in shown


def test_a_bundle_that_was_built_twice_is_called_so(gate: Gate) -> None:
    head = {"debug-id": DEBUG_ID}
    files = {
        "app-1a2b3c4d.js": {"type": "minified_source", "url": "~/app-1a2b3c4d.js", "headers": head},
        "app-1a2b3c4d.js.map": {
            "type": "source_map",
            "url": "~/app-1a2b3c4d.js.map",
            "headers": head,
        },
    }
    content = dict(zip(files, (script(DEBUG_ID), MAP), strict=True))
    gate.upload(bundle_of(content, manifest_of(files)), "shop@1.0")
    pages = {"/": b'<script src="/app-9f8e7d6c.js"></script>', "/app-9f8e7d6c.js": script(OTHER)}

    with site(pages) as app:
        shown = gate.check("--release", "shop@1.0", "--url", app, code=1)

    assert "The bundle was built twice: `app-1a2b3c4d.js` was uploaded for this release" in shown


def test_files_without_debug_ids_are_found_by_release_and_address(gate: Gate) -> None:
    gate.upload(pair(debug_id=None), "shop@1.0", "7")
    pages = {"/": b'<script src="/app.js"></script>', "/app.js": script()}

    with site(pages) as app:
        same = gate.json("--release", "shop@1.0", "--dist", "7", "--url", app, code=0)
        other = gate.json("--release", "shop@1.0", "--url", app, code=1)

    assert same["page"]["scripts"][0]["said"] == "by release and address"
    assert other["page"]["scripts"][0]["answer"]["verdict"] == "release_not_uploaded"


def test_a_debug_id_that_stands_in_a_comment_only_is_none(gate: Gate) -> None:
    gate.upload(pair(script=script(DEBUG_ID)))
    pages = {"/": b'<script src="/main.js"></script>', "/main.js": script(comment=DEBUG_ID)}

    with site(pages) as app:
        shown = gate.check("--release", "shop@1.0", "--url", app, code=1)

    assert f"debug id {DEBUG_ID} stands in a comment only" in shown


def test_maps_that_everybody_can_read_are_a_warning(gate: Gate) -> None:
    gate.upload(pair(script=script(DEBUG_ID)))
    pages = {
        "/": b'<script src="/app.js"></script>',
        "/app.js": script(DEBUG_ID),
        "/app.js.map": MAP,
    }

    with site(pages) as app:
        shown = gate.check("--release", "shop@1.0", "--url", app, code=0)

    assert f"WARN     {app}/app.js.map is public, with the text of your sources in it." in shown
    assert "filesToDeleteAfterUpload" in shown


def test_other_hosts_scripts_and_those_that_are_gone(gate: Gate) -> None:
    gate.upload(pair(script=script(DEBUG_ID)))
    with site({"/tag.js": b"tag()"}) as elsewhere:
        html = f'<script src="/app.js"></script><script src="{elsewhere}/tag.js"></script>'
        pages = {
            "/": f'{html}<script src="/gone.js"></script>'.encode(),
            "/app.js": script(DEBUG_ID),
        }
        with site(pages) as app:
            page = gate.json("--release", "shop@1.0", "--url", app, code=1)["page"]

    marks = {
        each["url"].rpartition("/")[2]: (each["mark"], each["said"]) for each in page["scripts"]
    }
    assert marks["app.js"][0] == "ok"
    assert marks["tag.js"] == ("skipped", "another host's, without debug id")
    assert marks["gone.js"] == ("FAIL", "it answered 404")
    assert (page["named"], page["checked"], page["resolvable"]) == (3, 1, 1)


def test_what_it_can_t_ask_ends_with_a_sentence(gate: Gate) -> None:
    with site({"/": "/", "/x": b""}) as app:
        assert "names no script" in gate.check("--release", "1", "--url", f"{app}/x", code=1)
        assert "redirects more than 5 times" in gate.check("--release", "1", "--url", app, code=1)
        assert "answered 404" in gate.check("--release", "1", "--url", f"{app}/y", code=1)
    assert "is not known here" in gate.check("--release", "1", code=1, token="f" * 64)
    everywhere = gate.side.token(None)
    named = gate.check("--release", "1", code=1, token=everywhere)
    assert "There is: shop. `headwater check` is told it with --project or SENTRY_PROJECT." in named


def test_a_public_page_does_not_lead_into_a_private_network() -> None:
    for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]"):
        with pytest.raises(NotFetched, match="is not public"):
            Fetcher().get(f"http://{address}:9/", 100)
    with pytest.raises(NotFetched, match="no http or https address"):
        Fetcher().get("file:///etc/passwd", 100)


def test_what_a_page_answers_can_t_break_off_the_check() -> None:
    fetcher = Fetcher(allows_private=True)
    with site({"/odd": "http://[", "/packed.js": gzip.compress(script(DEBUG_ID))}) as app:
        with pytest.raises(NotFetched, match="no address"):
            fetcher.get(f"{app}/odd", 100)
        with pytest.raises(NotFetched, match="packed as gzip"):
            fetcher.get(f"{app}/packed.js", 1_000)
    with pytest.raises(NotFetched, match="no http or https address"):
        fetcher.get("http://[", 100)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"[]", "Expected"),
        (b'{"files": [{"url": "/a.js", "debugIds": ["x"]}]}', "'x' is no debug id"),
        (json.dumps({"files": [{"url": "/a.js"}] * 501}).encode(), "501 files are more than"),
        (json.dumps({"files": [{"url": "x" * 2001}]}).encode(), "at most 2000 characters"),
        (b'{"files": [{"url": "\\ud800"}]}', "Expected"),
    ],
)
def test_a_question_that_can_t_be_read_says_what_was_expected(
    gate: Gate, body: bytes, complaint: str
) -> None:
    answer = httpx.post(
        f"{gate.origin}/api/0/projects/any/any/releases/1/sourcemaps/summary/",
        content=body,
        headers={"Authorization": f"Bearer {gate.token}"},
    )

    assert answer.status_code == 400
    assert complaint in answer.json()["detail"]
