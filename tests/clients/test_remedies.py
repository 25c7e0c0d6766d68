"""The lines that verdicts give to paste are what the real plugins and bundlers take, by their types."""

import json
from pathlib import Path
from typing import Final

import pytest

from headwater.symbolicate.remedies.bundlers import Bundler
from headwater.symbolicate.remedies.lines import Lines, lines_of
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.verdicts import Verdict
from tests.clients.toolbox import Toolbox

pytestmark = pytest.mark.clients

PLACE: Final = Place("https://errors.example.com", "shop", "shop@1.0", "ios", "~/assets")
PLUGINS: Final = {
    Bundler.VITE: ("@sentry/vite-plugin", "vite-plugin-11"),
    Bundler.WEBPACK: ("@sentry/webpack-plugin", "webpack-plugin-11"),
    Bundler.ROLLUP: ("@sentry/rollup-plugin", "rollup-plugin-5"),
    Bundler.ESBUILD: ("@sentry/esbuild-plugin", "esbuild-plugin-5"),
}
"""Each with its name here, where several generations are installed beside one another."""
TYPED: Final = {
    "module.exports = {": '/** @type {import("webpack").Configuration} */\nmodule.exports = {',
    "export default {": '/** @type {import("rollup").RollupOptions} */\nexport default {',
}
"""What names the type of a configuration that is a plain object."""
OPTIONS: Final = {
    "compilerOptions": {
        "allowJs": True,
        "checkJs": True,
        "noEmit": True,
        "strict": True,
        "skipLibCheck": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "target": "es2022",
        "types": ["node"],
    },
    "include": ["*.mjs", "*.cjs"],
}


def test_every_configuration_is_of_the_type_that_its_bundler_asks_for(
    tools: Toolbox, tmp_path: Path
) -> None:
    _install(tools, tmp_path)
    written = 0
    for verdict in Verdict:
        for each in lines_of(verdict, PLACE):
            if each.bundler in PLUGINS and each.file and "TerserPlugin" not in each.code:
                _write(tmp_path, f"{verdict}-{each.bundler}", each)
                written += 1

    checked = tools.run("typescript/bin/tsc", "-p", ".", cwd=tmp_path, env={})

    assert written > len(PLUGINS)
    assert (checked.code, checked.output) == (0, "")


def test_an_option_that_does_not_exist_is_found(tools: Toolbox, tmp_path: Path) -> None:
    _install(tools, tmp_path)
    for each in lines_of(Verdict.MAP_MISSING_IN_BUNDLE, PLACE):
        if each.bundler in PLUGINS:
            wrong = each.code.replace("filesToDelete", "filesToErase")
            _write(tmp_path, each.bundler, Lines(each.bundler, each.file, wrong))

    checked = tools.run("typescript/bin/tsc", "-p", ".", cwd=tmp_path, env={})

    assert checked.output.count("filesToErase") >= len(PLUGINS)


def _install(tools: Toolbox, folder: Path) -> None:
    """The packages under the names that users have them by."""
    packages = folder / "node_modules"
    (packages / "@sentry").mkdir(parents=True)
    for name in ("vite", "webpack", "rollup", "esbuild", "@types", "@rollup"):
        (packages / name).symlink_to(tools.packages / name)
    for name, installed in PLUGINS.values():
        (packages / name).symlink_to(tools.packages / installed)
    (folder / "tsconfig.json").write_text(json.dumps(OPTIONS))


def _write(folder: Path, name: str, lines: Lines) -> None:
    code = lines.code
    for plain, typed in TYPED.items():
        code = code.replace(plain, typed)
    suffix = "cjs" if "require(" in code else "mjs"
    (folder / f"{name}.{suffix}").write_text(code)
