"""A route for what no other route answers."""

from collections.abc import Callable
from typing import Any

from starlette.routing import Match, Route
from starlette.types import Scope


class Otherwise(Route):
    """Matches like a known path with a wrong method, that is, only if no route matches wholly.

    So a wrong method is told as such, wherever in the list of routes this stands.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any]) -> None:
        super().__init__(path, endpoint)
        self.methods = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        try:
            match, child = super().matches(scope)
        except ValueError:  # a number of more digits than Python reads
            return Match.NONE, {}
        return (Match.NONE if match is Match.NONE else Match.PARTIAL), child
