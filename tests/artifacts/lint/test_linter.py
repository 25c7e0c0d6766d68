"""What is found wrong with a bundle when it is assembled, and kept with it."""

import hashlib
import json

import pytest
from msgspec.structs import replace

from headwater.artifacts.compilers import Compilers
from headwater.artifacts.facts.of_script import script_facts
from headwater.artifacts.inspection import Inspector
from headwater.artifacts.lint.findings import MAX_OF_CHECK, RULES, Check, Level, read_report
from headwater.artifacts.lint.linter import MAX_LISTS, Linter
from headwater.artifacts.members import Member
from headwater.artifacts.opened import OpenedMaps
from headwater.protocol.bundle import ArtifactType
from headwater.protocol.chunks import AssembleRequest, AssembleState, Sha1
from headwater.protocol.manifest import Manifest
from headwater.storage.page import PageRequest
from headwater.storage.uploads.artifact import NewFile
from headwater.storage.uploads.bundle_pages import BundlePages
from tests.artifacts.lint.bundles import (
    SNIPPET,
    SOURCE,
    WORDS,
    bundle,
    code,
    linted,
    only,
    script,
    source_map,
)
from tests.upload_side import DEBUG_ID, NOW, UploadSide, bundle_of, cut, manifest_of, sha1_of

OTHER_ID = "11111111-2222-4333-8444-555555555555"


def test_a_sound_bundle_has_no_findings(side: UploadSide) -> None:
    report = linted(side, bundle({"app.js": script(), "app.js.map": source_map()}))

    assert report.findings == ()
    assert report.totals == {}


def test_a_map_that_was_made_before_a_line_was_put_in_front_does_not_fit(side: UploadSide) -> None:
    changed = b"/* licence */\n" + script()

    report = linted(side, bundle({"app.js": changed, "app.js.map": source_map()}))

    finding = only(report)
    assert (finding.check, finding.file) == (Check.MAPPINGS_MISFIT, "~/app.js")
    assert finding.evidence.startswith("Of 40 mappings that were compared")
    assert report.count(Level.ERROR) == 1


def test_a_map_that_was_made_before_another_minifier_ran_does_not_fit(side: UploadSide) -> None:
    shorter = script(body=code([f"w{number}" for number in range(len(WORDS))]))

    report = linted(side, bundle({"app.js": shorter, "app.js.map": source_map()}))

    assert only(report).check is Check.MAPPINGS_MISFIT


def test_a_comment_without_the_lines_for_the_sdk_is_told(side: UploadSide) -> None:
    bare = script(snippet="")

    report = linted(side, bundle({"app.js": bare, "app.js.map": source_map(line=0)}))

    finding = only(report)
    assert finding.check is Check.SNIPPET_MISSING
    assert finding.evidence == f"{DEBUG_ID} is in its comment only."


def test_an_id_that_only_the_upload_knows_is_told(side: UploadSide) -> None:
    files = {"app.js": script(None), "app.js.map": source_map(None, line=0)}

    assert only(linted(side, bundle(files))).check is Check.SNIPPET_MISSING


def test_a_minifier_may_change_the_lines_for_the_sdk(side: UploadSide) -> None:
    changed = script(snippet=f"try{{t._sentryDebugIds[r]=`{DEBUG_ID.upper()}`}}catch{{}}\n")

    assert linted(side, bundle({"app.js": changed, "app.js.map": source_map()})).findings == ()


def test_hermes_bytecode_is_not_searched_for_them(side: UploadSide) -> None:
    bytecode = bytes.fromhex("c61fbc03c103191f") + bytes(100)

    report = linted(side, bundle({"app.js": bytecode, "app.js.map": source_map()}))

    assert report.findings == ()


def test_different_ids_in_file_and_map_are_told(side: UploadSide) -> None:
    files = {"app.js": script(), "app.js.map": source_map(OTHER_ID)}

    finding = only(linted(side, bundle(files, {"app.js.map": OTHER_ID})))

    assert finding.check is Check.DEBUG_IDS_DIFFER
    assert finding.evidence == f"The file has {DEBUG_ID}, its map {OTHER_ID}."


def test_files_that_were_joined_after_injecting_have_several_ids(side: UploadSide) -> None:
    joined = script() + SNIPPET.format(OTHER_ID).encode()

    finding = only(linted(side, bundle({"app.js": joined, "app.js.map": source_map()})))

    assert finding.check is Check.SEVERAL_DEBUG_IDS
    assert finding.evidence == f"It has {DEBUG_ID} and {OTHER_ID}."


def test_one_id_for_two_files_is_told(side: UploadSide) -> None:
    files = {
        "one.js": script(name="one.js"),
        "one.js.map": source_map(),
        "two.js": script(name="two.js", body=code() + "more();"),
        "two.js.map": source_map(),
    }

    finding = only(linted(side, bundle(files)))

    assert finding.check is Check.DEBUG_ID_SHARED
    assert "~/one.js" in finding.evidence
    assert "~/two.js" in finding.evidence


def test_the_same_file_under_two_names_is_fine(side: UploadSide) -> None:
    files = {
        "one.js": script(),
        "one.js.map": source_map(),
        "two.js": script(),
        "two.js.map": source_map(),
    }

    assert linted(side, bundle(files)).findings == ()


def test_an_id_that_another_map_had_is_told(side: UploadSide) -> None:
    linted(side, bundle({"app.js": script(), "app.js.map": source_map()}))
    changed = source_map(sourcesContent=["// changed\n" + SOURCE.partition("\n")[2]])

    report = linted(side, bundle({"app.js": script(), "app.js.map": changed}))

    finding = only(report)
    assert finding.check is Check.DEBUG_ID_REUSED
    assert "~/app.js.map, uploaded 2026-11-22 12:00 UTC" in finding.evidence


def test_a_map_that_another_client_wrote_differently_is_the_same(side: UploadSide) -> None:
    linted(side, bundle({"app.js": script(), "app.js.map": source_map()}))
    rewritten = json.dumps(json.loads(source_map()), indent=1).encode()

    report = linted(side, bundle({"app.js": script(), "app.js.map": rewritten}))

    assert report.findings == ()


def test_an_id_of_another_project_is_its_own_affair(side: UploadSide) -> None:
    shop, blog = side.project("Shop").id, side.project("Blog").id
    linted(side, bundle({"app.js": script(), "app.js.map": source_map()}), home=shop)
    changed = source_map(sourcesContent=["// changed\n" + SOURCE.partition("\n")[2]])

    report = linted(side, bundle({"app.js": script(), "app.js.map": changed}), home=blog)

    assert report.findings == ()


def test_the_same_build_uploaded_again_is_fine(side: UploadSide) -> None:
    first = bundle({"app.js": script(), "app.js.map": source_map()})
    linted(side, first)
    more = {"b.js": script(None, name="b.js"), "b.js.map": source_map(None, line=0)}
    again = bundle(
        {"app.js": script(), "app.js.map": source_map(), **more}, {"b.js": None, "b.js.map": None}
    )

    assert linted(side, again).findings == ()


def test_a_map_that_was_left_out_is_told(side: UploadSide) -> None:
    files = {"app.js": script(), "app.js.map": source_map(), "b.js": script(OTHER_ID, name="b.js")}
    described = {
        path: {
            "type": "source_map" if path.endswith(".map") else "minified_source",
            "url": f"~/{path}",
            "headers": {"debug-id": OTHER_ID if path == "b.js" else DEBUG_ID},
        }
        for path in files
    }
    described["b.js"]["headers"] = {"debug-id": OTHER_ID, "sourcemap": "b.js.map"}

    finding = only(linted(side, bundle_of(files, manifest_of(described))))

    assert finding.check is Check.MAP_NOT_THERE
    assert (finding.file, finding.evidence) == ("~/b.js", "It names ~/b.js.map.")


def test_a_map_that_came_before_is_not_missed(side: UploadSide) -> None:
    linted(side, bundle({"app.js.map": source_map()}))

    report = linted(side, bundle({"app.js": script()}))

    assert report.findings == ()


def test_a_file_that_names_no_map_is_noted(side: UploadSide) -> None:
    files = {"app.js": script(), "app.js.map": source_map(), "b.js": b"b()"}

    report = linted(side, bundle(files, {"b.js": None}))

    assert only(report).check is Check.NO_MAP_NAMED
    assert (report.count(Level.WARNING), report.count(Level.NOTE)) == (0, 1)


def test_a_map_without_its_file_is_noted(side: UploadSide) -> None:
    assert only(linted(side, bundle({"app.js.map": source_map()}))).check is Check.SCRIPT_NOT_THERE


def test_an_empty_map_is_told(side: UploadSide) -> None:
    empty = source_map(OTHER_ID, mappings="", sources=[], sourcesContent=[])
    files = {
        "app.js": script(),
        "app.js.map": source_map(),
        "b.js": script(OTHER_ID, name="b.js"),
        "b.js.map": empty,
    }

    report = linted(side, bundle(files, {"b.js": OTHER_ID, "b.js.map": OTHER_ID}))

    assert (only(report).check, only(report).file) == (Check.MAP_EMPTY, "~/b.js.map")


def test_nothing_but_empty_maps_is_an_error_with_its_reason(side: UploadSide) -> None:
    empty = source_map(mappings="", sources=[], sourcesContent=[])

    answer = side.upload(None, bundle({"app.js": script(), "app.js.map": empty}))

    assert answer.state is AssembleState.ERROR
    assert answer.detail is not None
    assert "its source map maps nothing" in answer.detail


def test_a_map_without_source_text_is_told_with_every_bundlers_switch(side: UploadSide) -> None:
    bare = source_map(sourcesContent=())

    finding = only(linted(side, bundle({"app.js": script(), "app.js.map": bare})))

    assert (finding.check, finding.evidence) == (Check.NO_SOURCE_TEXT, "It has 1 source.")
    for switch in ("devtool", "sourcemapExcludeSources", "sourcesContent: true", "inlineSources"):
        assert switch in finding.rule.remedy


def test_sources_without_text_are_named(side: UploadSide) -> None:
    some = source_map(sources=["../src/app.ts", "lib.ts"], sourcesContent=[SOURCE, None])

    finding = only(linted(side, bundle({"app.js": script(), "app.js.map": some})))

    assert finding.check is Check.SOME_SOURCE_TEXT_MISSING
    assert finding.evidence == "1 source without text: lib.ts."


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/ada/shop/src/app.ts", Check.PRIVATE_PATHS),
        ("/Users/ada/shop/src/app.ts", Check.PRIVATE_PATHS),
        ("file:///C:/Users/Ada/src/app.ts", Check.PRIVATE_PATHS),
        ("C:\\Users\\Ada\\src\\app.ts", Check.PRIVATE_PATHS),
        ("webpack:///home/ada/app.ts", Check.PRIVATE_PATHS),
        ("/home/runner/work/shop/src/app.ts", Check.ABSOLUTE_PATHS),
        ("/builds/shop/src/app.ts", Check.ABSOLUTE_PATHS),
        ("webpack://shop/./src/app.ts", None),
        ("webpack://shop/./src/home/ada/app.ts", None),
        ("../../home/ada/app.ts", None),
        ("/src/home/Users/x.ts", None),
    ],
)
def test_paths_of_a_machine_are_told(side: UploadSide, path: str, expected: Check | None) -> None:
    named = source_map(sources=[path])

    report = linted(side, bundle({"app.js": script(), "app.js.map": named}))

    assert list(report.totals) == ([] if expected is None else [expected])


def test_what_departs_from_the_standard_is_noted(side: UploadSide) -> None:
    odd = source_map(names=[7])

    finding = only(linted(side, bundle({"app.js": script(), "app.js.map": odd})))

    assert finding.check is Check.NOT_VALID
    assert "names" in finding.evidence


def test_files_that_cant_be_used_are_errors(side: UploadSide) -> None:
    files = {
        "app.js": script(),
        "app.js.map": source_map(),
        "b.js.map": b"<!doctype html>",
    }

    report = linted(side, bundle(files, {"b.js.map": None}))

    assert report.findings[0].check is Check.UNUSABLE_FILE
    assert (
        report.findings[0].evidence == "It is not a source map (it begins with `<!doctype html>`)."
    )
    assert list(report.totals) == [Check.UNUSABLE_FILE]


@pytest.mark.parametrize("are_parsed", [True, False])
def test_a_script_whose_map_is_a_page_of_html_is_told_so(
    side: UploadSide, *, are_parsed: bool
) -> None:
    linted(side, bundle({"other.js": script(name="other.js"), "other.js.map": source_map()}))
    files = {"app.js": script(), "app.js.map": b"<!doctype html><html>oops"}

    report = linted(side, bundle(files, {"app.js.map": None}, are_parsed=are_parsed))

    page, beside = report.findings
    assert (page.check, page.file) == (Check.UNUSABLE_FILE, "~/app.js.map")
    assert (beside.check, beside.file) == (Check.MAP_UNUSABLE, "~/app.js")
    assert beside.evidence == "It is ~/app.js.map."


def test_a_script_that_names_an_unusable_map_elsewhere_is_told_so(side: UploadSide) -> None:
    named = script(name="maps/a.js")
    files = {"app.js": script(), "app.js.map": source_map(), "b.js": named, "maps/a.js.map": b"<"}
    described = {
        path: {
            "type": "minified_source",
            "url": f"~/{path}",
            "headers": {"sourcemap": "maps/a.js.map"} if path == "b.js" else {},
        }
        for path in files
    }

    report = linted(side, bundle_of(files, manifest_of(described)), "1.0")

    assert (Check.MAP_UNUSABLE, "~/b.js") in [(each.check, each.file) for each in report.findings]


def test_a_refusal_says_which_map_is_none_and_counts_right(side: UploadSide) -> None:
    files = {"a.js": b"a()", "a.js.map": b"<html>", "b.js.map": b'{"version":3}'}

    several = side.upload(None, bundle(files, are_parsed=False))
    alone = side.upload(None, bundle({"a.js.map": b"<html>"}, are_parsed=False))

    assert several.detail is not None
    assert several.detail.endswith(
        "no source map in it is usable: a.js.map is not a source map (it begins with `<html>`);"
        " b.js.map is not a source map (`mappings` must be a string, there is nothing)"
    )
    assert alone.detail is not None
    assert alone.detail.endswith("a.js.map is not a source map (it begins with `<html>`)")


@pytest.mark.parametrize("version", ["undefined", "null", " ", "[object Object]"])
def test_a_release_that_is_a_placeholder_is_told(side: UploadSide, version: str) -> None:
    packed = bundle({"app.js": script(), "app.js.map": source_map()})
    side.put_chunks(None, packed)
    chunks = tuple(sha1_of(chunk) for chunk in cut(packed))
    request = AssembleRequest(Sha1(sha1_of(packed)), chunks, None, None, version)

    side.assembler.assemble(None, None, request, NOW)
    report = linted(side, packed)

    assert only(report).check is Check.RELEASE_IS_A_PLACEHOLDER


def workbox(*entries: tuple[str, str]) -> bytes:
    listed = ",".join(f'{{url:"{url}",revision:"{digest}"}}' for url, digest in entries)
    return f"self.__WB_DISABLE_DEV_LOGS=!0;precacheAndRoute([{listed}],{{}});".encode()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def test_a_service_worker_that_was_made_before_injecting_is_told(side: UploadSide) -> None:
    before = script(None)
    files = {
        "app.js": script(),
        "app.js.map": source_map(),
        "sw.js": workbox(("app.js", md5(before)), ("index.html", md5(b"page"))),
    }

    report = linted(side, bundle(files, {"sw.js": None}))

    assert report.totals == {Check.SERVICE_WORKER_STALE: 1, Check.NO_MAP_NAMED: 1}
    stale = report.findings[0]
    assert (stale.file, stale.evidence) == (
        "~/sw.js",
        "The hashes of app.js are those of other content.",
    )


def test_a_service_worker_with_the_right_hashes_is_fine(side: UploadSide) -> None:
    # The plugin of a bundler writes the comment into the copy that it uploads only.
    deployed = script().removesuffix(f"//# debugId={DEBUG_ID}\n".encode()).removesuffix(b"\n")
    files = {
        "app.js": script(),
        "app.js.map": source_map(),
        "sw.js": workbox(("/app.js?v=1", md5(script()))),
        "sw2.js": workbox(("./app.js", md5(deployed))),
    }

    report = linted(side, bundle(files, {"sw.js": None, "sw2.js": None}))

    assert set(report.totals) == {Check.NO_MAP_NAMED}


def test_angulars_list_is_compared_if_it_is_uploaded(side: UploadSide) -> None:
    listed = {"/app.js": hashlib.sha1(b"before", usedforsecurity=False).hexdigest()}
    files = {
        "app.js": script(),
        "app.js.map": source_map(),
        "ngsw.json": json.dumps({"hashTable": listed}).encode(),
    }
    described = {
        "app.js": ("minified_source", DEBUG_ID),
        "app.js.map": ("source_map", DEBUG_ID),
        "ngsw.json": ("source", ""),
    }
    manifest = manifest_of(
        {
            path: {"type": kind, "url": f"~/{path}", "headers": {"debug-id": debug_id}}
            for path, (kind, debug_id) in described.items()
        }
    )

    finding = only(linted(side, bundle_of(files, manifest)))

    assert (finding.check, finding.file) == (Check.SERVICE_WORKER_STALE, "~/ngsw.json")


def test_service_workers_lists_beyond_a_few_are_not_kept(side: UploadSide) -> None:
    stale = workbox(("app.js", md5(b"before")))
    workers = [f"sw{number}.js" for number in range(MAX_LISTS + 3)]
    files = {"app.js": script(), "app.js.map": source_map(), **dict.fromkeys(workers, stale)}

    report = linted(side, bundle(files, dict.fromkeys(workers)))

    assert report.totals[Check.SERVICE_WORKER_STALE] == MAX_LISTS


def test_many_findings_of_one_kind_are_counted_and_some_kept(side: UploadSide) -> None:
    names = [f"f{number}.js" for number in range(MAX_OF_CHECK + 5)]
    files = {"app.js": script(), "app.js.map": source_map(), **dict.fromkeys(names, b"f()")}

    report = linted(side, bundle(files, dict.fromkeys(names)))

    assert report.totals == {Check.NO_MAP_NAMED: len(names)}
    assert len(report.findings) == MAX_OF_CHECK


def test_what_there_was_no_time_to_look_into_is_told(side: UploadSide) -> None:
    inspector = Inspector(
        side.making,
        OpenedMaps(side.compiled_files, side.compiled),
        Compilers(lambda: side.compiler, limit=1, per_home=1),
    )
    file = NewFile(ArtifactType.MINIFIED_SOURCE, "~/app.js", None, None, "a" * 64, 1)
    members = [Member("app.js", file), Member("b.js", replace(file, url="~/b.js"))]

    linted = Linter(inspector, side.artifacts, -1).lint(
        None, sha1_of(b""), Manifest(()), members, None
    )

    finding = only(linted.report)
    assert finding.check is Check.NOT_LOOKED_INTO
    assert finding.evidence == "2 files of the bundle."


def test_what_a_bundler_called_a_file_is_kept_if_its_address_is_made_up(side: UploadSide) -> None:
    made_up = f"{DEBUG_ID}-0.js"
    files = {
        made_up: script(name=made_up),
        f"{made_up}.map": source_map(file="assets/index-WCb1vY9P.js"),
    }

    linted(side, bundle(files))

    shown = BundlePages(side.database).files(1, PageRequest())
    assert [file.built_as for file in shown.items] == [
        "assets/index-WCb1vY9P.js",
        "assets/index-WCb1vY9P.js.map",
    ]


@pytest.mark.parametrize("check", list(Check))
def test_every_check_says_what_it_means(check: Check) -> None:
    rule = RULES[check]

    assert rule.cause.endswith(".")
    assert rule.level is Level.NOTE or rule.remedy.endswith(".")


@pytest.mark.parametrize("comment", ["//# debugId={}", "//#debugId={}", "//@ debugId=  {}"])
def test_an_id_in_a_comment_is_in_none_but_it_however_it_is_spaced(comment: str) -> None:
    content = f"f();\n{comment.format(DEBUG_ID)}\n".encode()

    facts = script_facts(memoryview(content), [DEBUG_ID])

    assert facts.comment_ids == [DEBUG_ID]
    assert facts.named_ids == []


def test_a_report_of_a_newer_version_is_read_as_far_as_it_is_known() -> None:
    known = '{"check": "map_empty", "file": "a.js.map"}'
    newer = '{"check": "found_next_year", "file": "b.js"}'

    read = read_report(
        f'{{"findings": [{known}, {newer}], "totals": {{"found_next_year": 3}}}}'.encode()
    )

    assert [each.check for each in read.findings] == [Check.MAP_EMPTY, Check.OF_ANOTHER_VERSION]
    assert read.count(Level.NOTE) == 3
