"""Refused uploads, on the pages where people wonder what became of theirs."""

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from headwater.storage.people.tokens import Scope
from headwater.storage.schema import artifact_bundles, artifact_files
from headwater.storage.uploads.refusals import Refusal, Refusals
from headwater.symbolicate.resolution import Resolution, ResolvedFrame, ResolvedStacktrace
from headwater.symbolicate.verdicts import Verdict
from tests.server.web.house import Browser, House, assert_harmless

SETTINGS = "/settings/tokens"
SET_UP = "/projects/web-shop/set-up"
SENTENCE = "The token that starts with 'deadbeef' is not known here."
REFUSED = Refusal(
    status=401,
    sentence=SENTENCE,
    token_prefix="deadbeef",
    token_name=None,
    project_id=None,
    method="GET",
    path="/api/0/organizations/any/chunk-upload/",
    user_agent="sentry-cli/2.58.0",
)
EVENT: dict[str, Any] = {
    "exception": {
        "values": [
            {
                "type": "Error",
                "value": "boom",
                "stacktrace": {"frames": [{"filename": "app:///a.js", "lineno": 1, "colno": 2}]},
            }
        ]
    }
}


def refuse(house: House, refusal: Refusal = REFUSED, ago: timedelta = timedelta(minutes=2)) -> None:
    refusals = Refusals(house.database)
    refusals.add(refusal, datetime.now(UTC) - ago)
    refusals.close()


def event(house: House, project_name: str, verdict: Verdict) -> str:
    """The address of an event whose one frame has the verdict."""
    project = house.projects.get(project_name) or house.project(project_name)
    path = ("exception", "values", 0, "stacktrace")
    frame = ResolvedFrame(verdict, in_app=True)
    issue, _ = house.store(project, EVENT, Resolution(1, (ResolvedStacktrace(path, (frame,)),)))
    return f"/issues/{issue}"


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def test_settings_show_what_was_refused_and_when(house: House, browser: Browser) -> None:
    refuse(house)

    page = browser.get(SETTINGS)

    assert "Refused uploads" in page.text
    row = words(page.text.partition('id="refused"')[2])
    assert f"{SENTENCE}401 · GET /api/0/organizations/any/chunk-upload/" in row
    assert "deadbeef… sentry-cli/2.58.0 2 min ago" in row
    assert re.search(r'<time datetime="[^"]+" title="[^"]+ UTC">2 min ago', page.text)
    assert_harmless(page)


def test_settings_show_the_newest_ten(house: House, browser: Browser) -> None:
    for number in range(12):
        refuse(
            house, replace(REFUSED, user_agent=f"number/{number}"), timedelta(minutes=20 - number)
        )

    shown = re.findall(r"number/(\d+)<", browser.get(SETTINGS).text)

    assert shown == [str(number) for number in range(11, 1, -1)]


@pytest.mark.parametrize("path", [SETTINGS, SET_UP])
def test_without_a_refusal_nothing_is_said_of_any(
    house: House, browser: Browser, path: str
) -> None:
    house.project()

    assert "efused" not in browser.get(path).text


def test_the_set_up_shows_what_may_concern_the_project(house: House, browser: Browser) -> None:
    shop, other = house.project(), house.project("Other")
    for name, project in (("Shop CI", shop.id), ("Other CI", other.id), ("All CI", None)):
        refuse(house, replace(REFUSED, token_name=name, project_id=project))
    refuse(house, replace(REFUSED, user_agent="a stranger"))

    page = browser.get(SET_UP)

    assert "Shop CI" in page.text
    assert "All CI" in page.text
    assert "a stranger" in page.text
    assert "Other CI" not in page.text
    assert_harmless(page)


@pytest.mark.parametrize("path", [SETTINGS, SET_UP, "an event"])
def test_what_a_client_says_of_itself_is_only_text(
    house: House, browser: Browser, path: str
) -> None:
    house.project()
    if path == "an event":
        path = event(house, "web-shop", Verdict.DEBUG_ID_NOT_UPLOADED)
    evil = "<img src=x onerror=1>"
    refuse(
        house,
        replace(
            REFUSED,
            sentence=evil,
            token_prefix="<script>",
            token_name=evil,
            path=f"/api/0/{evil}",
            user_agent=f"'\"{evil}",
        ),
    )

    page = browser.get(path)

    assert "&lt;img src=x onerror=1&gt;" in page.text
    assert "&lt;script&gt;…" in page.text
    assert_harmless(page)


@pytest.mark.parametrize(
    "verdict",
    [
        Verdict.PENDING_UPLOAD,
        Verdict.DEBUG_ID_NOT_UPLOADED,
        Verdict.RELEASE_NOT_UPLOADED,
        Verdict.URL_NOT_UPLOADED,
    ],
)
def test_an_event_whose_map_is_missing_tells_of_the_refusal(
    house: House, browser: Browser, verdict: Verdict
) -> None:
    address = event(house, "Web shop", verdict)
    refuse(house)

    page = browser.get(address)

    line = f"An upload with the token deadbeef… was refused 2 min ago: {SENTENCE}"
    assert line in words(page.text)
    assert_harmless(page)


def test_a_refusal_without_a_token_reads_well_too(house: House, browser: Browser) -> None:
    address = event(house, "Web shop", Verdict.DEBUG_ID_NOT_UPLOADED)
    refuse(house, replace(REFUSED, token_prefix="", sentence="This needs an API token."))

    text = words(browser.get(address).text)

    assert "An upload was refused 2 min ago: This needs an API token." in text


@pytest.mark.parametrize(
    ("verdict", "refusal", "ago"),
    [
        (Verdict.POSITION_UNMAPPED, REFUSED, timedelta(minutes=2)),
        (Verdict.RESOLVED, REFUSED, timedelta(minutes=2)),
        (Verdict.DEBUG_ID_NOT_UPLOADED, REFUSED, timedelta(days=7, minutes=1)),
        (
            Verdict.DEBUG_ID_NOT_UPLOADED,
            replace(REFUSED, token_name="CI", project_id=999),
            timedelta(minutes=2),
        ),
    ],
    ids=["another verdict", "resolved", "long ago", "another project's token"],
)
def test_an_event_does_not_tell_of_what_explains_nothing(
    house: House, browser: Browser, verdict: Verdict, refusal: Refusal, ago: timedelta
) -> None:
    address = event(house, "Web shop", verdict)
    refuse(house, refusal, ago)

    assert "was refused" not in words(browser.get(address).text)


def test_the_set_up_says_that_nothing_was_uploaded(house: House, browser: Browser) -> None:
    house.project()

    assert "waits for a build" in browser.get(SET_UP).text


@pytest.mark.parametrize(
    ("is_instance", "files", "said"),
    [
        (False, 2, "An upload 3 min ago: 2 files, token CI, done"),
        (False, 1, "An upload 3 min ago: 1 file, token CI, done"),
        (True, 2, "An upload 3 min ago: 2 files, token CI, for the whole instance, done"),
    ],
)
def test_the_set_up_tells_the_last_upload(
    house: House,
    browser: Browser,
    is_instance: bool,  # noqa: FBT001 - a case
    files: int,
    said: str,
) -> None:
    project = house.project()
    home = None if is_instance else project.id
    now = datetime.now(UTC)
    token, _ = house.tokens.create("CI", Scope.UPLOAD, home, None, now)
    bundle = {
        "project_id": home,
        "checksum": "0" * 40,
        "size": 1,
        "uploaded_at": now - timedelta(minutes=3),
        "token_id": token.id,
    }
    file = {"type": "source_map", "url": "~/app.js.map", "sha256": "0" * 64, "size": 1}
    with house.database.write() as connection:
        made = connection.execute(artifact_bundles.insert().values(bundle)).inserted_primary_key
        assert made
        connection.execute(
            artifact_files.insert(), [{**file, "artifact_bundle_id": made[0]}] * files
        )

    assert said in words(browser.get(SET_UP).text)


def test_a_python_project_uploads_nothing_and_is_told_nothing_of_uploads(
    house: House, browser: Browser
) -> None:
    house.project(platform="python")
    refuse(house)

    page = browser.get(SET_UP).text

    assert "upload" not in page.lower()
