"""All that an SDK can say, said by the real ones: what of it the event's page shows, and what is
counted as not kept."""

import sys

import pytest

from tests.clients.live_server import LiveServer, Project
from tests.clients.sent import sent_in
from tests.clients.toolbox import CLIENTS, Finished, Toolbox, run

pytestmark = pytest.mark.clients

PROGRAMS = CLIENTS / "apps/everything"

SAID_BY_ALL = (
    "payment failed",
    "Caused by",
    "no money for 3, card [Filtered]",
    "plan pro",
    "id 42 email jane@example.com username jane",
    "basket items 3 currency EUR",
    "attempt 7",
    "cart added a lamp sku L-7",
    "GET https://bank.example/pay?token=[Filtered]&amount=3 api_key [Filtered] status_code 402",
    "release shop@1.4.2 in production",
)
SECRETS = ("4111", "31337", "hunter2")


def _python(project: Project) -> Finished:
    environment = {"SENTRY_DSN": project.dsn, "PYTHONPATH": ""}
    return run([sys.executable, str(PROGRAMS / "everything.py")], PROGRAMS, environment)


def _node(tools: Toolbox, project: Project) -> Finished:
    environment = {"SENTRY_DSN": project.dsn, "PACKAGES": str(tools.packages)}
    return tools.run(PROGRAMS / "everything.mjs", cwd=PROGRAMS, env=environment)


def _sent(done: Finished) -> dict[str, str]:
    assert done.code == 0, done.output
    return sent_in(done.output.splitlines())


def _missing(page: str, wanted: tuple[str, ...]) -> list[str]:
    return [words for words in wanted if words not in page]


def test_what_python_says_is_on_the_page_or_counted(server: LiveServer, project: Project) -> None:
    sent = _sent(_python(project))

    for event_id in sent.values():
        project.event(event_id)
    reader = server.reader()
    chained, message = (reader.event(sent[name]) for name in ("chained", "message"))
    assert not _missing(chained, SAID_BY_ALL)
    assert not _missing(
        chained,
        ("RuntimeError", "ValueError", "charge everything.py", "sentry.python", "CPython"),
    )
    assert 'Local variables cart {"lamp": "3"} password [Filtered] total 3' in chained
    assert not [secret for secret in SECRETS if secret in chained]
    assert not _missing(message, ("the till is slow", "warning", "Thread", "in_thread"))
    assert project.not_kept("transaction", "check_in", "log", "attachment", "session")


def test_what_node_says_is_on_the_page_or_counted(
    tools: Toolbox, server: LiveServer, project: Project
) -> None:
    sent = _sent(_node(tools, project))

    for name in ("chained", "message"):
        project.event(sent[name])
    reader = server.reader()
    chained, message = (reader.event(sent[name]) for name in ("chained", "message"))
    assert not _missing(chained, SAID_BY_ALL)
    assert not _missing(
        chained, ("Error", "RangeError", "charge", "everything.mjs", "sentry.javascript.node")
    )
    assert not [secret for secret in SECRETS if secret in chained]
    assert not _missing(message, ("the till is slow", "warning"))
    # Version 11 sends the spans of a transaction one by one.
    assert project.not_kept("span", "check_in", "log", "attachment", "session")
