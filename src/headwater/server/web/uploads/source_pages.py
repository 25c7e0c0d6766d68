"""The sources inside of an uploaded map: a list, and each with its lines."""

from typing import Final

from markupsafe import Markup
from msgspec import Struct
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.artifacts.map_sources import MapSources, MapUnreadable, ShownLine
from headwater.protocol.bundle import ArtifactType
from headwater.server.errors import NothingThere
from headwater.server.numbers import number_in
from headwater.server.release_findings import ReleaseRecords
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.source import coloured_page
from headwater.server.web.uploads.release_pages import base_of
from headwater.server.web.uploads.upload_pages import UploadPages
from headwater.server.web.visit import Visit
from headwater.storage.files.compiled_files import Kind
from headwater.storage.page import MAX_PER_PAGE, PageRequest
from headwater.storage.projects import Project, Projects
from headwater.storage.uploads.bundle_pages import ShownBundle, ShownFile

LINES: Final = 500
"""Lines of one page."""


class _Line(Struct, frozen=True):
    number: int
    code: Markup
    is_cut: bool
    is_lit: bool


class _Map(Struct, frozen=True):
    """A map that is looked at, and where it is from."""

    bundle: ShownBundle
    file: ShownFile
    kind: Kind
    home: Project | None


class SourcePages(UploadPages):
    """`/bundles/…/maps/…`."""

    def __init__(
        self,
        gate: Gate,
        look: Look,
        projects: Projects,
        releases: ReleaseRecords,
        sources: MapSources,
    ) -> None:
        super().__init__(gate, look, projects, releases)
        self._sources = sources

    def routes(self) -> list[BaseRoute]:
        """For the app."""
        path = "/bundles/{bundle}/maps/{file}"
        return [
            self._gate.get(path, self._list),
            self._gate.get(path + "/{source}", self._source),
        ]

    def _list(self, visit: Visit) -> Response:
        asked = self._map(visit)
        text = visit.query("q").strip()
        request = PageRequest(visit.page_number - 1, MAX_PER_PAGE)
        wrong, found = "", None
        try:
            found = self._sources.listed(asked.file.sha256, asked.kind, text, request)
        except MapUnreadable as error:
            wrong = str(error)
        return self._look.page(
            visit,
            "map.html",
            project=asked.home,
            asked=asked,
            base=base_of(asked.home),
            text=text,
            found=found,
            wrong=wrong,
            number=visit.page_number,
        )

    def _source(self, visit: Visit) -> Response:
        asked = self._map(visit)
        text = visit.path("source")
        # 0 is the first of them, and what `number_in` makes of what is no number.
        if text != "0" and not number_in(text):
            raise NothingThere("There is no such source in this map.")
        if to := number_in(visit.query("to")):
            # A form's answer can't have a fragment of its own, and without one nothing scrolls.
            return RedirectResponse(f"{visit.request.url.path}?line={to}#L{to}", 303)
        line = number_in(visit.query("line"))
        number = 1 + (line - 1) // LINES if line else visit.page_number
        try:
            shown = self._sources.shown(
                asked.file.sha256, asked.kind, number_in(text), (number - 1) * LINES, LINES
            )
        except MapUnreadable as error:
            raise NothingThere(str(error)) from None
        name = shown.source.name or ""
        code = coloured_page(name, [each.text for each in shown.lines])
        return self._look.page(
            visit,
            "source.html",
            project=asked.home,
            asked=asked,
            base=base_of(asked.home),
            source=shown.source,
            lines=[
                _line(each, markup, line) for each, markup in zip(shown.lines, code, strict=True)
            ],
            number=number,
            pages=-(-(shown.source.lines or 0) // LINES),
        )

    def _map(self, visit: Visit) -> _Map:
        bundle = self._asked_for(visit)
        file = self._releases.bundles.file(bundle.id, number_in(visit.path("file")))
        if file is None or not file.sha256:
            raise NothingThere("The bundle has no such file, or its content was not kept.")
        if file.type is ArtifactType.SOURCE_MAP:
            kind = Kind.MAP
        elif self._sources.with_map_inside([file.sha256]):
            kind = Kind.INLINE
        else:
            raise NothingThere(f"{file.url} is no source map, and has none inside.")
        return _Map(bundle, file, kind, self._home(bundle))


def _line(line: ShownLine, code: Markup, lit: int) -> _Line:
    return _Line(line.number, code, line.is_cut, line.number == lit)
