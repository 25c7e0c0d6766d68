"""The shop, built by every bundler with every generation of its plugin."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.clients.live_server import Project
from tests.clients.toolbox import SHOP, Finished, Toolbox

RELEASE = "shop@1.0.0"

TROUBLE = re.compile(r"\b(warn(ing)?s?|errors?|fail(ed|ure)?|couldn.?t|refus\w+)\b", re.IGNORECASE)
"""What a build that went well never says."""

COMMANDS = {
    "vite": ("vite/bin/vite.js", "build", "--config=vite.config.mjs", "--configLoader=native"),
    "webpack": (SHOP / "webpack.mjs",),
    "rollup": ("rollup/dist/bin/rollup", "--config=rollup.config.mjs"),
    "esbuild": (SHOP / "esbuild.mjs",),
}


@dataclass(frozen=True, slots=True)
class Build:
    """A bundler, the generation of its plugin (none: nothing is uploaded), and what it is for."""

    bundler: str
    plugin: str
    target: str
    sdk: str = "browser-11"
    release: str = RELEASE
    is_hidden: bool = False
    """Its maps are named by nothing, and deleted when they are uploaded."""

    def __str__(self) -> str:
        plugin = f"-plugin-{self.plugin}" if self.plugin else ""
        return f"{self.bundler}{plugin}-{self.sdk if self.target == 'browser' else 'node'}"


@dataclass(frozen=True, slots=True)
class Built:
    """The output folder of a build, and what the build said."""

    folder: Path
    output: str

    def script(self) -> Path:
        """The entry, whatever its bundler calls it."""
        named = [path for name in ("node", "browser") for path in self.folder.glob(f"{name}.*js")]
        (entry,) = named
        return entry


def build(tools: Toolbox, made: Build, out: Path, project: Project | None) -> Built:
    """Run the build with its plugin; whatever goes wrong in it, or is warned of, fails the test."""
    script, *arguments = COMMANDS[made.bundler]
    folder = out / "dist"
    out.mkdir(exist_ok=True)
    # A server's bundle finds the SDK where it would in a deployed app: beside itself.
    (out / "node_modules").symlink_to(tools.packages)
    settings = {
        "APP_HIDDEN": "1" if made.is_hidden else "",
        "APP_OUT": str(folder),
        "APP_PLUGIN": made.plugin,
        "APP_RELEASE": made.release,
        "APP_SDK": made.sdk,
        "APP_TARGET": made.target,
        # Without it the plugins would take the release from this repository's last commit.
        "GIT_DIR": "/nowhere",
        **(project.settings() if project else {}),
    }
    done = tools.run(script, *map(str, arguments), cwd=SHOP, env=settings)
    assert_fine(done)
    return Built(folder, done.output)


def assert_fine(done: Finished) -> None:
    """Exit code 0 and not a word of trouble."""
    assert done.code == 0, done.output
    assert TROUBLE.findall(done.output) == [], done.output
