"""Who may hold how much memory at a time."""

import pytest

from headwater.server.in_flight import (
    LARGE,
    MAX_IN_FLIGHT,
    MAX_LARGE,
    MAX_OF_PROJECT,
    InFlight,
    NoRoom,
)


def test_a_project_s_requests_hold_no_more_than_its_share() -> None:
    in_flight = InFlight()

    with in_flight.place() as first, in_flight.place() as second:
        first.belongs_to(1)
        first.grow(MAX_LARGE)
        second.belongs_to(2)
        second.grow(MAX_LARGE)

        with pytest.raises(NoRoom, match="of this project"):
            first.grow(1)


def test_events_of_the_usual_size_have_room_that_large_ones_can_not_take() -> None:
    in_flight = InFlight()

    with in_flight.place() as large, in_flight.place() as usual, in_flight.place() as other:
        for place in (large, usual, other):
            place.belongs_to(1)
        large.grow(MAX_LARGE)
        usual.grow(LARGE)

        with pytest.raises(NoRoom):
            other.grow(LARGE + 1)


def test_what_is_nobody_s_yet_has_a_share_of_its_own_and_moves_to_its_project() -> None:
    in_flight = InFlight()

    with in_flight.place() as strange, in_flight.place() as next_one:
        strange.grow(MAX_LARGE)
        with pytest.raises(NoRoom):
            next_one.grow(LARGE + 1)

        strange.belongs_to(1)

        next_one.grow(LARGE + 1)


def test_all_projects_together_hold_no_more_than_the_whole() -> None:
    in_flight = InFlight()
    projects = MAX_IN_FLIGHT // MAX_OF_PROJECT + 2

    with pytest.raises(NoRoom, match="as it can hold"):
        _fill(in_flight, projects)


def test_a_place_is_given_back_with_all_that_it_held() -> None:
    in_flight = InFlight()

    for _ in range(2 * MAX_IN_FLIGHT // MAX_LARGE):
        with in_flight.place() as place:
            place.grow(1000)
            place.belongs_to(1)
            place.grow(MAX_LARGE - 1000)


def _fill(in_flight: InFlight, projects: int) -> None:
    if projects:
        with in_flight.place() as place:
            place.belongs_to(projects)
            place.grow(MAX_LARGE)
            _fill(in_flight, projects - 1)
