"""How a build uploads its source maps here: each plugin with this server's address.

Option names as in @sentry/vite-plugin and @sentry/webpack-plugin 11, which have had them since 2;
@sentry/nextjs calls the server's address `sentryUrl`. `telemetry` is off: it would go elsewhere.
"""

from textwrap import dedent

from headwater.server.web.snippet import Snippet, opened, quoted


def build_snippets(
    address: str, project: str, token: str | None, platform: str | None
) -> tuple[Snippet, ...]:
    """One for each way of uploading source maps; the one for this platform is open.

    Without a `token` they read it from SENTRY_AUTH_TOKEN, which is where it belongs.
    """
    url, slug = quoted(address), quoted(project)
    secret = quoted(token) if token else "process.env.SENTRY_AUTH_TOKEN"
    options = f"org: 'any',\nproject: {slug},\nauthToken: {secret},\ntelemetry: false,"
    return opened(
        (
            *_plugins(url, options),
            Snippet("sentry-cli", "", _cli(address, project, token), "", "node"),
        ),
        platform,
    )


def _plugins(url: str, options: str) -> tuple[Snippet, ...]:
    return (
        Snippet(
            "Vite",
            "vite.config.js",
            _code(
                """
                import { sentryVitePlugin } from '@sentry/vite-plugin';
                import { defineConfig } from 'vite';

                export default defineConfig({
                  build: { sourcemap: true },
                  plugins: [
                    // After all other plugins.
                    sentryVitePlugin({
                      url: URL,
                      OPTIONS
                    }),
                  ],
                });
                """,
                url,
                options,
            ),
            "npm install --save-dev @sentry/vite-plugin",
            "javascript",
        ),
        Snippet(
            "webpack",
            "webpack.config.js",
            _code(
                """
                const { sentryWebpackPlugin } = require('@sentry/webpack-plugin');

                module.exports = {
                  devtool: 'source-map',
                  plugins: [
                    sentryWebpackPlugin({
                      url: URL,
                      OPTIONS
                    }),
                  ],
                };
                """,
                url,
                options,
            ),
            "npm install --save-dev @sentry/webpack-plugin",
        ),
        Snippet(
            "Next.js",
            "next.config.mjs",
            _code(
                """
                // Before version 11: from '@sentry/nextjs'
                import { withSentryConfig } from '@sentry/nextjs/config';

                const nextConfig = {};

                export default withSentryConfig(nextConfig, {
                  sentryUrl: URL,
                  OPTIONS
                });
                """,
                url,
                options,
            ),
            "npm install @sentry/nextjs",
            "javascript-nextjs",
        ),
    )


def _cli(address: str, project: str, token: str | None) -> str:
    return "\n".join(
        (
            f"export SENTRY_URL={_shell(address)}",
            f"export SENTRY_ORG=any SENTRY_PROJECT={_shell(project)}",
            f"export SENTRY_AUTH_TOKEN={_shell(token or '<API token>')}",
            "npx @sentry/cli sourcemaps inject dist",
            "npx @sentry/cli sourcemaps upload dist",
        )
    )


def _code(template: str, url: str, options: str) -> str:
    lines = []
    for line in dedent(template).strip("\n").split("\n"):
        if line.strip() == "OPTIONS":
            indent = line[: -len("OPTIONS")]
            lines += [f"{indent}{option}" for option in options.split("\n")]
        else:
            lines.append(line.replace("URL,", f"{url},"))
    return "\n".join(lines)


def _shell(text: str) -> str:
    safe = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return "'" + safe.replace("'", "'\\''") + "'"
