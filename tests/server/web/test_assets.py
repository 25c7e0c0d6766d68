"""Static files: kept for ever under an address of their own, and what they weigh."""

import gzip
import re
from pathlib import Path

import pytest

from headwater.server.web import assets as module
from tests.server.web.house import Browser, House

STATIC = Path(module.__file__).parent / "static"
FILES = sorted(path.name for path in STATIC.iterdir())


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_kept_for_ever_under_the_hash_of_its_content(house: House, name: str) -> None:
    path = module.Assets().path(name)

    answer = house.stranger().get(path)

    assert answer.status_code == 200
    assert answer.content == (STATIC / name).read_bytes()
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/static/0/headwater.css", "/static/0/no.css", "/static/x/..%2f"])
def test_any_other_address_has_nothing_and_is_not_kept(house: House, path: str) -> None:
    answer = house.stranger().get(path)

    assert answer.status_code == 404
    assert answer.headers.get("cache-control") in ("no-store", "private, no-cache")


def test_all_static_files_together_weigh_little() -> None:
    packed = [len(gzip.compress((STATIC / name).read_bytes())) for name in FILES]

    assert sum(packed) < 20_000


def test_nothing_is_fetched_from_elsewhere() -> None:
    for name in FILES:
        text = (STATIC / name).read_text()
        addresses = re.findall(r"https?://[^\s\"')]+", text)
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, name
        assert "@import" not in text
        assert "url(" not in text


def test_pages_and_files_are_compressed_for_who_can_read_that(browser: Browser) -> None:
    sheet = re.search(r'href="(/static/[^"]+/headwater.css)"', browser.get("/issues").text)
    assert sheet

    for path in ("/issues", sheet[1]):
        packed = browser.get(path, headers={"Accept-Encoding": "gzip"})
        plain = browser.get(path, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.text == plain.text
