"""In whatever order events, uploads, deletions and healings come: the issues are as if uploads had been first."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headwater.storage.events.healings import Kind
from tests.healing_side import FUNCTIONS, HealingSide, healing_side, thrown

BUILDS = ("a", "b")
NEVER = "never uploaded"

Step: TypeAlias = tuple[str, str, str]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HealingSide]:
    """One instance, with two new projects for each example."""
    folder: Path = tmp_path_factory.mktemp("healing")
    with healing_side(folder, portion=2) as side:
        yield side


def steps() -> st.SearchStrategy[list[Step]]:
    """What happens, in order; mostly events."""
    build, function = st.sampled_from(BUILDS), st.sampled_from(FUNCTIONS)
    event = st.tuples(st.just("event"), st.sampled_from((*BUILDS, NEVER)), function)
    other = st.tuples(
        st.sampled_from(("upload", "delete", "heal some", "ask", "restart")),
        build,
        st.just(""),
    )
    return st.lists(st.one_of(event, event, other), min_size=2, max_size=25)


def happen(side: HealingSide, project_id: int, what: list[Step], moments: list[int]) -> None:
    bundles: dict[str, int] = {}
    moment = iter(moments)
    for step, build, function in what:
        match step:
            case "event":
                side.digest(error(next(moment), build, function), project_id=project_id)
            case "upload":
                bundles[build] = side.upload(build, home=project_id)
            case "delete" if build in bundles:
                side.delete(bundles.pop(build))
            case "heal some":
                side.heal_some(1)
            case "ask":
                side.healings.ask(project_id, Kind.PROJECT, "", datetime.now(UTC))
            case "restart":
                side.healer = side.new_healer()


def error(number: int, build: str, function: str) -> dict[str, Any]:
    """What is never uploaded has words of its own: nobody could say which of the others it is."""
    event = thrown(number, build, function)
    if build == NEVER:
        event["exception"]["values"][0]["value"] = f"unreadable {function}"
    return event


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(what=steps(), moments=st.permutations(range(1, 26)))
def test_issues_and_counts_are_as_if_the_uploads_had_come_first(
    shop: HealingSide, what: list[Step], moments: list[int]
) -> None:
    now = datetime.now(UTC)
    late, early = (shop.projects.create(name, None, now).id for name in ("Late", "Early"))
    uploads: list[Step] = [("upload", build, "") for build in BUILDS]
    happen(shop, early, [*uploads, *(step for step in what if step[0] == "event")], moments)

    happen(shop, late, [*what, *uploads], moments)
    shop.heal()

    assert shop.told(late) == shop.told(early)
    assert shop.counted_wrongly() == []
