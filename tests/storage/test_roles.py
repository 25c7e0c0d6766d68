"""What a role allows, on the instance and in single projects."""

import pytest

from headwater.storage.people.roles import IN_PROJECTS, Rights, Role

SHOP, BLOG = 1, 2


def test_each_role_may_what_those_before_it_may() -> None:
    order = [Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER]

    reached = {role: [needed for needed in order if role.reaches(needed)] for role in order}

    assert reached == {role: order[: number + 1] for number, role in enumerate(order)}


def test_a_role_in_a_project_counts_there_and_nowhere_else() -> None:
    lowered = Rights(Role.MEMBER, in_projects={SHOP: Role.VIEWER})
    raised = Rights(Role.VIEWER, in_projects={SHOP: Role.ADMIN})

    assert (lowered.role_in(SHOP), lowered.role_in(BLOG)) == (Role.VIEWER, Role.MEMBER)
    assert (raised.role_in(SHOP), raised.role_in(BLOG)) == (Role.ADMIN, Role.VIEWER)


def test_who_has_only_some_projects_sees_no_other() -> None:
    rights = Rights(Role.MEMBER, all_projects=False, in_projects={SHOP: Role.VIEWER})

    assert rights.projects == frozenset({SHOP})
    assert rights.may_see(SHOP)
    assert not rights.may_see(BLOG)
    assert rights.role_in(BLOG) is None


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OWNER])
@pytest.mark.parametrize("given", IN_PROJECTS)
def test_nothing_raises_or_lowers_those_who_administer(role: Role, given: Role) -> None:
    rights = Rights(role, all_projects=False, in_projects={SHOP: given})

    assert rights.projects is None
    assert rights.role_in(SHOP) is rights.role_in(BLOG) is role
    assert rights.reach_everywhere(Role.ADMIN)


def test_everywhere_is_no_project_with_less_and_every_project_to_come() -> None:
    assert Rights(Role.MEMBER).reach_everywhere(Role.MEMBER)
    assert Rights(Role.MEMBER, in_projects={SHOP: Role.ADMIN}).reach_everywhere(Role.MEMBER)
    assert not Rights(Role.MEMBER, in_projects={SHOP: Role.VIEWER}).reach_everywhere(Role.MEMBER)
    some = Rights(Role.MEMBER, all_projects=False, in_projects={SHOP: Role.ADMIN})
    assert not some.reach_everywhere(Role.MEMBER)


def test_somewhere_is_any_project() -> None:
    assert Rights(Role.VIEWER, in_projects={SHOP: Role.MEMBER}).reach_somewhere(Role.MEMBER)
    assert not Rights(Role.VIEWER).reach_somewhere(Role.MEMBER)
    assert not Rights(Role.MEMBER, all_projects=False).reach_somewhere(Role.MEMBER)
