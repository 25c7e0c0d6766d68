"""The lines to paste for each verdict."""

import shlex

import pytest

from headwater.symbolicate.remedies.bundlers import Bundler
from headwater.symbolicate.remedies.lines import lines_of
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

PLACE = Place("https://errors.example.com", "shop", "shop@1.0", "ios", "~/assets")
WITHOUT_LINES = (Verdict.PENDING_UPLOAD,)
"""All that can be done is to wait."""


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

    for said in ("https://errors.example.com", "shop", "shop@1.0", "ios", "~/assets"):
        assert f"'{said}'" in lines[Bundler.VITE]
        assert said in shlex.split(lines[Bundler.TSC].replace("=", " "))


def test_nothing_gets_out_of_its_quotes() -> None:
    hostile = "1.0'}); import('evil'); ('\n$(rm -rf /)`\u202e"
    place = Place(hostile, hostile, hostile, hostile, hostile)

    for verdict in Verdict:
        for each in lines_of(verdict, place):
            assert "\u202e" not in each.code
            assert "1.0'}" not in each.code
            if not each.file:
                assert "$(rm" not in [word[:4] for word in shlex.split(each.code, comments=True)]
