"""Services by apprise, with a receiver on loopback in the service's place."""

import json
import subprocess
import sys
from typing import Any

import pytest

from headwater.alerts.by_apprise import inert
from headwater.storage.alerts.channels import ChannelKind
from headwater.storage.alerts.deliveries import State
from tests.alerts.receivers import Receiver
from tests.alerts.side import AlertSide

# What apprise itself imports, with Python 3.11 and 3.12.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def told(side: AlertSide, url: str, **columns: Any) -> None:
    side.rule(side.channel(ChannelKind.SERVICE, url))
    side.issue(**columns)
    side.look()
    side.send(side.transports())


def test_a_service_is_told(side: AlertSide, hook: Receiver) -> None:
    told(side, f"ntfy://127.0.0.1:{hook.port}/topic", title="Error: no money")

    assert side.log()[0].state is State.SENT
    request = hook.received[0]
    assert "Error: no money" in json.loads(request.body)["message"]


def test_nobody_is_called_and_no_link_is_hidden_by_a_title(side: AlertSide, hook: Receiver) -> None:
    told(
        side,
        f"ntfy://127.0.0.1:{hook.port}/topic",
        title="@everyone <!channel> [bank](http://evil.example.com)",
    )

    body = hook.received[0].body.decode()
    for hostile in ("@everyone", "<!channel", "]("):
        assert hostile not in body
        assert hostile not in inert(hostile)


def test_a_redirect_is_not_followed_whatever_the_url_says(side: AlertSide, hook: Receiver) -> None:
    hook.statuses = [307, 200]
    hook.location = f"http://127.0.0.1:{hook.port}/elsewhere"

    told(side, f"ntfy://127.0.0.1:{hook.port}/topic?redirect=yes")

    assert len(hook.received) == 1
    assert side.log()[0].state is State.WAITING


def test_what_is_said_of_a_failure_holds_no_secret(side: AlertSide, hook: Receiver) -> None:
    hook.statuses = [403]

    told(side, f"ntfy://hidden-user:hidden-token@127.0.0.1:{hook.port}/hidden-topic")

    error = side.log()[0].error
    assert error.startswith("the service did not take it")
    assert "hidden" not in error


def test_a_url_that_means_nothing_is_given_up_and_not_told(
    side: AlertSide, capfd: pytest.CaptureFixture[str]
) -> None:
    told(side, "slack://hidden-host/hidden")

    assert side.log()[0].state is State.FAILED
    assert "apprise does not understand" in side.log()[0].error
    assert "hidden" not in "".join(capfd.readouterr())


def test_it_connects_only_where_the_guard_lets_it(hook: Receiver) -> None:
    # In a process of its own: apprise is told once in each.
    script = """
import sys
from headwater.alerts.address_guard import AddressGuard
from headwater.alerts.by_apprise import _apprise
apprise = _apprise(AddressGuard(allows_private=False))
service = apprise.Apprise.instantiate(sys.argv[1])
try:
    service.notify(body="x")
except Exception as error:
    print(type(error).__name__)
"""
    url = f"ntfy://127.0.0.1:{hook.port}/topic"

    subprocess.run([sys.executable, "-c", script, url], check=True)

    assert hook.received == []


@pytest.mark.parametrize("module", ["headwater.app", "headwater.alerts.alerting"])
def test_apprise_is_not_in_the_memory_of_who_does_not_use_it(module: str) -> None:
    script = (
        f"import sys, {module}; sys.exit('apprise' in sys.modules or 'requests' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
