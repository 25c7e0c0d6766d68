"""The inverse of decoding, for tests: `mappings` from segments, written plainly."""

from collections.abc import Iterable, Sequence

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

Segment = tuple[int, ...]
"""Absolute: column; or column, source, line, column; or those and a name. All from 0."""


def encode_vlq(number: int) -> str:
    """One signed number."""
    rest = (abs(number) << 1) | (number < 0)
    digits = []
    while True:
        digit, rest = rest & 31, rest >> 5
        digits.append(ALPHABET[digit | (32 if rest else 0)])
        if not rest:
            return "".join(digits)


def encode_mappings(lines: Iterable[Sequence[Segment]]) -> str:
    """`mappings` of the lines' segments, in the order given."""
    last = [0, 0, 0, 0, 0]
    written = []
    for segments in lines:
        last[0] = 0
        encoded = []
        for segment in segments:
            encoded.append("".join(encode_vlq(a - b) for a, b in zip(segment, last, strict=False)))
            last[: len(segment)] = segment
        written.append(",".join(encoded))
    return ";".join(written)
