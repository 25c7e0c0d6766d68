"""What was uploaded beside what an event asked for is named."""

from datetime import timedelta
from typing import Any

import pytest

from headwater.symbolicate.verdicts import Verdict
from tests.clients.patience import until
from tests.verdicts.stage import HOST, Build, Stage, frame_of

HEAL_SECONDS = 60


def near(stage: Stage, event_id: str) -> tuple[str, list[Any]]:
    """The verdict, and each near miss's kind."""
    frame = stage.frame(event_id)
    return frame["verdict"], [each["kind"] for each in frame["evidence"].get("near", ())]


def sentence(stage: Stage, event_id: str) -> str:
    """Of the first near miss, with what the page shows of it."""
    [found, *_] = stage.frame(event_id)["evidence"]["near"]
    said: str = found["sentence"]
    assert squeezed(said)[1:] in squeezed(stage.reader.event(event_id))
    return said


def squeezed(text: str) -> str:
    """Without blanks, and without the marks of code that a page shows by a font."""
    return "".join(text.replace("`", "").split())


def test_a_bundle_that_was_built_twice(stage: Stage) -> None:
    uploaded = stage.upload(Build("main", variant="in CI", prefix="~/dist"), "twice-1")
    deployed = Build("main", variant="in the image")

    event_id = stage.throw(deployed, timedelta(), release="twice-1")

    assert near(stage, event_id) == (Verdict.DEBUG_ID_NOT_UPLOADED, ["built_twice"])
    said = sentence(stage, event_id)
    assert uploaded.debug_id in said
    assert deployed.debug_id in said


def test_the_map_of_another_build_at_the_same_address_is_doubted(stage: Stage) -> None:
    uploaded = stage.upload(Build("again", variant="in CI"), "twice-2")

    event_id = stage.throw(Build("again", variant="in the image"), release="twice-2")

    assert near(stage, event_id) == (Verdict.SUSPICIOUS_MAPPING, ["built_twice"])
    assert stage.frame(event_id)["evidence"]["resolved_with"] == "release"
    assert uploaded.debug_id in sentence(stage, event_id)


def test_the_same_name_from_another_build(stage: Stage) -> None:
    uploaded = stage.upload(Build("vendor", variant="1"))

    event_id = stage.throw(Build("vendor", variant="2"))

    assert near(stage, event_id) == (Verdict.DEBUG_ID_NOT_UPLOADED, ["other_debug_id"])
    assert uploaded.debug_id in sentence(stage, event_id)


def test_names_that_differ_in_the_hash_of_their_content(stage: Stage) -> None:
    stage.upload(Build("entry-DkR4xzQ1"), "hashed-1")

    event_id = stage.throw(Build("entry-Zz93kLm2"), release="hashed-1")

    assert near(stage, event_id) == (Verdict.DEBUG_ID_NOT_UPLOADED, ["built_twice"])
    assert "entry-DkR4xzQ1.js" in sentence(stage, event_id)


def test_a_file_whose_injected_lines_were_lost(stage: Stage) -> None:
    stage.upload(Build("stripped"))

    event_id = stage.throw(Build("stripped", has_id=False))

    assert near(stage, event_id) == (Verdict.NO_IMAGE_FOR_FRAME, ["without_debug_id"])


def test_another_dist(stage: Stage) -> None:
    stage.upload(Build("disted", has_id=False), "dist-1", "android")

    event_id = stage.throw(Build("disted", has_id=False), timedelta(), release="dist-1", dist="ios")

    assert near(stage, event_id) == (Verdict.RELEASE_NOT_UPLOADED, ["dist_differs"])
    assert sentence(stage, event_id) == (
        "dist differs: the event says `ios`, the release was uploaded with `android`"
    )


def test_another_prefix(stage: Stage) -> None:
    stage.upload(Build("prefixed", has_id=False), "prefix-0")
    stage.upload(Build("prefixed", has_id=False, prefix="~/static"), "prefix-1")

    event_id = stage.throw(Build("prefixed", has_id=False), release="prefix-1")

    assert near(stage, event_id) == (Verdict.URL_NOT_UPLOADED, ["prefix_differs"])
    assert sentence(stage, event_id) == (
        "URL prefix differs: uploaded `~/static/prefixed.js`, frame says `/assets/prefixed.js`"
    )


@pytest.mark.parametrize("has_id", [True, False])
def test_another_prefix_goes_before_what_was_deleted(stage: Stage, *, has_id: bool) -> None:
    name = f"moved-{has_id}"
    build = stage.upload(Build(name, has_id=has_id), name)
    stage.delete_release(name)
    before = stage.frame(stage.throw(build, release=name))["verdict"]
    stage.upload(Build(name, has_id=False, prefix="~"), name)

    event_id = stage.throw(build, release=name)

    assert before == Verdict.DELETED
    assert near(stage, event_id) == (Verdict.URL_NOT_UPLOADED, ["prefix_differs"])
    assert sentence(stage, event_id) == (
        f"URL prefix differs: uploaded `~/{name}.js`, frame says `/assets/{name}.js`"
    )


def test_another_build_at_another_prefix_is_not_what_was_deleted(stage: Stage) -> None:
    build = stage.upload(Build("renewed"), "renewed-1")
    stage.delete_release("renewed-1")
    stage.upload(Build("renewed", variant="2", prefix="~"), "renewed-1")

    frame = stage.frame(stage.throw(build, release="renewed-1"))

    assert frame["verdict"] == Verdict.DELETED


def test_another_release(stage: Stage) -> None:
    stage.upload(Build("released", has_id=False), "release-1")

    event_id = stage.throw(Build("released", has_id=False), release="release-2")

    assert near(stage, event_id) == (Verdict.RELEASE_NOT_UPLOADED, ["release_differs"])


def test_what_another_project_uploaded_is_told_by_its_debug_id_alone(stage: Stage) -> None:
    build = stage.upload(Build("secret-plans"), "secret-1", project=stage.blog)

    by_id_event = stage.throw(build)
    by_id = stage.frame(by_id_event)
    by_name = stage.frame(stage.throw(Build("secret-plans", variant="2"), release="secret-1"))
    by_release = stage.throw(Build("secret-plans", has_id=False), release="secret-1")

    assert by_id["verdict"] == Verdict.UPLOADED_TO_OTHER_PROJECT
    assert "project Blog" in stage.reader.event(by_id_event)
    assert "Blog" not in str(by_id)
    assert "near" not in by_name["evidence"]
    assert near(stage, by_release) == (Verdict.RELEASE_NOT_UPLOADED, [])


def test_who_deleted_an_upload_and_when_is_told(stage: Stage) -> None:
    build = stage.upload(Build("gone", has_id=False), "gone-1")
    stage.delete_release("gone-1")

    frame = stage.frame(stage.throw(build, release="gone-1"))

    assert frame["verdict"] == Verdict.DELETED
    assert frame["evidence"]["removed_by"].startswith("the token CI (")
    assert frame["evidence"]["removed_at"]
    assert "by the token CI" in frame["cause"]


def test_how_much_later_the_upload_came_is_told(stage: Stage) -> None:
    build = Build("eventually")
    event_id = stage.throw(build, timedelta(minutes=1, seconds=30))
    before = stage.frame(event_id)

    stage.upload(build)
    until(
        lambda: stage.frame(event_id)["verdict"] == Verdict.RESOLVED,
        HEAL_SECONDS,
        "the event is resolved again",
    )

    assert before["verdict"] == Verdict.PENDING_UPLOAD
    assert stage.frame(event_id)["late"] in ("1 minute", "2 minutes")
    assert "Its source map was uploaded" in stage.reader.event(event_id)


def test_a_first_partys_cdn_resolves_where_it_was_uploaded(stage: Stage) -> None:
    build = stage.upload(Build("cdn"))
    address = "https://d111.cloudfront.example/assets/cdn.js"
    image = {"type": "sourcemap", "code_file": address, "debug_id": build.debug_id}
    other = {"type": "sourcemap", "code_file": f"{HOST}/a.js", "debug_id": Build("a").debug_id}

    frame = frame_of(build, abs_path=address, filename=address)
    with_id = stage.send(frame, [other, image])
    without_id = stage.send(frame, [other])

    assert stage.frame(with_id)["verdict"] == Verdict.RESOLVED
    # A name that was uploaded is ours, wherever it is served from.
    assert near(stage, without_id) == (Verdict.NO_IMAGE_FOR_FRAME, ["without_debug_id"])


def test_a_file_of_a_site_that_the_build_is_not_on(stage: Stage) -> None:
    address = "https://widgets.chat.example/widget.js"
    own = stage.upload(Build("of-the-site"))
    image = {"type": "sourcemap", "code_file": f"{HOST}/a.js", "debug_id": own.debug_id}

    event_id = stage.send(frame_of(Build("x"), abs_path=address, filename=address), [image])

    assert stage.frame(event_id)["verdict"] == Verdict.THIRD_PARTY
    assert "widgets.chat.example" in stage.frame(event_id)["evidence"]["detail"]


def test_beside_a_widget_that_has_a_debug_id_own_files_without_are_not_called_its_companys(
    stage: Stage,
) -> None:
    widget = "https://widgets.chat.example/widget.js"
    foreign = {"type": "sourcemap", "code_file": widget, "debug_id": Build("widget").debug_id}

    event_id = stage.send(frame_of(Build("no-plugin-yet", has_id=False)), [foreign])

    assert stage.frame(event_id)["verdict"] == Verdict.NO_IMAGE_FOR_FRAME


def test_what_the_browser_hides(stage: Stage) -> None:
    frame = {"filename": f"{HOST}/", "function": "?", "in_app": True}

    event_id = stage.send(frame, [], error={"value": "Script error."})

    assert stage.frame(event_id)["verdict"] == Verdict.THIRD_PARTY
    assert "crossorigin" in stage.frame(event_id)["evidence"]["detail"]
