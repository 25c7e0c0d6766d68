"""Index maps made of other maps, as bundlers that concatenate files write them."""

import json

Part = tuple[str, bytes]
"""A minified file's text and its map's JSON."""


def index_map(parts: list[Part], how: str) -> tuple[str, bytes]:
    """The joined code and the JSON of its index map: sections begin at new lines, or within a line.

    `nested` puts the last half of the sections into an index map of its own, laid within a line.
    """
    if how != "nested":
        code, document = joined(parts, within_a_line=how == "columns")
        return code, json.dumps(document).encode()
    half = len(parts) // 2
    inner_code, inner = joined(parts[half:], within_a_line=False)
    outer_code, outer = joined(parts[:half], within_a_line=False)
    offset = end_of(outer_code)
    sections = [*outer["sections"], {"offset": offset, "map": inner}]  # type: ignore[misc]
    document = {"version": 3, "file": "nested.js", "sections": sections}
    return outer_code + inner_code, json.dumps(document).encode()


def joined(parts: list[Part], *, within_a_line: bool) -> tuple[str, dict[str, object]]:
    code = ""
    sections = []
    for text, document in parts:
        sections.append({"offset": end_of(code), "map": json.loads(document)})
        body = text.rstrip("\n")
        code += body + (";" if within_a_line else "\n")
    return code, {"version": 3, "file": "joined.js", "sections": sections}


def end_of(code: str) -> dict[str, int]:
    """Where text appended to `code` begins: line and UTF-16 column, from 0."""
    last = code.rpartition("\n")[2]
    return {"line": code.count("\n"), "column": len(last.encode("utf-16-le")) // 2}
