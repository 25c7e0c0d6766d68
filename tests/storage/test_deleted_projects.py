"""What is decided in the moment in which somebody deletes a project."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from headwater.storage.database import Database
from headwater.storage.deleted_projects import DeletedProjects
from headwater.storage.people.invitations import InvitationGone, Invitations
from headwater.storage.people.roles import Rights, Role
from headwater.storage.people.tokens import Scope, Tokens
from headwater.storage.people.users import Users, add_user
from headwater.storage.projects import Project, Projects
from tests.databases import database_in
from tests.stored import NOW


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
