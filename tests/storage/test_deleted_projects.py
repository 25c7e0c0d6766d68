"""What is decided in the moment in which somebody deletes a project."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from headwater.storage.database import Database
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.events.resolver_versions import ResolverVersions
from headwater.storage.issues.issues import Issues
from headwater.storage.people.invitations import InvitationGone, Invitations
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.people.users import Users, add_user
from headwater.storage.projects import Project, Projects
from headwater.storage.schema import resolutions, resolver_versions, wants
from headwater.storage.uploads.bundle_pages import BundlePages
from headwater.storage.uploads.refusals import Refusal, Refusals
from headwater.storage.uploads.wants import TIME, Wants
from tests.databases import database_in
from tests.released import Released
from tests.stored import NOW, Stored


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = database_in(tmp_path)
    yield database
    database.close()


@pytest.fixture
def shop(database: Database) -> Project:
    return Projects(database).create("Shop", None, NOW)


def person(database: Database, email: str, rights: Rights) -> int:
    with database.write() as connection:
        return add_user(connection, email, "", rights, NOW).id


def delete(database: Database, project: Project) -> None:
    assert DeletedProjects(database).delete(project.id, NOW)


def test_an_invitation_to_nothing_else_opens_nothing(database: Database, shop: Project) -> None:
    ada = person(database, "ada@example.com", Rights(Role.OWNER))
    invitations = Invitations(database)
    _, secret = invitations.invite("new@example.com", Role.MEMBER, [shop.id], ada, NOW)

    delete(database, shop)

    assert invitations.pending(NOW) == ()
    with pytest.raises(InvitationGone):
        invitations.accept(secret, "a long password indeed", NOW)


def test_other_invitations_stay(database: Database, shop: Project) -> None:
    ada = person(database, "ada@example.com", Rights(Role.OWNER))
    blog = Projects(database).create("Blog", None, NOW)
    invitations = Invitations(database)
    chosen = {"both": [shop.id, blog.id], "other": [blog.id], "all": None}
    for name, projects in chosen.items():
        invitations.invite(f"{name}@example.com", Role.MEMBER, projects, ada, NOW)

    delete(database, shop)

    left = {each.email.partition("@")[0]: each.projects for each in invitations.pending(NOW)}
    assert left == {"both": {blog.id}, "other": {blog.id}, "all": None}


def test_a_member_of_it_may_be_removed_in_the_same_moment(
    database: Database, shop: Project
) -> None:
    in_shop = Rights(Role.MEMBER, all_projects=False, in_projects={shop.id: Role.MEMBER})
    bob = person(database, "bob@example.com", in_shop)
    person(database, "ada@example.com", Rights(Role.OWNER))
    Tokens(database).create("CI", Scope.UPLOAD, shop.id, bob, NOW)
    failed: list[Exception] = []

    def delete_it() -> None:
        try:
            DeletedProjects(database).delete(shop.id, NOW)
        except Exception as error:  # noqa: BLE001 # told by the test
            failed.append(error)

    deleting = threading.Thread(target=delete_it)

    def begin_deleting(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        # Bob's token is revoked already, his account and roles are still there.
        is_next = statement.startswith(("DELETE FROM users", "DELETE FROM project_roles"))
        if is_next and deleting.ident is None:
            deleting.start()
            time.sleep(0.7)

    event.listen(database.engine, "before_cursor_execute", begin_deleting)
    Users(database).remove(bob, NOW)
    deleting.join(20)

    assert failed == []
    assert Projects(database).all() == ()
    assert Users(database).get(bob) is None


def test_its_issues_are_not_among_several(database: Database, shop: Project) -> None:
    stored = Stored(database)
    blog = Projects(database).create("Blog", None, NOW)
    of_shop, of_blog = stored.issue(1, shop.id), stored.issue(1, blog.id)
    issues = Issues(database)
    assert len(issues.several([of_shop, of_blog])) == 2

    delete(database, shop)

    assert [each.id for each in issues.several([of_shop, of_blog])] == [of_blog]


def test_what_its_tokens_were_refused_is_not_told(database: Database, shop: Project) -> None:
    refusals = Refusals(database)
    for project_id in (shop.id, None):
        refusals.add(_refusal(project_id), NOW)
    refusals.flush()
    assert len(refusals.newest(9)) == 2

    delete(database, shop)

    assert [each.refusal.project_id for each in refusals.newest(9)] == [None]
    refusals.close()


def test_its_uploads_are_no_home_of_a_release(database: Database, shop: Project) -> None:
    blog = Projects(database).create("Blog", None, NOW)
    released = Released(database)
    for project in (shop, blog):
        released.upload(project.id, "1", {f"~/{project.slug}.js": project.id})
    pages = BundlePages(database)
    assert pages.homes_of_release("1") == {shop.id, blog.id}

    delete(database, shop)

    assert pages.homes_of_release("1") == {blog.id}


def test_its_events_are_not_resolved_again_by_a_new_version(
    database: Database, shop: Project
) -> None:
    blog = Projects(database).create("Blog", None, NOW)
    versions = ResolverVersions(database)
    assert versions.behind(1) == [shop.id, blog.id]

    delete(database, shop)

    assert versions.behind(1) == [blog.id]


def test_of_a_deleted_project_no_new_version_is_noted(database: Database, shop: Project) -> None:
    delete(database, shop)

    ResolverVersions(database).note_new(1)

    with database.read() as connection:
        assert connection.execute(select(resolver_versions)).all() == []


def test_nothing_that_it_wants_is_tried_again(database: Database, shop: Project) -> None:
    blog = Projects(database).create("Blog", None, NOW)
    rows = [
        {"project_id": each.id, "resolution_digest": b"d", "key": TIME, "since": NOW}
        for each in (shop, blog)
    ]
    with database.write() as connection:
        connection.execute(resolutions.insert().values(digest=b"d", content=b"x"))
        connection.execute(wants.insert(), rows)

    delete(database, shop)

    again = Wants(database).try_again(NOW + timedelta(days=1), timedelta(hours=1))
    assert again == [(blog.id, b"d")]


def _refusal(project_id: int | None) -> Refusal:
    return Refusal(401, "It is not known.", "deadbeef", "CI", project_id, "POST", "/api/0/", "cli")
