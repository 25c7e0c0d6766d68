"""Words of a hash, so written that none can be shifted from one into the next."""

import hashlib


def encoded(*words: str) -> bytes:
    """Each with its length before it, and an end."""
    text = "".join([f"\0{len(word)}:{word}" for word in words])
    return f"{text}\1".encode("utf-8", "replace")


def token(*words: str) -> bytes:
    """The same in 13 bytes: what is hashed again and again is short. 96 bits don't collide by chance."""
    return b"\x02" + hashlib.blake2b(encoded(*words), digest_size=12).digest()
