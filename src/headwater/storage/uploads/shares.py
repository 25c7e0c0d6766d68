"""How shares are written."""


class FramesShare:
    """Of frames that a source map is needed for: some `resolved`, the rest `failed`."""

    __slots__ = ()
    resolved: int
    failed: int

    @property
    def frames(self) -> int:
        """All of them."""
        return self.resolved + self.failed

    @property
    def rate(self) -> float | None:
        """The share that is resolved; None if no source map is needed."""
        return self.resolved / self.frames if self.frames else None

    @property
    def percent(self) -> str:
        """The share in words."""
        return in_percent(self.resolved, self.frames)


def in_percent(part: int, whole: int) -> str:
    """Rounded; but all of it is 100 %, and nothing is 0 %, and nothing else is."""
    if part in (0, whole):
        return "100 %" if part else "0 %"
    return f"{min(max(round(100 * part / whole), 1), 99)} %"
