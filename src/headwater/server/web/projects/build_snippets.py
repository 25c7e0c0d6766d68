"""How a build uploads its source maps here: each plugin with this server's address."""

from typing import Final

from headwater.server.web.projects.snippet import Snippet, opened
from headwater.symbolicate.remedies import configs
from headwater.symbolicate.remedies.place import Place

_DELETED: Final = ("sourcemaps: { filesToDeleteAfterUpload: ['dist/**/*.map'] },",)
"""An option of the plugins: maps that are uploaded need not be deployed. Next.js' deletes them unasked."""


def build_snippets(
    address: str, project: str, token: str | None, platform: str | None
) -> tuple[Snippet, ...]:
    """One for each way of uploading source maps; the one for this platform is open.

    Without a `token` they read it from SENTRY_AUTH_TOKEN, which is where it belongs.
    """
    place = Place(address, project, token=token or "")
    inject = "npx @sentry/cli sourcemaps inject dist"
    upload = "npx @sentry/cli sourcemaps upload dist"
    return opened(
        (
            Snippet(
                "Vite",
                "vite.config.js",
                configs.vite(place, plugin=_DELETED),
                "npm install --save-dev @sentry/vite-plugin",
                "javascript",
            ),
            Snippet(
                "webpack",
                "webpack.config.js",
                configs.webpack(place, plugin=_DELETED),
                "npm install --save-dev @sentry/webpack-plugin",
            ),
            Snippet(
                "Next.js",
                "next.config.mjs",
                configs.nextjs(place),
                "npm install @sentry/nextjs",
                "javascript-nextjs",
            ),
            Snippet("sentry-cli", "", configs.cli(place, inject, upload), "", "node"),
        ),
        platform,
    )
