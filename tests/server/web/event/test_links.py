"""Frames lead to their line in the repository and in the visitor's editor."""

import pytest
from msgspec.structs import replace

from headwater.server.web.event.frame import FrameCard
from headwater.server.web.event.links import ANY_COMMIT, Links, commit_of

OWN = FrameCard(
    function="pay",
    file="src/cart.ts",
    position=":84:13",
    path="",
    lines=(),
    mark=None,
    in_app=True,
    package="",
    is_original=True,
    lineno=84,
    colno=13,
)


@pytest.mark.parametrize(
    ("repository", "link"),
    [
        ("https://github.com/acme/shop", "https://github.com/acme/shop/blob/abc1/src/cart.ts#L84"),
        (
            "https://github.com/acme/shop.git",
            "https://github.com/acme/shop/blob/abc1/src/cart.ts#L84",
        ),
        ("https://gitlab.acme.eu/a/b/", "https://gitlab.acme.eu/a/b/-/blob/abc1/src/cart.ts#L84"),
        ("https://bitbucket.org/a/b", "https://bitbucket.org/a/b/src/abc1/src/cart.ts#lines-84"),
        ("https://codeberg.org/a/b", "https://codeberg.org/a/b/src/abc1/src/cart.ts#L84"),
        (
            "https://git.acme.eu/v?f={path}&n={line}&at={commit}",
            "https://git.acme.eu/v?f=src/cart.ts&n=84&at=abc1",
        ),
    ],
)
def test_each_forge_has_its_own_addresses(repository: str, link: str) -> None:
    assert Links(repository, commit="abc1").to_repository(OWN) == link


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("./src/cart.ts", "src/cart.ts"),
        ("../../src/cart.ts", "src/cart.ts"),
        ("webpack://shop/./src/cart.ts?1a2b", "shop/src/cart.ts"),
        ("/src/a b.ts", "src/a%20b.ts"),
        ("src/[id]/{line}.ts", "src/%5Bid%5D/%7Bline%7D.ts"),
        ('src/"><script>.ts', "src/%22%3E%3Cscript%3E.ts"),
    ],
)
def test_paths_are_brought_to_the_root_and_escaped(file: str, path: str) -> None:
    links = Links(
        "https://h/r", folder="apps/web/", editor="vscode://file/home/{path}:{line}:{column}"
    )

    assert (
        links.to_repository(replace(OWN, file=file)) == f"https://h/r/blob/HEAD/apps/web/{path}#L84"
    )
    assert links.to_editor(replace(OWN, file=file)) == f"vscode://file/home/{path}:84:13"


@pytest.mark.parametrize(
    "card",
    [
        replace(OWN, in_app=False),
        replace(OWN, is_original=False),
        replace(OWN, lineno=None),
        replace(OWN, file="src/../../../etc/passwd"),
    ],
)
def test_only_lines_of_the_users_own_sources_are_led_to(card: FrameCard) -> None:
    links = Links("https://h/r", editor="vscode://{path}")

    assert (links.to_repository(card), links.to_editor(card)) == ("", "")


@pytest.mark.parametrize(
    ("commits", "commit"),
    [
        ('[{"id": "abc1"}, {"id": "abc0"}]', "abc1"),
        ('[{"repository": "acme/shop", "commit": "abc1"}]', "abc1"),
        ('[{"id": "a/../b"}]', ANY_COMMIT),
        ("[]", ANY_COMMIT),
        ("{", ANY_COMMIT),
        (None, ANY_COMMIT),
    ],
)
def test_a_release_s_newest_commit_is_read_from_what_its_client_sent(
    commits: str | None, commit: str
) -> None:
    assert commit_of(commits) == commit
