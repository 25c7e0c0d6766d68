"""Whose code a resolved frame is."""

import pytest

from headwater.symbolicate.in_app import in_app, is_foreign
from headwater.symbolicate.paths import filename_of


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("../src/pay.ts", True),
        ("webpack://shop/./src/pay.ts", True),
        ("../node_modules/lodash/index.js", False),
        ("webpack:///./~/lodash/index.js", False),
        ("webpack://shop/webpack/bootstrap", False),
        ("webpack://shop/webpack/runtime/chunk loaded", False),
        ('shop/external commonjs "@sentry/node"', False),
        ("turbopack:///[turbopack]/browser/runtime/base.ts", False),
        ("\0vite/preload-helper.js", False),
        ("rolldown:runtime", False),
        ("webpack/src/pay.ts", True),
        ("src/vite-env.ts", True),
    ],
)
def test_the_resolved_path_decides(source: str, *, expected: bool) -> None:
    assert is_foreign(filename_of(source), source) is not expected


def test_foreign_code_is_not_in_app_whatever_the_sdk_says() -> None:
    assert not in_app(ignored=False, foreign=True, said_by_sdk=True)


def test_the_bundlers_ignore_list_decides_first() -> None:
    assert not in_app(ignored=True, foreign=False, said_by_sdk=True)


@pytest.mark.parametrize(("said", "expected"), [(True, True), (None, True), (False, False)])
def test_otherwise_the_sdk_is_believed(said: bool | None, *, expected: bool) -> None:  # noqa: FBT001
    assert in_app(ignored=False, foreign=False, said_by_sdk=said) is expected
