"""Bodies changed as bytes, and packed: well, and wrong."""

import gzip
import zlib
from collections.abc import Callable
from functools import lru_cache
from random import Random

import brotli
import zstandard

from tests.fuzz.events.envelope_changes import LARGEST
from tests.fuzz.events.recorded import recordings

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 1, mtime=0),
    "br": lambda body: brotli.compress(body, quality=1),
    "zstd": lambda body: zstandard.ZstdCompressor(level=1).compress(body),
    "deflate": lambda body: zlib.compress(body, 1),
}
NAMES = (
    "gzip", "br", "zstd", "deflate", "x-gzip", "identity", "lzma", "GZIP", "gzip, gzip", "", "gzip,br,zstd", "é",
)  # fmt: skip
PIECES = (
    b"\n", b'"', b"\0", b"{", b"}", b"[", b",", b"\\u0000", b"\\ud800", b"\xff", b"\xef\xbb\xbf", b"1e999",
)  # fmt: skip
BOMB = 30_000_000


def change_bytes(body: bytes, random: Random) -> bytes:
    """Flipped, cut, inserted, doubled, or spliced with another's."""
    changed = bytearray(body)
    for _ in range(random.choice((1, 1, 3, 20))):
        at = random.randint(0, len(changed))
        length = random.choice((1, 2, 8, 100, 4000))
        match random.randrange(6):
            case 0 if at < len(changed):
                changed[at] ^= 1 << random.randrange(8)
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = random.randbytes(min(length, 100))
            case 3:
                changed[at:at] = changed[at : at + length] * random.choice((1, 2, 50))
            case 4:
                changed[at:at] = random.choice(PIECES)
            case _:
                other = random.choice(recordings()).body
                changed[at:] = other[random.randint(0, len(other)) :]
    return bytes(changed[:LARGEST])


def change_packing(body: bytes, encoding: str, random: Random) -> tuple[bytes, str]:
    """A packed body and what it says that it is, damaged: both anew."""
    return random.choice(WAYS)(body, encoding, random)


def _cut(body: bytes, encoding: str, random: Random) -> tuple[bytes, str]:
    return body[: random.randint(0, len(body))], encoding


def _named_otherwise(body: bytes, _encoding: str, random: Random) -> tuple[bytes, str]:
    return body, random.choice(NAMES)


def _in_members(body: bytes, _encoding: str, random: Random) -> tuple[bytes, str]:
    size = random.choice((50, 5_000))
    pieces = [body[at : at + size] for at in range(0, min(len(body), 200 * size), size)]
    return b"".join(map(PACKERS["gzip"], pieces)), "gzip"


def _packed_again(body: bytes, encoding: str, _random: Random) -> tuple[bytes, str]:
    return PACKERS["gzip"](body), ", ".join(filter(None, (encoding, "gzip")))


def _with_more(body: bytes, encoding: str, random: Random) -> tuple[bytes, str]:
    return body + random.randbytes(random.choice((1, 9, 999))), encoding


def _bomb(_body: bytes, _encoding: str, random: Random) -> tuple[bytes, str]:
    return _bomb_of(random.choice((10_000, BOMB))), "gzip"


def _bare(body: bytes, _encoding: str, _random: Random) -> tuple[bytes, str]:
    return zlib.compress(body)[2:-4], "deflate"


def _damaged(body: bytes, encoding: str, random: Random) -> tuple[bytes, str]:
    return change_bytes(body, random), encoding


WAYS: tuple[Callable[[bytes, str, Random], tuple[bytes, str]], ...] = (
    *(_cut, _named_otherwise, _in_members, _packed_again, _with_more, _bomb, _bare, _damaged),
)


@lru_cache
def _bomb_of(size: int) -> bytes:
    return PACKERS["gzip"](b'{}\n{"type":"event"}\n' + b" " * size)
