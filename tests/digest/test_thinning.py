"""From which issues how many events are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headwater.digest.thinning import MIN_KEPT, water_level

SIZES = st.lists(st.integers(MIN_KEPT + 1, 10_000), max_size=50).map(
    lambda sizes: sorted(sizes, reverse=True)
)


@pytest.mark.parametrize(
    ("sizes", "count", "level"),
    [
        ([1_000, 50, 40], 100, 900),
        ([100, 100, 100], 30, 90),
        ([300, 100, 50], 250, 75),
        ([100, 30], 10_000, MIN_KEPT),
        ([], 5, MIN_KEPT),
    ],
)
def test_the_largest_give_first_until_they_are_as_small_as_the_others(
    sizes: list[int], count: int, level: int
) -> None:
    assert water_level(sizes, count) == level


@given(SIZES, st.integers(1, 600_000))
def test_the_level_is_the_highest_that_gives_enough(sizes: list[int], count: int) -> None:
    def above(level: int) -> int:
        return sum(max(0, size - level) for size in sizes)

    level = water_level(sizes, count)

    assert level >= MIN_KEPT
    if level > MIN_KEPT:
        assert above(level) >= count
    assert above(level + 1) < count
