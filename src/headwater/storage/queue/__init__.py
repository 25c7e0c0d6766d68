"""Between the door and the digest: what waits, what failed, what became of all of it."""
