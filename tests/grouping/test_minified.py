"""What of a minified frame is the same in the next build."""

import random
import string

import pytest

from headwater.grouping.minified import stable_function, stable_path


@pytest.mark.parametrize(
    ("path", "stable"),
    [
        ("https://cdn.example.com/assets/index-DCrZ1V9u.js", "assets/index"),
        ("https://other.example.com:8080/assets/index-lazy4Ou6.js?v=3#x", "assets/index"),
        ("/assets/index-XbKdLmQp.js", "assets/index"),
        ("/assets/index-gIsEbwlf.js", "assets/index"),
        ("/assets/index--ilfycrS.js", "assets/index"),
        ("/assets/index-_lfycrSa.js", "assets/index"),
        ("/assets/index-DpkZ--pd.js", "assets/index"),
        ("/srv/app/form-MyWidget.js", "srv/app/form-MyWidget"),
        ("/srv/app/the-big-cart.js", "srv/app/the-big-cart"),
        ("app:///_next/server/chunks/ssr/_0bwf~zv._.js", "_next/server/chunks/ssr/"),
        (
            "app:///_next/server/chunks/ssr/apps_myapp_src_lib_actions_invoices_ts_09hq4k7._.js",
            "_next/server/chunks/ssr/apps_myapp_src_lib_actions_invoices_ts",
        ),
        (
            "app:///_next/server/chunks/ssr/[root-of-the-server]__0fitma~._.js",
            "_next/server/chunks/ssr/[root-of-the-server]",
        ),
        ("https://h/_next/static/chunks/0reyq3apo19g9.js", "_next/static/chunks/"),
        ("https://h/_next/static/chunks/main-5f3c9a1b2c3d4e5f.js", "_next/static/chunks/main"),
        ("https://h/_next/static/x8aK2mQ9Lr0bT3vYw5NzJ/page.js", "_next/static/page"),
        ("https://h/static/js/main.5f3c9a1b.chunk.js", "static/js/main"),
        ("https://h/static/js/915.0a1b2c3d.js", "static/js/915"),
        ("dist/chunk-ABCDEFGH.mjs", "dist/chunk"),
        ("https://h/v1.2.3/app.min.js", "app"),
        ("https://h/381fefe0e9c7381fefe0e9c7381fefe0e9c70000/app.js", "app"),
        ("file:///srv/app/server.js", "srv/app/server"),
        ("webpack-internal:///./src/cart.js", "src/cart"),
        ("async https://h/app.js", "app"),
        ("/srv/app/src/settings.js", "srv/app/src/settings"),
        ("/srv/app/user-settings.js", "srv/app/user-settings"),
        ("/srv/app/shopping-checkout.js", "srv/app/shopping-checkout"),
        ("/srv/app/page-Settings.js", "srv/app/page-Settings"),
        ("", ""),
    ],
)
def test_a_path_without_what_a_build_or_a_host_adds(path: str, stable: str) -> None:
    assert stable_path(path) == stable


@pytest.mark.parametrize(
    ("name", "stable"),
    [
        ("t", None),
        ("e1", None),
        ("Object.t", None),
        ("#e", None),
        ("new t", None),
        ("?", None),
        ("<anonymous>", None),
        ("HTMLButtonElement.<anonymous>", None),
        ("foo/<", None),
        (None, None),
        ("Object.t [as openCheckout]", "openCheckout"),
        ("Module.k [as generateMetadata]", "generateMetadata"),
        ("async ll.validate", "validate"),
        ("get total", "total"),
        ("processPayment", "processPayment"),
        ("#refresh", "refresh"),
    ],
)
def test_a_function_that_kept_its_name(name: str | None, stable: str | None) -> None:
    assert stable_function(name) == stable


def test_nearly_every_hash_that_vite_could_write_is_recognised() -> None:
    chance = random.Random(20261122)  # noqa: S311 - a sample, not a secret
    alphabet = string.ascii_letters + string.digits + "-_"
    hashes = ["".join(chance.choices(alphabet, k=8)) for _ in range(10_000)]

    missed = [each for each in hashes if stable_path(f"/assets/index-{each}.js") != "assets/index"]

    # What is left reads like a word: one capital at most, no digit, no dash.
    assert len(missed) < 200, missed[:20]
