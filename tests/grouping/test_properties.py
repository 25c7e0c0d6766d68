"""What never changes a hash, and what always does, for any frames."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headwater.grouping.fingerprint import hashes
from headwater.protocol.event import Event, Frame
from headwater.symbolicate.resolution import Resolution
from tests.grouping.builders import error, original, resolved

WORDS = st.sampled_from(["cart", "pay", "list", "order", "refund", "checkout", "invoice", "render"])
NAMES = st.builds(lambda verb, noun: verb + noun.title(), WORDS, WORDS)
FOLDERS = st.lists(WORDS, min_size=0, max_size=3).map("/".join)
HOSTS = st.from_regex(r"[a-z]{1,9}(\.[a-z]{2,9}){1,2}(:[0-9]{2,4})?", fullmatch=True)
POSITIONS = st.integers(1, 99_999)
HEXADECIMAL = st.text("0123456789abcdef", min_size=8, max_size=20).filter(
    lambda text: any(character.isdecimal() for character in text)
)
VITE = st.text("ABCDEFGHIJKLMabcdefghijkl0123456789_-", min_size=8, max_size=8).filter(
    lambda text: any(character.isdecimal() for character in text)
)
TURBOPACK = st.text("0123456789abcdefghijklmnop~", min_size=9, max_size=12).map(
    lambda text: f"0{text}"
)
PLATFORMS = st.sampled_from(
    ["python", "java", "ruby", "php", "go", "csharp", "rust", "elixir", "dart", "native", "perl"]
)


@st.composite
def builds(draw: st.DrawFn) -> tuple[str, str]:
    """One bundle's addresses in two builds on two hosts."""
    style = draw(
        st.sampled_from(
            [("{}-{}.js", VITE), ("{}.{}.chunk.js", HEXADECIMAL), ("{}_{}.js", TURBOPACK)]
        )
    )
    folder, name = draw(FOLDERS), draw(WORDS)

    def one() -> str:
        query = draw(st.sampled_from(["", "?v=1", "?v=2#x"]))
        file = style[0].format(name, draw(style[1]))
        return f"https://{draw(HOSTS)}/{folder}/{file}{query}".replace("//" + file, "/" + file)

    return one(), one()


def _event(path: str, functions: list[str], draw: Any, **more: Any) -> Event:
    frames = (
        Frame(abs_path=path, function=name, lineno=draw(POSITIONS), colno=draw(POSITIONS))
        for name in functions
    )
    return error(*frames, **more)


def _hashes(event: Event) -> object:
    return hashes(event, Resolution(1))


@given(builds(), st.lists(NAMES, min_size=1, max_size=5), st.data())
def test_builds_hosts_and_positions_never_change_an_unresolved_hash(
    paths: tuple[str, str], functions: list[str], data: st.DataObject
) -> None:
    one, other = (_event(path, functions, data.draw) for path in paths)

    assert _hashes(one) == _hashes(other)


@given(builds(), st.lists(NAMES, min_size=1, max_size=5, unique=True), NAMES, st.data())
def test_another_function_always_changes_an_unresolved_hash(
    paths: tuple[str, str], functions: list[str], name: str, data: st.DataObject
) -> None:
    one = _event(paths[0], functions, data.draw)
    other = _event(paths[0], [*functions[:-1], f"{name}Again"], data.draw)

    assert _hashes(one) != _hashes(other)


@given(builds(), NAMES, WORDS, POSITIONS, POSITIONS)
def test_neither_build_nor_position_changes_a_resolved_hash_but_function_and_file_do(
    paths: tuple[str, str], function: str, file: str, line: int, other_line: int
) -> None:
    one, other = (error(Frame(abs_path=path, function="t", lineno=1, colno=2)) for path in paths)
    found = hashes(one, resolved(one, original(f"src/{file}.ts", function, line)))

    assert found == hashes(other, resolved(other, original(f"src/{file}.ts", function, other_line)))
    for changed in (f"src/{file}.ts", f"{function}Again"), (f"src/{file}/b.ts", function):
        assert found.final != hashes(one, resolved(one, original(*changed, line))).final


@given(PLATFORMS, NAMES, NAMES, WORDS, POSITIONS, POSITIONS)
def test_on_every_platform_functions_count_and_lines_do_not(
    platform: str, function: str, other: str, file: str, line: int, other_line: int
) -> None:
    def event(name: str, lineno: int) -> Event:
        frame = Frame(
            abs_path=f"/x/{file}.src", filename=f"{file}.src", function=name, lineno=lineno
        )
        return error(frame, platform=platform)

    assert _hashes(event(function, line)) == _hashes(event(function, other_line))
    assert _hashes(event(function, line)) != _hashes(event(f"{other}Again", line))
