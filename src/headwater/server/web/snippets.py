"""What people paste into their code: SDKs with their DSN, build plugins with this server's address.

Option names as in @sentry/vite-plugin and @sentry/webpack-plugin 11, which have had them since 2;
@sentry/nextjs calls the server's address `sentryUrl`.
"""

from dataclasses import dataclass
from textwrap import dedent
from urllib.parse import urlsplit

from markupsafe import Markup

from headwater.server.web.event.source import coloured
from headwater.storage.projects import Project


@dataclass(frozen=True, slots=True)
class Snippet:
    """Lines to paste. `file` says where, `install` what to run before; both may be empty."""

    title: str
    file: str
    code: str
    install: str = ""

    @property
    def markup(self) -> Markup:
        """The code in colours."""
        name = self.file if "." in self.file else "shell"
        return Markup("\n").join(coloured(name, self.code.split("\n")))


def dsn(project: Project, address: str) -> str:
    """Where an SDK sends events: the server's address with the project's key and id in it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{project.public_key}@{parts.netloc}/{project.id}"


def sdk_snippets(dsn: str) -> tuple[Snippet, ...]:
    """One for each way of sending events."""
    quoted = _quoted(dsn)
    return (
        _snippet(
            "Browser",
            "main.js",
            f"""
            import * as Sentry from '@sentry/browser';

            Sentry.init({{
              dsn: {quoted},
            }});
            """,
            "npm install @sentry/browser",
        ),
        _snippet(
            "Node.js",
            "instrument.mjs",
            f"""
            // Loaded first: node --import ./instrument.mjs app.mjs
            import * as Sentry from '@sentry/node';

            Sentry.init({{
              dsn: {quoted},
            }});
            """,
            "npm install @sentry/node",
        ),
        _snippet(
            "Next.js, server",
            "instrumentation.ts",
            f"""
            import * as Sentry from '@sentry/nextjs';

            export function register() {{
              Sentry.init({{
                dsn: {quoted},
              }});
            }}

            export const onRequestError = Sentry.captureRequestError;
            """,
            "npm install @sentry/nextjs",
        ),
        _snippet(
            "Next.js, browser",
            "instrumentation-client.ts",
            f"""
            import * as Sentry from '@sentry/nextjs';

            Sentry.init({{
              dsn: {quoted},
            }});
            """,
        ),
        _snippet(
            "Python",
            "app.py",
            f"""
            import sentry_sdk

            sentry_sdk.init(
                dsn={quoted},
            )
            """,
            "pip install sentry-sdk",
        ),
    )


def build_snippets(address: str, project: str, token: str | None) -> tuple[Snippet, ...]:
    """One for each way of uploading source maps.

    Without a `token` they read it from SENTRY_AUTH_TOKEN, which is where it belongs.
    """
    url, slug = _quoted(address), _quoted(project)
    secret = _quoted(token) if token else "process.env.SENTRY_AUTH_TOKEN"
    options = f"org: 'any',\nproject: {slug},\nauthToken: {secret},\ntelemetry: false,"
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
                import { withSentryConfig } from '@sentry/nextjs';

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
        ),
        Snippet("sentry-cli", "", _cli(address, project, token)),
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


def _snippet(title: str, file: str, code: str, install: str = "") -> Snippet:
    return Snippet(title, file, dedent(code).strip("\n"), install)


def _code(template: str, url: str, options: str) -> str:
    lines = []
    for line in dedent(template).strip("\n").split("\n"):
        if line.strip() == "OPTIONS":
            indent = line[: -len("OPTIONS")]
            lines += [f"{indent}{option}" for option in options.split("\n")]
        else:
            lines.append(line.replace("URL,", f"{url},"))
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A string in JavaScript and in Python. The Host header is somebody else's: nothing gets out."""
    safe = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(c if c.isprintable() else "\ufffd" for c in safe) + "'"


def _shell(text: str) -> str:
    safe = "".join(c if c.isprintable() else "\ufffd" for c in text)
    return "'" + safe.replace("'", "'\\''") + "'"
