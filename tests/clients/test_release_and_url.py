"""Uploads without debug ids: found by release, dist and the address of the script."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.clients.builds import RELEASE, Built
from tests.clients.command_line import RUST_2_39, RUST_2_58, RUST_3, Shell
from tests.clients.page import click_through
from tests.clients.sent import sent_in
from tests.clients.trace import assert_true
from tests.clients.truth import Truth

pytestmark = [pytest.mark.clients, pytest.mark.browser]

LEGACY = [
    (RUST_2_58, ""),
    (RUST_3, "42"),
    *(
        pytest.param(*case, marks=pytest.mark.matrix)
        for case in [(RUST_2_39, ""), (RUST_2_39, "42"), (RUST_2_58, "42"), (RUST_3, "")]
    ),
]


@pytest.mark.browser
@pytest.mark.parametrize(("shell", "dist"), LEGACY, indirect=["shell"], ids=str)
def test_a_page_without_debug_ids_is_found_by_release_dist_and_address(
    shell: Shell,
    dist: str,
    browser: Browser,
    plain_page: Built,
    browser_truth: Truth,
    tmp_path: Path,
) -> None:
    site = tmp_path / "site"
    folder = shutil.copytree(plain_page.folder, site / "static/js")
    flags = (
        "--release",
        RELEASE,
        *(("--dist", dist) if dist else ()),
        "--url-prefix",
        "~/static/js",
    )

    uploaded = shell.upload(folder, *flags)
    console = click_through(
        browser,
        site,
        f"static/js/{plain_page.script().name}",
        {"dsn": shell.project.dsn, "release": RELEASE, **({"dist": dist} if dist else {})},
        sent_in,
    )

    assert uploaded.code == 0, uploaded.output
    for scenario, event_id in sent_in(console).items():
        assert_true(shell.project.event(event_id), browser_truth[scenario])
