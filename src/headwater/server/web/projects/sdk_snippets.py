"""How an app sends its errors here: each SDK with the project's DSN."""

from textwrap import dedent
from urllib.parse import urlsplit

from headwater.server.web.projects.snippet import Snippet, opened
from headwater.storage.projects import Project
from headwater.symbolicate.remedies.place import quoted


def dsn(project: Project, address: str) -> str:
    """Where an SDK sends events: the server's address with the project's key and id in it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{project.public_key}@{parts.netloc}/{project.id}"


def sdk_snippets(dsn: str, platform: str | None) -> tuple[Snippet, ...]:
    """One for each way of sending events; the one for this platform is open."""
    return opened(_sdks(quoted(dsn)), platform)


def _sdks(literal: str) -> tuple[Snippet, ...]:
    return (
        _snippet(
            "Browser",
            "main.js",
            f"""
            import * as Sentry from '@sentry/browser';

            Sentry.init({{
              dsn: {literal},
            }});
            """,
            "npm install @sentry/browser",
            "javascript",
        ),
        _snippet(
            "Node.js",
            "instrument.mjs",
            f"""
            // Loaded first: node --import ./instrument.mjs app.mjs
            import * as Sentry from '@sentry/node';

            Sentry.init({{
              dsn: {literal},
            }});
            """,
            "npm install @sentry/node",
            "node",
        ),
        _snippet(
            "Next.js, server",
            "instrumentation.ts",
            f"""
            import * as Sentry from '@sentry/nextjs';

            export function register() {{
              Sentry.init({{
                dsn: {literal},
              }});
            }}

            export const onRequestError = Sentry.captureRequestError;
            """,
            "npm install @sentry/nextjs",
            "javascript-nextjs",
        ),
        _snippet(
            "Next.js, browser",
            "instrumentation-client.ts",
            f"""
            import * as Sentry from '@sentry/nextjs';

            Sentry.init({{
              dsn: {literal},
            }});
            """,
        ),
        _snippet(
            "Python",
            "app.py",
            f"""
            import sentry_sdk

            sentry_sdk.init(
                dsn={literal},
            )
            """,
            "pip install sentry-sdk",
            "python",
        ),
    )


def _snippet(title: str, file: str, code: str, install: str = "", platform: str = "") -> Snippet:
    return Snippet(title, file, dedent(code).strip("\n"), install, platform)
