"""A Next.js app, built with Turbopack and uploaded by its own plugin, fails on both sides."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

import headwater
from tests.clients.builds import RELEASE, assert_fine
from tests.clients.live_server import Project
from tests.clients.page import watched
from tests.clients.patience import until
from tests.clients.process import free_port
from tests.clients.sent import sent_in
from tests.clients.toolbox import DEMO, Toolbox
from tests.clients.trace import assert_true
from tests.clients.truth import TrueException, TrueFrame

pytestmark = [pytest.mark.clients, pytest.mark.browser]

APP = DEMO / "apps/myapp"
DEMO_TRUTH = Path(headwater.__file__).parent / "cli/demo_bundle/truth.json"
NEXT = "next/dist/bin/next"
SECONDS = 60


def test_a_next_app_fails_in_its_own_words_on_the_server_and_in_the_browser(
    next_tools: Toolbox, browser: Browser, project: Project, tmp_path: Path
) -> None:
    settings = {
        **project.settings(),
        "APP_RELEASE": RELEASE,
        "SENTRY_DSN": project.dsn,
        "NEXT_PUBLIC_SENTRY_DSN": project.dsn,
    }

    built = next_tools.run(NEXT, "build", cwd=APP, env=settings)
    with _started(next_tools, settings, tmp_path / "next.log") as (origin, server_log):
        httpx.get(f"{origin}/invoices/1042", timeout=SECONDS)
        until(lambda: bool(sent_in(_lines(server_log))), SECONDS, "the server sent its error")
        console = _press_pay(browser, origin)

    assert_fine(built)
    assert "Successfully uploaded source maps to Sentry" in built.output
    assert_true(project.event(sent_in(_lines(server_log))["error"]), _server_truth())
    assert_true(project.event(sent_in(console)["error"]), _browser_truth())


@contextmanager
def _started(tools: Toolbox, settings: dict[str, str], log: Path) -> Iterator[tuple[str, Path]]:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    script = str(tools.packages / NEXT)
    command = [tools.node, script, "start", "--hostname", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=APP, env=tools.environ(settings), stdout=out, stderr=out
        )
        try:
            until(lambda: "Ready in" in log.read_text(), SECONDS, "the app is ready")
            yield origin, log
        finally:
            process.terminate()
            process.wait(SECONDS)


def _press_pay(browser: Browser, origin: str) -> list[str]:
    with watched(browser) as seen:
        seen.page.goto(origin, wait_until="networkidle")
        seen.page.get_by_role("button", name="Pay").click()
        seen.wait(lambda lines: bool(sent_in(lines)))
        return seen.console


def _lines(log: Path) -> list[str]:
    return log.read_text().splitlines()


def _server_truth() -> tuple[TrueException, ...]:
    """The demo's truth, which the demo's build looked up in the sources; so does this."""
    told = json.loads(DEMO_TRUTH.read_text())
    ours = [frame for frame in told["frames"] if "line" in frame]
    frames = [_at(frame["file"], frame["function"], frame["context_line"]) for frame in ours]
    assert [frame.line for frame in frames] == [frame["line"] for frame in ours]
    return (TrueException(told["type"], told["value"], tuple(frames)),)


def _browser_truth() -> tuple[TrueException, ...]:
    frames = (
        _at("src/lib/till.ts", "charge", 'throw new Error("No card to charge");'),
        _at("src/lib/till.ts", "pay", "this.charge(card);"),
        _at("src/app/pay-button.tsx", "handlePayment", "till.pay(invoiceId, undefined)"),
    )
    return (TrueException("Error", "No card to charge", frames),)


def _at(file: str, function: str, piece: str) -> TrueFrame:
    """The frame at the only line of a file that holds a piece of text."""
    lines = (APP / file).read_text().splitlines()
    ((number, line),) = [(n, line) for n, line in enumerate(lines, 1) if piece in line]
    return TrueFrame(file, number, frozenset({function}), line)
