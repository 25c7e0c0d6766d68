"""What people paste into their code."""

import ast
from datetime import UTC, datetime

import pytest

from headwater.server.web.projects.build_snippets import build_snippets
from headwater.server.web.projects.sdk_snippets import dsn, sdk_snippets
from headwater.storage.projects import Project
from headwater.symbolicate.remedies.place import quoted

URL = "https://errors.example.com"
SHOP = Project(7, "web-shop", "Web shop", "node", datetime(2026, 1, 1, tzinfo=UTC), "ab" * 16)


def test_a_dsn_holds_the_key_the_server_and_the_project() -> None:
    assert dsn(SHOP, "http://localhost:8080") == f"http://{'ab' * 16}@localhost:8080/7"


def test_every_sdk_is_given_the_dsn() -> None:
    snippets = sdk_snippets("https://k@h/1", None)

    assert [each.title for each in snippets] == [
        "Browser",
        "Node.js",
        "Next.js, server",
        "Next.js, browser",
        "Python",
    ]
    assert all("'https://k@h/1'" in each.code for each in snippets)


def test_the_python_snippet_is_python() -> None:
    code = sdk_snippets("https://k@h/1", "python")[-1].code

    assert len(ast.parse(code).body) == 2


@pytest.mark.parametrize("token", [None, "f" * 64])
def test_every_plugin_is_given_the_server_the_project_and_the_token(token: str | None) -> None:
    vite, webpack, nextjs, cli = build_snippets(URL, "web-shop", token, None)

    secret = f"'{token}'" if token else "process.env.SENTRY_AUTH_TOKEN"
    for each in (vite, webpack, nextjs):
        assert "org: 'any'," in each.code
        assert "project: 'web-shop'," in each.code
        assert f"authToken: {secret}," in each.code
    assert f"url: '{URL}'," in vite.code
    assert f"url: '{URL}'," in webpack.code
    assert f"sentryUrl: '{URL}'," in nextjs.code
    assert f"SENTRY_URL='{URL}'" in cli.code
    assert (token or "<API token>") in cli.code


def test_source_maps_are_turned_on_where_they_are_off_by_default() -> None:
    vite, webpack, _, _ = build_snippets(URL, "web-shop", None, None)

    assert "  build: {\n    sourcemap: 'hidden',\n  }," in vite.code
    assert "devtool: 'hidden-source-map'," in webpack.code


def test_source_maps_are_not_left_where_everybody_can_read_them() -> None:
    for each in build_snippets(URL, "web-shop", None, None)[:2]:
        assert "filesToDeleteAfterUpload: ['dist/**/*.map']" in each.code


def test_one_snippet_is_open_at_first() -> None:
    for platform in (None, "python", "javascript-nextjs", "unheard of"):
        assert sum(each.is_open for each in sdk_snippets("https://k@h/1", platform)) == 1
        assert sum(each.is_open for each in build_snippets(URL, "x", None, platform)) == 1


@pytest.mark.parametrize("text", ["it's", "a\\", "\\'", "x\ny", "\u2028", "`${1}`"])
def test_nothing_gets_out_of_a_quoted_string(text: str) -> None:
    literal = quoted(text)

    read = ast.literal_eval(literal)
    assert read == "".join(c if c.isprintable() else "\ufffd" for c in text)
    assert "\n" not in literal
