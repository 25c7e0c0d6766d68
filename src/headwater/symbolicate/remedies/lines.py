"""The lines to paste for each verdict, for each bundler that has any."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from headwater.symbolicate.remedies import configs
from headwater.symbolicate.remedies.bundlers import Bundler, guess_first
from headwater.symbolicate.remedies.place import Place, in_shell
from headwater.symbolicate.verdicts import Verdict

_DIST: Final = "dist"
_IN_CLI: Final = "dist/shop/browser"


class Lines(msgspec.Struct, frozen=True):
    """What to paste. `file`: into which file; empty: into a shell. `bundler` empty: for any."""

    bundler: str
    file: str
    code: str


_Made = Iterator[Lines]
_Fix = Callable[[Bundler, Place], _Made]


def lines_of(verdict: Verdict, place: Place, guess: Bundler | None = None) -> tuple[Lines, ...]:
    """For every bundler, the guessed one's first; none where there is nothing to paste."""
    fix = _FIXES.get(verdict)
    if fix is None:
        return ()
    found = (each for bundler in guess_first(guess) for each in fix(bundler, place))
    return tuple(dict.fromkeys(found))


def has_lines(verdict: Verdict) -> bool:
    """Whether there is anything to paste for it."""
    return verdict in _FIXES


def _set_up(bundler: Bundler, place: Place) -> _Made:
    """The whole configuration: maps on, debug ids injected, uploaded."""
    yield from _plugins(bundler, place, {})


def _releases(bundler: Bundler, place: Place) -> _Made:
    """Debug ids for what comes, which need no release and no prefix; both for what is stored."""
    if bundler in _FILES:
        named = dict.fromkeys(Bundler, (f"release: {{ {place.naming} }},",))
        yield from _plugins(bundler, place, named)
        return
    folder = _folder(bundler)
    prefix = "" if place.prefix == "~/" else f" --url-prefix {in_shell(place.prefix)}"
    held = f"   # {folder} holds {in_shell(place.held)}" if place.held else ""
    stored = (
        "# For the events that are stored: the files that are deployed, as they are.",
        f"npx @sentry/cli sourcemaps upload{_named(place)}{prefix} {folder}{held}",
        "# For the next deployment: debug ids.",
    )
    yield from _with_cli(bundler, place, stored)


def _kept_maps(bundler: Bundler, place: Place) -> _Made:
    kept = (
        "sourcemaps: {",
        "  assets: ['dist/**'],",
        "  filesToDeleteAfterUpload: ['dist/**/*.map'],",
        "},",
    )
    options: dict[Bundler, configs.Options] = dict.fromkeys(Bundler, kept)
    options[Bundler.NEXTJS] = ("sourcemaps: { deleteSourcemapsAfterUpload: true },",)
    yield from _plugins(bundler, place, options)


def _with_sources(bundler: Bundler, place: Place) -> _Made:
    """The bundler's switch for texts in its maps. webpack's and Next's `source-map` always has them."""
    if bundler is Bundler.VITE:
        output = "rolldownOptions: { output: { sourcemapExcludeSources: false } },"
        yield _js(bundler, configs.vite(place, ("sourcemap: 'hidden',", output)))
    elif bundler is Bundler.ROLLUP:
        lines = ("sourcemap: 'hidden',", "sourcemapExcludeSources: false,")
        yield _js(bundler, configs.rollup(place, lines))
    elif bundler is Bundler.ESBUILD:
        lines = ("sourcemap: 'external',", "sourcesContent: true,")
        yield _js(bundler, configs.esbuild(place, lines))
    else:
        yield from _set_up(bundler, place)


def _after_the_last_step(bundler: Bundler, place: Place) -> _Made:
    """Ids injected once, into what is deployed, when nothing changes it any more."""
    if bundler in _FILES:
        alone = (
            "// It injects debug ids and uploads: nothing else may change the files afterwards,",
            "// and sentry-cli must not inject into them again.",
        )
        yield from _plugins(bundler, place, dict.fromkeys(Bundler, alone))
        return
    if bundler is Bundler.METRO:
        yield from _set_up(bundler, place)
        return
    folder = _folder(bundler)
    yield Lines(
        bundler,
        "",
        configs.cli(
            place,
            "# Only where no plugin of Sentry's is in the build: it would have injected already.",
            "npm run build            # and every step that changes the files",
            f"npx @sentry/cli sourcemaps inject {folder}",
            f"npx @sentry/cli sourcemaps upload {folder}",
            f"# now deploy {folder}, as it is",
        ),
    )


def _clean(bundler: Bundler, place: Place) -> _Made:
    """No file of an earlier build in the folder that is uploaded."""
    if bundler is Bundler.VITE:
        yield _js(bundler, configs.vite(place, ("sourcemap: 'hidden',", "emptyOutDir: true,")))
    elif bundler is Bundler.WEBPACK:
        lines = ("devtool: 'hidden-source-map',", "output: { clean: true },")
        yield _js(bundler, configs.webpack(place, lines))
    else:
        yield Lines(
            bundler, "", f"npm install --save-dev @sentry/cli@latest\nrm -rf {_folder(bundler)}"
        )


def _short_lines(bundler: Bundler, place: Place) -> _Made:
    """Minified lines of some hundred characters: a line alone says nearly where."""
    lines: configs.Options
    width = "format: { max_line_len: 500 }"
    if bundler is Bundler.VITE:
        lines = ("sourcemap: 'hidden',", "minify: 'terser',", f"terserOptions: {{ {width} }},")
        yield _js(bundler, configs.vite(place, lines))
    elif bundler is Bundler.WEBPACK:
        before = ("const TerserPlugin = require('terser-webpack-plugin');",)
        minimizer = f"new TerserPlugin({{ terserOptions: {{ {width} }} }})"
        lines = ("devtool: 'hidden-source-map',", f"optimization: {{ minimizer: [{minimizer}] }},")
        yield _js(bundler, configs.webpack(place, lines, before=before))
    elif bundler is Bundler.ROLLUP:
        before = ("import terser from '@rollup/plugin-terser';",)
        lines = ("sourcemap: 'hidden',", f"plugins: [terser({{ {width} }})],")
        yield _js(bundler, configs.rollup(place, lines, before=before))
    elif bundler is Bundler.ESBUILD:
        yield _js(bundler, configs.esbuild(place, ("sourcemap: 'external',", "lineLimit: 500,")))


def _split(bundler: Bundler, place: Place) -> _Made:
    """Libraries in a file of their own."""
    lines: configs.Options
    if bundler is Bundler.VITE:
        groups = "groups: [{ name: 'vendor', test: /node_modules/ }]"
        output = f"rolldownOptions: {{ output: {{ codeSplitting: {{ {groups} }} }} }},"
        yield _js(bundler, configs.vite(place, ("sourcemap: 'hidden',", output)))
    elif bundler is Bundler.WEBPACK:
        split = "optimization: { splitChunks: { chunks: 'all' } },"
        yield _js(bundler, configs.webpack(place, ("devtool: 'hidden-source-map',", split)))
    elif bundler is Bundler.ROLLUP:
        vendor = "manualChunks: (id) => (id.includes('node_modules') ? 'vendor' : undefined),"
        yield _js(bundler, configs.rollup(place, ("sourcemap: 'hidden',", vendor)))
    elif bundler is Bundler.ESBUILD:
        lines = ("sourcemap: 'external',", "splitting: true,", "format: 'esm',")
        yield _js(bundler, configs.esbuild(place, lines))
    else:
        yield Lines("", "", "export HEADWATER_MAX_MAP=536870912   # bytes; then restart the server")


def _other_token(_bundler: Bundler, place: Place) -> _Made:
    """The deployed files once more; the build's own token is changed by its user."""
    upload = (
        f"npx @sentry/cli sourcemaps upload {_DIST}   # the files that are deployed, as they are"
    )
    token = f"<API token of project {place.project}>"
    yield Lines("", "", configs.cli(place, upload, whose=token))


def _again(bundler: Bundler, place: Place) -> _Made:
    folder = _folder(bundler)
    upload = f"npx @sentry/cli sourcemaps upload {folder}"
    yield Lines(bundler, "", configs.cli(place, f"{upload}   # the files that are deployed"))


def _look(bundler: Bundler, _place: Place) -> _Made:
    folder = _folder(bundler)
    yield Lines(
        bundler, "", f"find {folder} -name '*.map' -exec head -c 100 {{}} \\; -exec echo \\;"
    )


def _storage(_bundler: Bundler, _place: Place) -> _Made:
    yield Lines("", "", "headwater doctor")


def _plugins(bundler: Bundler, place: Place, options: Mapping[Bundler, configs.Options]) -> _Made:
    """Its configuration with these options of the plugin, or lines for sentry-cli."""
    more = options.get(bundler, ())
    if bundler is Bundler.NEXTJS:
        yield _js(bundler, configs.nextjs(place, plugin=more))
    elif bundler in _CONFIGS:
        yield _js(bundler, _CONFIGS[bundler](place, (), more))
    else:
        yield from _with_cli(bundler, place)


def _with_cli(bundler: Bundler, place: Place, before: Sequence[str] = ()) -> _Made:
    """`before`: commands for what is deployed already."""
    folder = _folder(bundler)
    inject = f"npx @sentry/cli sourcemaps inject {folder}"
    send = f"npx @sentry/cli sourcemaps upload {folder}"
    if bundler is Bundler.ANGULAR:
        switch = '"sourceMap": { "scripts": true, "styles": false, "hidden": true }'
        yield Lines(bundler, "angular.json", switch)
        yield Lines(bundler, "", configs.cli(place, *before, "npx ng build", inject, send))
    elif bundler is Bundler.METRO:
        yield Lines(bundler, "metro.config.js", configs.metro())
        bundle = "npx expo export --source-maps"
        yield Lines(
            bundler, "", configs.cli(place, bundle, "npx sentry-expo-upload-sourcemaps dist")
        )
    else:
        yield Lines(
            bundler,
            "tsconfig.json",
            '{ "compilerOptions": { "sourceMap": true, "inlineSources": true } }',
        )
        yield Lines(bundler, "", configs.cli(place, *before, "npx tsc", inject, send))


def _named(place: Place) -> str:
    release = '"$RELEASE"' if place.release is None else in_shell(place.release)
    dist = "" if place.dist is None else f" --dist {in_shell(place.dist)}"
    return f" --release {release}{dist}"


def _folder(bundler: Bundler) -> str:
    return {Bundler.NEXTJS: ".next", Bundler.ANGULAR: _IN_CLI}.get(bundler, _DIST)


def _js(bundler: Bundler, code: str) -> Lines:
    return Lines(bundler, _FILES[bundler], code)


_CONFIGS: Final = {
    Bundler.VITE: configs.vite,
    Bundler.WEBPACK: configs.webpack,
    Bundler.ROLLUP: configs.rollup,
    Bundler.ESBUILD: configs.esbuild,
}
_FILES: Final = {
    Bundler.VITE: "vite.config.js",
    Bundler.WEBPACK: "webpack.config.js",
    Bundler.ROLLUP: "rollup.config.js",
    Bundler.ESBUILD: "build.mjs",
    Bundler.NEXTJS: "next.config.mjs",
}
_FIXES: Final[Mapping[Verdict, _Fix]] = {
    Verdict.NO_SOURCE_CONTENT: _with_sources,
    Verdict.SUSPICIOUS_MAPPING: _after_the_last_step,
    Verdict.NO_IMAGE_FOR_FRAME: _set_up,
    Verdict.DEBUG_ID_NOT_UPLOADED: _set_up,
    Verdict.UPLOADED_TO_OTHER_PROJECT: _other_token,
    Verdict.RELEASE_NOT_UPLOADED: _releases,
    Verdict.URL_NOT_UPLOADED: _releases,
    Verdict.EXPIRED: _again,
    Verdict.DELETED: _again,
    Verdict.MAP_MISSING_IN_BUNDLE: _kept_maps,
    Verdict.MINIFIED_FILE_ONLY: _set_up,
    Verdict.ID_CONFLICT: _clean,
    Verdict.AMBIGUOUS_BY_URL: _set_up,
    Verdict.POSITION_OUT_OF_RANGE: _after_the_last_step,
    Verdict.POSITION_UNMAPPED: _after_the_last_step,
    Verdict.NO_COLUMN: _short_lines,
    Verdict.MALFORMED_MAP: _look,
    Verdict.LIMIT_EXCEEDED: _split,
    Verdict.STORAGE_READ_FAILED: _storage,
}
