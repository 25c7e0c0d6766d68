"""A project's settings: its name, and what it decides about its events."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from msgspec.structs import replace
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.grouping.versions import CURRENT
from headwater.server.web.form import Form
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.projects.project_pages import existing
from headwater.server.web.visit import Visit
from headwater.storage.choices import (
    EVENTS_PER_MINUTE,
    MAX_AGE_DAYS,
    MAX_ARTIFACT_AGE_DAYS,
    MAX_ARTIFACTS,
    MAX_EVENTS,
    MAX_RELEASES,
    InvalidChoice,
    NumberChoice,
    parse_field_names,
    parse_folder,
    parse_repository,
)
from headwater.storage.projects import Choices, InvalidProject, Project, Projects

NUMBERS: Final[Mapping[str, NumberChoice]] = {
    "events_per_minute": EVENTS_PER_MINUTE,
    "max_events": MAX_EVENTS,
    "max_age_days": MAX_AGE_DAYS,
    "max_artifact_age_days": MAX_ARTIFACT_AGE_DAYS,
    "max_releases": MAX_RELEASES,
    "max_artifacts": MAX_ARTIFACTS,
}
"""Fields that hold a number, or nothing."""

T = TypeVar("T")


class ProjectSettings:
    """`/projects/…/settings`."""

    def __init__(self, gate: Gate, look: Look, projects: Projects) -> None:
        self._gate = gate
        self._look = look
        self._projects = projects

    def routes(self) -> list[BaseRoute]:
        place = "/projects/{project}/settings"
        return [
            self._gate.get(place, self._form),
            self._gate.post(place, self._save),
            self._gate.post(place + "/grouping", self._move),
        ]

    def _form(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        return self._page(visit, project, _filled(project), ())

    def _save(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        choices, wrong = _chosen(visit.form, project.choices)
        if not wrong:
            try:
                self._projects.rename(project.id, visit.form.get("name", ""))
            except InvalidProject as error:
                wrong = (str(error),)
        if wrong:
            return self._page(visit, project, visit.form, wrong)
        self._projects.choose(project.id, choices)
        return RedirectResponse(f"/projects/{project.slug}/settings?saved=1", 303)

    def _move(self, visit: Visit) -> Response:
        project = existing(self._projects, visit.path("project"))
        self._projects.choose(project.id, project.choices.moved_to(CURRENT.name))
        return RedirectResponse(f"/projects/{project.slug}/settings?saved=1", 303)

    def _page(
        self, visit: Visit, project: Project, filled: Form, wrong: tuple[str, ...]
    ) -> Response:
        return self._look.page(
            visit,
            "project_settings.html",
            status=422 if wrong else 200,
            project=project,
            filled=filled,
            newest=CURRENT.name,
            wrong=" ".join(wrong),
            is_saved=visit.query("saved") == "1" and not wrong,
        )


def _filled(project: Project) -> Form:
    choices = project.choices
    numbers = {name: getattr(choices, name) for name in NUMBERS}
    return {
        "name": project.name,
        "sensitive_fields": "\n".join(choices.sensitive_fields),
        "repository": choices.repository,
        "repository_folder": choices.repository_folder,
        **{name: "" if number is None else str(number) for name, number in numbers.items()},
        # A box that is not ticked is not in the form.
        **({"scrubs_secrets": "on"} if choices.scrubs_secrets else {}),
    }


def _chosen(form: Form, present: Choices) -> tuple[Choices, tuple[str, ...]]:
    """What is to be in force, and everything that is wrong with what was filled in."""
    wrong: list[str] = []

    def valid(parse: Callable[[str], T], name: str, otherwise: T) -> T:
        try:
            return parse(form.get(name, ""))
        except InvalidChoice as error:
            wrong.append(str(error))
            return otherwise

    numbers: dict[str, Any] = {
        name: valid(number.parse, name, None) for name, number in NUMBERS.items()
    }
    no_names: tuple[str, ...] = ()
    chosen = replace(
        present,
        scrubs_secrets=form.get("scrubs_secrets") == "on",
        sensitive_fields=valid(parse_field_names, "sensitive_fields", no_names),
        **numbers,
        repository=valid(parse_repository, "repository", ""),
        repository_folder=valid(parse_folder, "repository_folder", ""),
    )
    return chosen, tuple(wrong)
