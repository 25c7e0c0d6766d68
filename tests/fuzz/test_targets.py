"""What the fuzzer found interesting is tried again, and a little that it has not seen."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import compiled_reader, decoder

HERE = Path(__file__).parent
SEGMENTS = st.lists(st.sampled_from((b"A", b"AAAA", b"AACAA", b"gh", b"!", b",", b";"))).map(
    b"".join
)

REPLAY = """
import sys
from tests.fuzz.scope_finder import check
for line in sys.stdin:
    check(bytes.fromhex(line))
print("all answered")
"""


def corpus_of(target: str) -> list[bytes]:
    return [each.read_bytes() for each in sorted((HERE / "corpus" / target).iterdir())]


def assert_scopes_are_found(inputs: Sequence[bytes]) -> None:
    """In a process of their own: the parser is native code."""
    child = subprocess.run(
        [sys.executable, "-c", REPLAY],
        input="\n".join(each.hex() for each in inputs),
        env={"PYTHONPATH": f"{HERE.parents[1]}:{HERE.parents[1] / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (child.stdout, child.stderr) == ("all answered\n", "")


@pytest.mark.parametrize(
    ("target", "check"),
    [("decoder", decoder.check), ("compiled_reader", compiled_reader.check)],
)
def test_the_corpus_is_answered(target: str, check: Callable[[bytes], None]) -> None:
    inputs = corpus_of(target)

    for each in inputs:
        check(each)

    assert inputs


def test_the_scopes_of_the_corpus_are_found() -> None:
    assert_scopes_are_found(corpus_of("scope_finder"))


@given(
    st.binary(max_size=40) | st.tuples(st.binary(min_size=3, max_size=3), SEGMENTS).map(b"".join)
)
def test_the_decoder_answers_as_a_plain_reader_does(mappings: bytes) -> None:
    decoder.check(mappings)


@given(st.binary(max_size=40))
def test_damage_to_a_compiled_file_is_named(edits: bytes) -> None:
    compiled_reader.check(edits)


@settings(max_examples=5)
@given(st.lists(st.binary(min_size=2, max_size=30), min_size=20, max_size=20))
def test_scopes_of_any_words_are_found(inputs: list[bytes]) -> None:
    assert_scopes_are_found(inputs)
