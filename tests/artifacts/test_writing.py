"""Compiled files written from uploaded ones."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from headwater.artifacts.writing import write_map
from headwater.sourcemaps.compiled.write import TextPlace


def test_a_map_that_is_mended_leaves_nothing_behind_wherever_its_writing_ends(
    tmp_path: Path,
) -> None:
    text = "// a comment of some length\n" * 40 + "\ud800"
    members = {"version": 3, "sources": ["a.js"], "names": [], "mappings": "AAAA"}
    content = json.dumps({**members, "sourcesContent": [text]}).encode()
    there: list[set[str]] = []

    def known(digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]:
        assert digests
        there.append({each.name for each in tmp_path.iterdir()})
        return {}

    write_map(memoryview(content), "key", tmp_path / "target", known)

    assert there == [{"target"}]
