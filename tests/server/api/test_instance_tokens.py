"""Tokens for the whole instance: what is about the server itself takes an administrator's."""

import httpx
import pytest

from headwater.server.api.outcomes import OutcomesDoor
from headwater.server.auth import TokenGuard
from headwater.storage.people.roles import Role
from headwater.storage.people.tokens import Scope
from headwater.storage.people.users import Users
from headwater.storage.projects import Projects
from tests.upload_side import NOW, UploadSide, serving

OF_ALL = "/api/0/organizations/any/outcomes/"


@pytest.mark.parametrize(("role", "status"), [(Role.MEMBER, 403), (Role.ADMIN, 200)])
def test_the_servers_own_counts_are_for_administrators(
    side: UploadSide, role: Role, status: int
) -> None:
    maker = Users(side.database).create("ada@example.com", "correct horse", role, NOW)
    _, secret = side.tokens.create("CI", Scope.FULL, None, maker.id, NOW)
    projects = Projects(side.database)
    door = OutcomesDoor(TokenGuard(side.tokens, projects), projects, side.outcomes)

    with serving(door.routes()) as origin:
        answer = httpx.get(origin + OF_ALL, headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == status
    assert status == 200 or "no administrator" in answer.json()["detail"]
    assert side.tokens.all()[0].last_used_from == "127.0.0.1"
