"""A request to the door for events."""

from dataclasses import dataclass


@dataclass
class Request:
    """One that is being changed."""

    method: str
    path: str
    version: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    @property
    def wire(self) -> bytes:
        """All of it, as it is sent."""
        lines = [f"{self.method} {self.path} {self.version}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body
