"""Each bundler's configuration with its Sentry plugin, and lines for sentry-cli where there is none.

Option names as in the plugins' own types, against which a test checks what is written here.
`telemetry` is off: it would go elsewhere. Maps are made so that nothing in what is deployed names them: plugins
look for them beside their files.
"""

from collections.abc import Sequence
from textwrap import dedent, indent

from headwater.symbolicate.remedies.place import Place, in_shell, quoted

Options = Sequence[str]
"""Lines of an object in JavaScript, each with its comma."""


def vite(place: Place, build: Options = (), plugin: Options = (), before: Options = ()) -> str:
    """`build`: lines of `build: {…}`; `plugin`: options of the plugin; `before`: imports."""
    return _filled(
        """
        // Merge into your vite.config.js.
        import { sentryVitePlugin } from '@sentry/vite-plugin';
        import { defineConfig } from 'vite';
        BEFORE

        export default defineConfig({
          build: {
            BUILD
          },
          plugins: [
            // … your other plugins, and after them:
            sentryVitePlugin({
              PLUGIN
            }),
          ],
        });
        """,
        before=before,
        build=build or ("sourcemap: 'hidden',",),
        plugin=(*_target(place), *plugin),
    )


def webpack(place: Place, build: Options = (), plugin: Options = (), before: Options = ()) -> str:
    """`build`: lines of the configuration itself."""
    return _filled(
        """
        // Merge into your webpack.config.js.
        const { sentryWebpackPlugin } = require('@sentry/webpack-plugin');
        BEFORE

        module.exports = {
          // … your other options
          BUILD
          plugins: [
            // … your other plugins
            sentryWebpackPlugin({
              PLUGIN
            }),
          ],
        };
        """,
        before=before,
        build=build or ("devtool: 'hidden-source-map',",),
        plugin=(*_target(place), *plugin),
    )


def rollup(place: Place, build: Options = (), plugin: Options = (), before: Options = ()) -> str:
    """`build`: lines of `output: {…}`."""
    return _filled(
        """
        // Merge into your rollup.config.js.
        import { sentryRollupPlugin } from '@sentry/rollup-plugin';
        BEFORE

        export default {
          input: 'src/main.js',
          output: {
            dir: 'dist',
            BUILD
          },
          plugins: [
            // … your other plugins, and after them:
            sentryRollupPlugin({
              PLUGIN
            }),
          ],
        };
        """,
        before=before,
        build=build or ("sourcemap: 'hidden',",),
        plugin=(*_target(place), *plugin),
    )


def esbuild(place: Place, build: Options = (), plugin: Options = ()) -> str:
    """`build`: lines of `build({…})`."""
    return _filled(
        """
        // Merge into your build.mjs.
        import { sentryEsbuildPlugin } from '@sentry/esbuild-plugin';
        import { build } from 'esbuild';

        await build({
          entryPoints: ['src/main.js'],
          bundle: true,
          minify: true,
          outdir: 'dist',
          BUILD
          plugins: [
            // … your other plugins, and after them:
            sentryEsbuildPlugin({
              PLUGIN
            }),
          ],
        });
        """,
        build=build or ("sourcemap: 'external',",),
        plugin=(*_target(place), *plugin),
    )


def nextjs(place: Place, plugin: Options = ()) -> str:
    """Next.js makes its maps when the plugin is there, and has them deleted again."""
    return _filled(
        """
        // Merge into your next.config.mjs. Before version 11: from '@sentry/nextjs'
        import { withSentryConfig } from '@sentry/nextjs/config';

        const nextConfig = {
          // … your options
        };

        export default withSentryConfig(nextConfig, {
          PLUGIN
        });
        """,
        plugin=(*_target(place, "sentryUrl"), *plugin),
    )


def metro() -> str:
    """React Native's bundler; for Expo, `getSentryExpoConfig(__dirname)` does the same."""
    return _filled(
        """
        // Merge into your metro.config.js.
        const { getDefaultConfig } = require('@react-native/metro-config');
        const { withSentryConfig } = require('@sentry/react-native/metro');

        module.exports = withSentryConfig(getDefaultConfig(__dirname));
        """
    )


def cli(place: Place, *commands: str, whose: str = "<API token>") -> str:
    """Commands of sentry-cli, with what they read from the environment. `whose`: the token."""
    environment = (
        f"export SENTRY_URL={in_shell(place.address)}",
        f"export SENTRY_ORG=any SENTRY_PROJECT={in_shell(place.project)}",
        f"export SENTRY_AUTH_TOKEN={in_shell(place.token or whose)}",
    )
    return "\n".join((*environment, *commands))


def _target(place: Place, url: str = "url") -> tuple[str, ...]:
    secret = quoted(place.token) if place.token else "process.env.SENTRY_AUTH_TOKEN"
    return (
        f"{url}: {quoted(place.address)},",
        "org: 'any',",
        f"project: {quoted(place.project)},",
        f"authToken: {secret},",
        "telemetry: false,",
    )


def _filled(template: str, **blocks: Options) -> str:
    """The template with each block's lines, as far in as the block's name stands."""
    lines = []
    for line in dedent(template).strip("\n").split("\n"):
        name = line.strip().lower()
        if line.strip().isupper() and name in blocks:
            spaces = line[: len(line) - len(line.lstrip())]
            lines += [indent(each, spaces) for each in blocks[name]]
        else:
            lines.append(line)
    return "\n".join(lines)
