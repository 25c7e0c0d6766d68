"""The command lines that upload: Rust `sentry-cli` of three generations, and npm's `sentry`."""

from dataclasses import dataclass
from pathlib import Path

from tests.clients.live_server import Project
from tests.clients.toolbox import Finished, Toolbox


@dataclass(frozen=True, slots=True)
class CommandLine:
    """One of them, in the words of a shell."""

    name: str
    script: str
    noun: str = "sourcemaps"
    injects_by_itself: bool = False

    def __str__(self) -> str:
        return self.name


RUST_2_39 = CommandLine("sentry-cli-2.39", "cli-2.39/bin/sentry-cli")
RUST_2_58 = CommandLine("sentry-cli-2.58", "cli-2.58/bin/sentry-cli")
RUST_3 = CommandLine("sentry-cli-3.8", "cli-3/bin/sentry-cli")
SENTRY = CommandLine("sentry-0.49", "sentry/dist/bin.cjs", "sourcemap", injects_by_itself=True)

RUST = (RUST_2_39, RUST_2_58, RUST_3)


@dataclass(frozen=True, slots=True)
class Shell:
    """A command line, told where the server is."""

    tools: Toolbox
    command: CommandLine
    project: Project

    def __call__(self, *arguments: str, cwd: Path, **env: str) -> Finished:
        settings = {**self.project.settings(), **env}
        return self.tools.run(self.command.script, *arguments, cwd=cwd, env=settings)

    def inject(self, dist: Path) -> Finished | None:
        """Write debug ids into the files of a folder."""
        if self.command.injects_by_itself:
            return None
        return self(self.command.noun, "inject", str(dist), cwd=dist)

    def upload(self, dist: Path, *flags: str) -> Finished:
        """Upload a folder."""
        return self(self.command.noun, "upload", *flags, str(dist), cwd=dist)
