"""What was read lately is kept, within a bound."""

from hypothesis import given
from hypothesis import strategies as st

from headwater.sourcemaps.compiled.cache import Cache

SIZES = {"a": 1, "b": 2, "c": 3, "d": 6, "e": 11}


def test_what_was_asked_for_least_recently_goes_first() -> None:
    cache = Cache(2)
    cache.put("a", "A", 1)
    cache.put("b", "B", 1)
    cache.get("a")

    cache.put("c", "C", 1)

    assert [cache.get(key) for key in "abc"] == ["A", None, "C"]


def test_what_is_larger_than_all_is_given_but_not_kept() -> None:
    cache = Cache(10)

    assert cache.put("e", "E", 11) == "E"

    assert cache.get("e") is None


def test_a_new_value_takes_the_place_of_the_old_one() -> None:
    cache = Cache(10)
    cache.put("a", "A", 8)

    cache.put("a", "B", 8)

    assert cache.get("a") == "B"


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcde")), max_size=40))
def test_it_keeps_what_a_plain_list_of_the_latest_would(steps: list[tuple[bool, str]]) -> None:
    cache, kept = Cache(10), dict[str, str]()
    for is_put, key in steps:
        if is_put:
            cache.put(key, key, SIZES[key])
            kept.pop(key, None)
            kept[key] = key
            while sum(SIZES[each] for each in kept) > 10:
                del kept[next(iter(kept))]
        else:
            assert cache.get(key) == kept.get(key)
            if key in kept:
                kept[key] = kept.pop(key)
