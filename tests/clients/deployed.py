"""A server app, copied from its build to where it runs."""

import json
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.clients.builds import RELEASE, Built
from tests.clients.live_server import Project
from tests.clients.sent import sent_in
from tests.clients.toolbox import Toolbox

DIST = "42"


@dataclass(frozen=True, slots=True)
class Deployed:
    """The app's files, which a command line may still change, beside the packages they need."""

    tools: Toolbox
    built: Built

    @classmethod
    def copy_of(cls, built: Built, out: Path, tools: Toolbox) -> Self:
        """Deploy a build that others deploy as well."""
        folder = shutil.copytree(built.folder, out / "dist")
        (out / "node_modules").symlink_to(tools.packages)
        return cls(tools, Built(folder, built.output))

    def unlike_any_other(self) -> Self:
        """With content of its own, so that it gets debug ids of its own: they are made of that."""
        mark = uuid.uuid4().hex
        for file in self.folder.rglob("*.js"):
            code, comment, url = file.read_text().rpartition("\n//# sourceMappingURL=")
            file.write_text(f"{code}/*{mark}*/{comment}{url}")
        for file in self.folder.rglob("*.map"):
            file.write_text(json.dumps(json.loads(file.read_text()) | {"x_mark": mark}))
        return self

    @property
    def folder(self) -> Path:
        """What is uploaded."""
        return self.built.folder

    def act(self, project: Project, *scenarios: str, release: str = RELEASE) -> dict[str, str]:
        """Let the app fail; the ids of the events it sent, by scenario."""
        settings = {"SENTRY_DSN": project.dsn, "APP_RELEASE": release, "APP_DIST": DIST}
        script = self.built.script()
        acted = self.tools.run(script, *scenarios, cwd=self.folder, env=settings)
        sent = sent_in(acted.output.splitlines())
        assert set(sent) == set(scenarios), acted.output
        return sent
