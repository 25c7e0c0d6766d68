"""Dead letters, in the browser."""

import gzip
import html
from datetime import UTC, datetime

import pytest

from headwater.server.web.received.envelope_text import MAX_SHOWN
from headwater.storage.projects import Project
from headwater.storage.queue.dead_letters import DeadLetters
from tests.server.web.house import Browser, House, assert_harmless

LIST = "/projects/web-shop/dead-letters"
ERROR = "Traceback (most recent call last):\n  File \"x.py\"\nKeyError: '<script>'\n"
ENVELOPE = b'{"event_id":"' + b"e" * 32 + b'"}\n{"type":"event"}\n{"message":"<b>boom</b>"}'


@pytest.fixture
def shop(house: House) -> Project:
    return house.project()


def test_a_letter_is_listed_with_its_error_and_shown_with_its_envelope(
    house: House, shop: Project, browser: Browser
) -> None:
    letter = house.bury(shop, gzip.compress(ENVELOPE), ERROR, "gzip")

    listed = browser.get(LIST)
    shown = browser.get(f"/dead-letters/{letter}")

    for page in (listed, shown, browser.get("/dead-letters")):
        assert_harmless(page)
        assert "KeyError: &#39;&lt;script&gt;&#39;" in page.text
        assert "<summary>Traceback</summary>" in page.text
    assert ENVELOPE.decode() in html.unescape(shown.text)
    assert "of gzip" in shown.text
    assert "it may hold secrets" in shown.text


def test_the_envelope_can_be_had_as_it_came(house: House, shop: Project, browser: Browser) -> None:
    body = gzip.compress(ENVELOPE)
    letter = house.bury(shop, body, ERROR, "gzip")

    got = browser.get(f"/dead-letters/{letter}/envelope")

    assert got.content == body
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("envelope", "encoding", "said"),
    [
        (b"x" * (MAX_SHOWN + 1), "", "This is the beginning"),
        (gzip.compress(b"x" * 50_000_000), "gzip", "This is the beginning"),
        (gzip.compress(ENVELOPE)[:-9], "gzip", "can't be decoded to its end: the body ends"),
        (b"no gzip", "gzip", "can't be decoded to its end"),
        (b"whatever", "snappy", "can't be decoded to its end"),
        (b"\xff\x00\x1b[31m\xe2\x80\xae", "", "\ufffd\ufffd\ufffd[31m\ufffd"),
        (b"", "", "Download all 0 B"),
    ],
    ids=["long", "bomb", "cut", "not-gzip", "unknown", "control", "empty"],
)
def test_whatever_the_envelope_is_the_page_stands(
    house: House, shop: Project, browser: Browser, envelope: bytes, encoding: str, said: str
) -> None:
    page = browser.get(f"/dead-letters/{house.bury(shop, envelope, ERROR, encoding)}")

    assert page.status_code == 200
    assert_harmless(page)
    assert said in html.unescape(page.text)
    assert len(page.text) < MAX_SHOWN + 20_000


def test_one_is_put_back_as_it_came(house: House, shop: Project, browser: Browser) -> None:
    letter = house.bury(shop, b"body", ERROR, "br")
    house.bury(shop, b"another", ERROR)

    done = browser.post(f"/dead-letters/{letter}/retry")
    after = browser.get(done.headers["location"])

    ((project, envelope, received_at, event_id, encoding),) = house.belt.kept
    assert (project, envelope, event_id, encoding) == (shop.id, b"body", "e" * 32, "br")
    assert received_at <= datetime.now(UTC)
    assert "1 is back on the queue" in after.text
    assert "1 is here still" in after.text
    assert browser.get(f"/dead-letters/{letter}").status_code == 404


def test_all_of_a_project_are_put_back_and_no_other_s(
    house: House, shop: Project, browser: Browser
) -> None:
    blog = house.project("Blog")
    for number in range(3):
        house.bury(shop, b"%d" % number, ERROR)
    house.bury(blog, b"blog", ERROR)

    done = browser.post(f"{LIST}/retry")

    assert done.headers["location"] == f"{LIST}?put_back=3"
    assert [envelope for _, envelope, *_ in house.belt.kept] == [b"0", b"1", b"2"]
    assert DeadLetters(house.database).count() == 1
    assert "There are none" in browser.get(LIST).text


def test_a_full_queue_is_said_in_a_sentence_and_nothing_is_lost(
    house: House, shop: Project, browser: Browser
) -> None:
    for number in range(3):
        house.bury(shop, b"%d" % number, ERROR)
    house.belt.room = 1

    refused = browser.post(f"{LIST}/retry")

    assert refused.status_code == 503
    assert "1 is back on the queue" in refused.text
    assert "2 could not be put back: the queue is full. Nothing is lost" in refused.text
    assert DeadLetters(house.database).count(shop.id) == 2
    assert_harmless(refused)


def test_a_queue_without_a_disk_is_said_in_a_sentence(
    house: House, shop: Project, browser: Browser
) -> None:
    letter = house.bury(shop, b"0", ERROR)
    house.belt.unlucky = (b"0",)

    refused = browser.post(f"/dead-letters/{letter}/retry")

    assert refused.status_code == 503
    assert "1 could not be put back: the disk is gone" in refused.text
    assert browser.get(f"/dead-letters/{letter}").status_code == 200


def test_deleting_is_for_good(house: House, shop: Project, browser: Browser) -> None:
    letters = [house.bury(shop, b"0", ERROR) for _ in range(4)]

    one = browser.post(f"/dead-letters/{letters[0]}/delete")
    asked = browser.get(f"{LIST}/delete")
    kept = DeadLetters(house.database).count()
    rest = browser.post(f"{LIST}/delete")

    assert one.headers["location"] == f"{LIST}?deleted=1"
    assert "Delete 3 dead letters" in asked.text
    assert kept == 3
    assert rest.headers["location"] == f"{LIST}?deleted=3"
    assert "3 are deleted" in browser.get(rest.headers["location"]).text
    assert house.belt.kept == []
    assert browser.get(f"{LIST}/delete").headers["location"] == LIST


def test_a_long_list_has_pages(house: House, shop: Project, browser: Browser) -> None:
    for _ in range(26):
        house.bury(shop, b"0", ERROR)

    first, second, third = (browser.get(f"{LIST}?page={n}").text for n in (1, 2, 3))

    assert (first.count("/retry"), second.count("/retry")) == (26, 2)
    assert f'href="{LIST}?page=2"' in first
    assert "The list ends before this page" in third


@pytest.mark.parametrize("letter", ["0", "99", "x", "-1", "9" * 30])
def test_a_letter_that_is_not_there_is_a_sentence(browser: Browser, letter: str) -> None:
    for answer in (
        browser.get(f"/dead-letters/{letter}"),
        browser.get(f"/dead-letters/{letter}/envelope"),
        browser.post(f"/dead-letters/{letter}/retry"),
        browser.post(f"/dead-letters/{letter}/delete"),
    ):
        assert answer.status_code == 404
        assert "retried or deleted" in answer.text


def test_a_form_from_elsewhere_does_nothing(house: House, shop: Project, browser: Browser) -> None:
    letter = house.bury(shop, b"0", ERROR)
    browser.headers["Origin"] = "https://evil.example"

    for path in (
        f"/dead-letters/{letter}/retry",
        f"/dead-letters/{letter}/delete",
        f"{LIST}/delete",
    ):
        assert browser.post(path).status_code == 403

    assert DeadLetters(house.database).count() == 1
    assert house.belt.kept == []


def test_a_letter_of_a_project_that_is_gone_can_still_be_read_and_deleted(
    house: House, shop: Project, browser: Browser
) -> None:
    gone = Project(99, "gone", "Gone", None, shop.created_at, "k")
    letter = house.bury(gone, ENVELOPE, "ProjectGone: project 99 was deleted")

    assert "project 99, which is gone" in browser.get("/dead-letters").text
    assert browser.get(f"/dead-letters/{letter}").status_code == 200
    assert browser.post(f"/dead-letters/{letter}/delete").headers["location"] == (
        "/dead-letters?deleted=1"
    )
