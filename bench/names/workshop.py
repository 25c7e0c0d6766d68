"""The scratch folder: packages installed, the program run as written, combinations built and run."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_CAPTURES_AS_WRITTEN = "2000"
"""Stacks taken inside of each builtin in each step."""
_CAPTURES_OF_BUILDS = "400"
_SECONDS = 900
_PROGRAM = re.compile(r"^export const program = ['\"](.+)['\"]", re.MULTILINE)
_TRANSFORM = re.compile(r"^export (?:async |const |function |\{ ?)+transform\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything below one folder that may be deleted at any time."""

    root: Path

    def prepare(self) -> None:
        """Copy our own files, install the packages that all share unless they are there already."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in ("harness", "program", "combinations"):
            _copy(HERE / folder, self.root / folder)
        self._install(HERE / "package.json", self.root)

    def equip(self, combination: str) -> None:
        """Install the packages of the folder that a combination is in, and of its program's."""
        for file in (self._file(combination), self.root / self.program(combination)):
            for folder in file.parents:
                if folder.parent == self.root / "combinations":
                    self._install(HERE / "combinations" / folder.name / "package.json", folder)

    def base(self, combination: str) -> Path:
        """Where paths of its program's sources and packages begin."""
        return self.root / self.program(combination).partition("program/")[0]

    def combinations(self) -> list[str]:
        """Names: of `combinations/x.mjs` or `combinations/x/build.mjs`."""
        folder = self.root / "combinations"
        files = [file.stem for file in folder.glob("*.mjs")]
        return sorted(files + [file.parent.name for file in folder.glob("*/build.mjs")])

    def program(self, combination: str) -> str:
        """The entry that a combination builds."""
        found = _PROGRAM.search(self._file(combination).read_text())
        return "program/main.tsx" if found is None else found[1]

    def truth_of(self, combination: str) -> Path:
        """Where the run as written of a combination's program is kept."""
        return self.root / "truth" / re.sub(r"\W+", "-", self.program(combination))

    def run_as_written(self, combination: str) -> Path:
        """Run its program unbundled; the folder holds `frames.json` and `maps`."""
        folder = self.truth_of(combination)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        file = self._file(combination)
        transform = str(file) if _TRANSFORM.search(file.read_text()) else ""
        command = ["--import", "./harness/native.mjs", "--require", "./harness/hooks.cjs"]
        self._node(
            [*command, self.program(combination)],
            FRAMES=str(folder / "frames.json"),
            MAPS=str(folder / "maps"),
            CAPTURES=_CAPTURES_AS_WRITTEN,
            TRANSFORM=transform,
        )
        return folder

    def build(self, combination: str) -> Path:
        """Build into a new folder."""
        out = self.root / "out" / combination
        file = self._file(combination)
        entry = self.root / self.program(combination)
        self._node(["harness/build.mjs", str(file), str(self.root), str(entry), str(out)])
        return out

    def run(self, combination: str) -> Path:
        """Run what was built; the folder holds `frames.json`."""
        out = self.root / "out" / combination
        frames = out / "frames.json"
        if not frames.is_file():
            main = next(out.glob("main.*js"))
            command = ["--require", "./harness/hooks.cjs", str(main)]
            self._node(command, FRAMES=str(frames), CAPTURES=_CAPTURES_OF_BUILDS)
        return out

    def _file(self, combination: str) -> Path:
        file = self.root / "combinations" / f"{combination}.mjs"
        return file if file.is_file() else self.root / "combinations" / combination / "build.mjs"

    def _install(self, wanted: Path, folder: Path) -> None:
        """Maps of packages are deleted: some bundlers follow them, so that places would differ."""
        folder.mkdir(parents=True, exist_ok=True)
        installed = folder / "node_modules" / ".installed"
        if installed.is_file() and installed.read_text() == wanted.read_text():
            return
        shutil.copy(wanted, folder / "package.json")
        quiet = ["--no-audit", "--no-fund", "--package-lock=false", "--legacy-peer-deps"]
        command = ["npm", "install", "--loglevel=error", *quiet]
        subprocess.run(command, cwd=folder, check=True, timeout=_SECONDS)
        for file in (folder / "node_modules").rglob("*.map"):
            if file.is_file():
                file.unlink()
        installed.write_text(wanted.read_text())

    def _node(self, arguments: list[str], **environment: str) -> None:
        subprocess.run(
            ["node", "--max-old-space-size=6000", *arguments],
            cwd=self.root,
            env={**os.environ, "NODE_ENV": "production", **environment},
            check=True,
            timeout=_SECONDS,
        )


def _copy(folder: Path, to: Path) -> None:
    """All files anew, but for installed packages."""
    for file in to.glob("*/*" if to.name == "combinations" else "*"):
        if file.name != "node_modules":
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    shutil.copytree(folder, to, dirs_exist_ok=True)
