"""`headwater check`: a gate for builds, which fails when the release would come out minified."""

import sys
from collections.abc import Iterator
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

import msgspec
import typer

from headwater.cli.answer import AsJson, fail, printable
from headwater.cli.check.deployed import Page, deployed
from headwater.cli.check.fetch import Fetcher, NotFetched, is_private
from headwater.cli.check.judged import Judged, judged
from headwater.cli.client import Client, NoAnswer
from headwater.cli.remote import AuthToken, client_of

_SHOWN: Final = 20
"""Files that are spelt out of those that are well or ill: a screen of a build's output."""


def check(  # noqa: PLR0913 # options of a command line
    release: Annotated[
        str, typer.Option(help="The release, as `Sentry.init({ release })` has it.")
    ],
    dist: Annotated[str, typer.Option(help="Its dist, if it has one.")] = "",
    url: Annotated[
        str, typer.Option(help="A deployed page, whose scripts are read from here and looked up.")
    ] = "",
    project: Annotated[
        str,
        typer.Option(
            envvar="SENTRY_PROJECT", help="The project; any value with a project's token."
        ),
    ] = "any",
    server: Annotated[
        str, typer.Option("--server", envvar="SENTRY_URL", help="Address of Headwater.")
    ] = "",
    token: AuthToken = "",
    ignore: Annotated[
        list[str] | None,
        typer.Option(help="Pattern of scripts' addresses that need no map: */polyfill.js."),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Ask whether what was uploaded for a release, or what a page runs, would resolve; exit code 1 if not."""
    if not (server and token):
        fail(
            "Give the server with --server or SENTRY_URL, a token with --token or SENTRY_AUTH_TOKEN."
        )
    client = client_of(server, token)
    asked = urlencode({"dist": dist}) if dist else ""
    path = f"/api/0/projects/any/{quote(project, safe='')}/releases/{quote(release, safe='')}"
    path += f"/sourcemaps/summary/?{asked}"
    try:
        summary = client.get(path)
        page = _page(client, path, url, ignore or []) if url else None
    except (NoAnswer, NotFetched) as error:
        fail(str(error))
    is_ok = page.is_ok if page else bool(summary["isOk"])
    if as_json:
        answer = {"isOk": is_ok, "summary": summary, "page": page}
        typer.echo(msgspec.json.format(msgspec.json.encode(answer)).decode())
    else:
        lines = [*_summary(summary), *(_of_page(page) if page else ())]
        typer.echo("\n".join(map(printable, lines)))
    if not is_ok:
        sys.exit(1)


def _page(client: Client, path: str, url: str, ignore: list[str]) -> Judged:
    page: Page = deployed(url, Fetcher(allows_private=is_private(url)))
    files = [
        {"url": each.url, "debugIds": list(each.debug_ids), "codeDigest": each.code}
        for each in page.scripts
        if not each.trouble and not each.is_foreign
    ]
    found = client.post(path, {"files": files})["files"] if files else []
    return judged(page, {each["url"]: each for each in found}, ignore)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _summary(summary: dict[str, Any]) -> Iterator[str]:
    dist = f", dist {summary['dist']}" if summary["dist"] else ""
    yield (
        f"Release {summary['version']}{dist}: {_many(summary['bundles'], 'upload')},"
        f" {_many(summary['minifiedFiles'], 'minified file')},"
        f" {_many(summary['sourceMaps'], 'source map')}."
    )
    if not summary["checked"]:
        yield "Nothing was uploaded for it by name; files with debug ids need no release."
        return
    yield f"{summary['resolvable']} of {summary['checked']} files checked would resolve."
    if summary.get("notChecked"):
        yield f"{summary['notChecked']} more, of older uploads, were not checked."
    wrong = [each for each in summary["files"] if not each["isResolvable"]]
    for file in wrong[:_SHOWN]:
        yield f"FAIL  {file['url']}  {file['verdict']}"
    yield from _more(len(wrong))
    yield from _reasons(wrong)


def _of_page(page: Judged) -> Iterator[str]:
    yield ""
    yield f"{page.url}: {page.checked} of {page.named} scripts checked, {page.resolvable} would resolve."
    if not page.named:
        yield "The page names no script: give the one that your application starts on."
    shown = sorted(page.scripts, key=lambda each: each.mark != "FAIL")
    for script in shown[:_SHOWN]:
        yield f"{script.mark:<7}  {script.url}  {script.said}"
    yield from _more(len(shown))
    yield from _reasons(
        [each.answer for each in page.scripts if each.mark == "FAIL" and each.answer]
    )
    for public in page.public_maps:
        yield ""
        yield f"WARN     {public} is public, with the text of your sources in it."
    if page.public_maps:
        yield (
            "  → Delete the maps after the upload: `sourcemaps: { filesToDeleteAfterUpload:"
            " ['dist/**/*.map'] }`, and let the bundler leave the comment out (`sourcemap: 'hidden'`,"
            " `devtool: 'hidden-source-map'`)."
        )


def _reasons(wrong: list[dict[str, Any]]) -> Iterator[str]:
    for verdict, file in {each["verdict"]: each for each in reversed(wrong)}.items():
        detail = f" ({file['detail']})" if file.get("detail") else ""
        yield ""
        yield f"{verdict}: {file['cause']}{detail}"
        yield from (f"  {each}" for each in file.get("near") or ())
        if file["remedy"]:
            yield f"  → {file['remedy']}"


def _more(number: int) -> Iterator[str]:
    if number > _SHOWN:
        yield f"         and {number - _SHOWN} more; --json names them"
