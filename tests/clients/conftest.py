"""One server and one set of installed clients for all tests that a worker runs."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.install import browser as installed_browser
from tests.clients.builds import Build, Built, build
from tests.clients.command_line import CommandLine, Shell
from tests.clients.live_server import LiveServer, Project, serving
from tests.clients.page import FLAGS, click_through
from tests.clients.toolbox import CLIENTS, DEMO, REACT, SHOP, Toolbox, install
from tests.clients.truth import Truth, truth_in

SCENARIOS = (
    "method",
    "constructed",
    "native",
    "callback",
    "property",
    "generator",
    "cause",
    "lazy",
    "awaited",  # its trace passes through an `await`, which terser leaves out of the map
)


@pytest.fixture(scope="session")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Toolbox:
    return install(CLIENTS, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def next_tools(tmp_path_factory: pytest.TempPathFactory) -> Toolbox:
    return install(DEMO, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def react_tools(tmp_path_factory: pytest.TempPathFactory) -> Toolbox:
    return install(REACT, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serving(tmp_path_factory.mktemp("server") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def new_project(server: LiveServer) -> Callable[[], Project]:
    numbers = count(1)
    return lambda: server.project(f"Shop {next(numbers)}")


@pytest.fixture
def project(new_project: Callable[[], Project]) -> Project:
    return new_project()


@pytest.fixture
def shell(request: pytest.FixtureRequest, tools: Toolbox, project: Project) -> Shell:
    """The command line that the test names, told about a fresh project."""
    command: CommandLine = request.param
    return Shell(tools, command, project)


@pytest.fixture(scope="session")
def plain_server(tools: Toolbox, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The server app in two chunks, minified, with maps and without debug ids."""
    made = Build("esbuild", "", "node")
    return build(tools, made, tmp_path_factory.mktemp("plain") / "app", None)


@pytest.fixture(scope="session")
def plain_page(tools: Toolbox, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The page in two chunks, minified, with maps and without debug ids."""
    made = Build("vite", "", "browser")
    return build(tools, made, tmp_path_factory.mktemp("plain") / "app", None)


@pytest.fixture(scope="module")  # Playwright's event loop stands in the way of other tests' own
def browser() -> Iterator[Browser]:
    path = installed_browser()
    if path is None:
        pytest.skip("no Chromium or Chrome is installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def blank_shop(tools: Toolbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with blanks for its types, which V8 runs as it was written."""
    folder = tmp_path_factory.mktemp("blank")
    done = tools.run(SHOP / "blank.mjs", str(folder), cwd=SHOP, env={})
    assert done.code == 0, done.output
    return folder


@pytest.fixture(scope="session")
def node_truth(tools: Toolbox, blank_shop: Path) -> Truth:
    script = blank_shop / "src/node.js"
    acted = tools.run(script, *SCENARIOS, cwd=blank_shop, env={})
    crashed = tools.run(script, "crash", cwd=blank_shop, env={})
    truth = truth_in((acted.output + crashed.output).splitlines())
    assert set(truth) == {*SCENARIOS, "crash"}
    return truth


@pytest.fixture(scope="module")
def browser_truth(browser: Browser, blank_shop: Path) -> Truth:
    truth = truth_in(click_through(browser, blank_shop, "src/browser.js", {}, truth_in))
    assert set(truth) == set(SCENARIOS)
    return truth
