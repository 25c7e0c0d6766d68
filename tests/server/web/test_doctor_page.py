"""The doctor's page says how the server is, to those who can mend it."""

from datetime import UTC, datetime, timedelta

from headwater.storage.files.folder import Folder
from headwater.storage.instances import Instance, Instances
from headwater.storage.people.roles import Role
from headwater.storage.people.users import Users
from tests.databases import folder_of
from tests.server.web.house import Browser, House


def beat(house: House, role: str, host: str = "one", folder: str = "") -> None:
    """A process gives a sign of life, which it has done for a while."""
    now = datetime.now(UTC)
    started = now - timedelta(minutes=5)
    storage = folder_of(house.database) / folder
    storage.mkdir(exist_ok=True)
    instance = Instance(f"{role}{host}".ljust(32, "0"), role, host, "0.1.0", started, now)
    Instances(house.database, Folder(storage / ".instances")).beat(instance, now)


def result(browser: Browser, name: str) -> str:
    """What the page says of one check."""
    rows = browser.get("/doctor").text.split("<tr>")
    (row,) = (row for row in rows if f'<th scope="row">{name}</th>' in row)
    return " ".join(row.split())


def test_a_server_at_work_is_well(house: House, browser: Browser) -> None:
    beat(house, "web")
    beat(house, "digest")

    for name in ("Database", "Schema", "Web", "Digest", "Queue", "Source maps", "Shared storage"):
        assert '<span class="level ">pass</span>' in result(browser, name), name


def test_a_digest_that_gives_no_sign_of_life_is_a_failure_with_its_remedy(
    house: House, browser: Browser
) -> None:
    beat(house, "web")

    found = result(browser, "Digest")

    assert '<span class="level error">fail</span>' in found
    assert "<code>headwater serve --role digest</code>" in found


def test_storage_that_is_not_shared_is_named_with_both_machines(
    house: House, browser: Browser
) -> None:
    beat(house, "web", "one", "here")
    beat(house, "digest", "two", "there")

    found = result(browser, "Shared storage")

    assert '<span class="level error">fail</span>' in found
    assert "digest on two can&#39;t read what web on one wrote" in found


def test_it_is_the_administrators_page(house: House, browser: Browser) -> None:
    Users(house.database).create("bob@example.com", "x" * 12, Role.MEMBER, datetime.now(UTC))

    assert 'href="/doctor"' in browser.get("/issues").text
    assert house.browser("bob@example.com").get("/doctor").status_code == 403
    assert 'href="/doctor"' not in house.browser("bob@example.com").get("/issues").text
