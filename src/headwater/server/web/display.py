"""How the pages are for one visitor: light or dark, with keys or without, and which editor opens a line.
Kept in cookies."""

from collections.abc import Mapping
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.errors import MalformedRequest
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.visit import (
    EDITOR_COOKIE,
    KEYS_COOKIE,
    KEYS_OFF,
    THEME_COOKIE,
    THEMES,
    Visit,
)
from headwater.storage.choices import InvalidChoice, parse_editor

EDITORS: Final[Mapping[str, str]] = {
    "VS Code": "vscode://file/home/me/shop/{path}:{line}:{column}",
    "Cursor": "cursor://file/home/me/shop/{path}:{line}:{column}",
    "Zed": "zed://file/home/me/shop/{path}:{line}:{column}",
    "JetBrains": "idea://open?file=/home/me/shop/{path}&line={line}&column={column}",
    "Sublime Text": "subl://open?url=file:///home/me/shop/{path}&line={line}&column={column}",
}
"""What the commonest editors are opened by; the folder is everybody's own."""

_YEAR: Final = 365 * 24 * 3600


class Display:
    """`/settings/display`."""

    def __init__(self, gate: Gate, look: Look) -> None:
        self._gate = gate
        self._look = look

    def routes(self) -> list[BaseRoute]:
        place = "/settings/display"
        return [self._gate.get(place, self._form), self._gate.post(place, self._save)]

    def _form(self, visit: Visit) -> Response:
        return self._page(visit, visit.theme, visit.editor, "", has_keys=visit.has_keys)

    def _save(self, visit: Visit) -> Response:
        theme, editor = visit.form.get("theme", ""), visit.form.get("editor", "")
        has_keys = visit.form.get("keys") == "on"
        if theme not in THEMES:
            raise MalformedRequest("The pages can be light, dark, or as the system says.")
        try:
            kept = {THEME_COOKIE: theme, EDITOR_COOKIE: parse_editor(editor)}
        except InvalidChoice as error:
            return self._page(visit, theme, editor, str(error), has_keys=has_keys)
        kept[KEYS_COOKIE] = "" if has_keys else KEYS_OFF
        answer = RedirectResponse("/settings/display?saved=1", 303)
        for name, value in kept.items():
            answer.set_cookie(
                name,
                value,
                max_age=_YEAR,
                secure=visit.is_secure,
                httponly=True,
                samesite="lax",
            )
        return answer

    def _page(
        self, visit: Visit, theme: str, editor: str, wrong: str, *, has_keys: bool
    ) -> Response:
        return self._look.page(
            visit,
            "display.html",
            status=422 if wrong else 200,
            themes=THEMES,
            theme=theme,
            editor=editor,
            editors=EDITORS,
            wrong=wrong,
            has_keys=has_keys,
            is_saved=visit.query("saved") == "1" and not wrong,
        )
