"""The lines to paste for each verdict."""

import shlex
from typing import Final

import pytest

from headwater.symbolicate.remedies.bundlers import Bundler
from headwater.symbolicate.remedies.lines import Lines, lines_of
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

PLACE = Place("https://errors.example.com", "shop", "shop@1.0", "ios", "~/assets", "app.js")
WITHOUT_LINES = (Verdict.PENDING_UPLOAD,)
"""All that can be done is to wait."""
WITH_PLUGIN: Final = (
    Bundler.VITE,
    Bundler.WEBPACK,
    Bundler.ROLLUP,
    Bundler.ESBUILD,
    Bundler.NEXTJS,
)
WRONG_POSITION: Final = (
    Verdict.SUSPICIOUS_MAPPING,
    Verdict.POSITION_OUT_OF_RANGE,
    Verdict.POSITION_UNMAPPED,
)
NOT_FOUND: Final = (Verdict.RELEASE_NOT_UPLOADED, Verdict.URL_NOT_UPLOADED)


@pytest.mark.parametrize("verdict", Verdict)
def test_where_something_can_be_done_there_are_lines_for_it(verdict: Verdict) -> None:
    has_remedy = bool(EXPLANATIONS[verdict].remedy) and verdict not in WITHOUT_LINES

    assert bool(lines_of(verdict, PLACE)) is has_remedy


@pytest.mark.parametrize("bundler", Bundler)
def test_the_guessed_bundlers_lines_are_the_first(bundler: Bundler) -> None:
    for_one = lines_of(Verdict.DEBUG_ID_NOT_UPLOADED, PLACE, bundler)

    assert for_one[0].bundler == bundler
    assert {each.bundler for each in for_one} == set(Bundler)


def test_the_lines_name_the_server_the_project_the_release_and_the_prefix() -> None:
    lines = {each.bundler: each.code for each in lines_of(Verdict.URL_NOT_UPLOADED, PLACE)}

    for said in ("https://errors.example.com", "shop", "shop@1.0", "ios"):
        assert f"'{said}'" in lines[Bundler.VITE]
        assert said in shlex.split(lines[Bundler.TSC].replace("=", " "))
    assert "--url-prefix '~/assets' dist   # dist holds 'app.js'" in lines[Bundler.TSC]


@pytest.mark.parametrize("bundler", WITH_PLUGIN)
@pytest.mark.parametrize("verdict", WRONG_POSITION)
def test_where_a_plugin_injects_nothing_is_said_to_inject_again(
    verdict: Verdict, bundler: Bundler
) -> None:
    found = _of(verdict, bundler)

    assert all(each.file and "sourcemaps inject" not in each.code for each in found)
    assert "must not inject" in found[0].code


@pytest.mark.parametrize("bundler", WITH_PLUGIN)
@pytest.mark.parametrize("verdict", NOT_FOUND)
def test_a_plugin_uploads_by_debug_ids_alone(verdict: Verdict, bundler: Bundler) -> None:
    assert not any("Legacy" in each.code for each in _of(verdict, bundler))


@pytest.mark.parametrize("bundler", [Bundler.TSC, Bundler.ANGULAR])
@pytest.mark.parametrize("verdict", NOT_FOUND)
def test_what_is_deployed_is_uploaded_as_it_is_before_anything_is_injected(
    verdict: Verdict, bundler: Bundler
) -> None:
    code = _of(verdict, bundler)[-1].code
    uploaded, _, rest = code.partition("# For the next deployment")

    assert "--release 'shop@1.0' --dist 'ios'" in uploaded
    assert not any(each in uploaded for each in ("inject", "npx tsc", "ng build"))
    assert "sourcemaps inject" in rest
    assert "--release" not in rest


@pytest.mark.parametrize("bundler", WITH_PLUGIN)
def test_a_configuration_is_to_be_merged_and_leaves_room_for_what_is_there(
    bundler: Bundler,
) -> None:
    (found,) = _of(Verdict.DEBUG_ID_NOT_UPLOADED, bundler)

    assert f"Merge into your {found.file}." in found.code
    assert "// … your " in found.code


def test_a_wrong_token_s_lines_upload_with_one_of_the_project() -> None:
    (found,) = lines_of(Verdict.UPLOADED_TO_OTHER_PROJECT, PLACE, Bundler.VITE)

    assert "export SENTRY_AUTH_TOKEN='<API token of project shop>'" in found.code
    assert "sourcemaps upload dist" in found.code


def _of(verdict: Verdict, bundler: Bundler) -> list[Lines]:
    return [each for each in lines_of(verdict, PLACE, bundler) if each.bundler == bundler]


def test_nothing_gets_out_of_its_quotes() -> None:
    hostile = "1.0'}); import('evil'); ('\n$(rm -rf /)`\u202e"
    place = Place(hostile, hostile, hostile, hostile, hostile, hostile)

    for verdict in Verdict:
        for each in lines_of(verdict, place):
            assert "\u202e" not in each.code
            assert "1.0'}" not in each.code
            if not each.file:
                assert "$(rm" not in [word[:4] for word in shlex.split(each.code, comments=True)]
