"""Sources' names as bundlers write them and as people know them."""

import pytest

from headwater.symbolicate.paths import filename_of, module_of


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("src/lib/pay.ts", "src/lib/pay.ts"),
        ("../../src/lib/pay.ts", "src/lib/pay.ts"),
        ("./src/pay.ts", "src/pay.ts"),
        ("webpack://shop/./src/pay.ts", "src/pay.ts"),
        ("webpack://shop/src/pay.ts", "src/pay.ts"),
        ("webpack://@acme/shop/./src/pay.ts?3296", "src/pay.ts"),
        ("webpack://_N_E/./src/app/page.tsx?abcd", "src/app/page.tsx"),
        ("webpack:///./src/pay.ts", "src/pay.ts"),
        ("webpack:///src/pay.ts", "src/pay.ts"),
        ("webpack:///./~/lodash/index.js", "node_modules/lodash/index.js"),
        ("webpack-internal:///(rsc)/./src/pay.ts", "src/pay.ts"),
        ("webpack-internal:///./src/pay.ts", "src/pay.ts"),
        ("webpack://shop/webpack/bootstrap", "webpack/bootstrap"),
        ("shop/./src/pay.ts", "src/pay.ts"),
        ("turbopack:///[project]/src/pay.ts", "src/pay.ts"),
        ("turbopack://[project]/src/pay.ts", "src/pay.ts"),
        ("turbopack:///[project]/apps/shop/src/pay.ts", "src/pay.ts"),
        ("turbopack:///[turbopack]/browser/runtime.ts", "[turbopack]/browser/runtime.ts"),
        ("/turbopack/[project]/src/pay.ts", "src/pay.ts"),
        ("../../../apps/shop/src/app/%5Bid%5D/page.tsx", "src/app/[id]/page.tsx"),
        ("../../../packages/ui/src/button.tsx", "packages/ui/src/button.tsx"),
        ("apps/server.ts", "apps/server.ts"),
        ("app:///src/pay.ts", "src/pay.ts"),
        ("file:///home/me/shop/src/pay.ts", "/home/me/shop/src/pay.ts"),
        ("https://shop.example/src/pay.ts?t=1", "src/pay.ts"),
        ("/home/me/shop/src/pay.ts", "/home/me/shop/src/pay.ts"),
        ("C:\\shop\\src\\pay.ts", "C:/shop/src/pay.ts"),
        ("../node_modules/.pnpm/a@1/node_modules/a/index.js", "node_modules/a/index.js"),
        ("/home/me/node_modules/a/index.js", "node_modules/a/index.js"),
        ("Cart.vue?vue&type=script&setup=true&lang.ts", "Cart.vue"),
        ("\0vite/preload-helper.js", "vite/preload-helper.js"),
        ("src/app/%2e%00.ts", "src/app/%2e%00.ts"),
        ("src/100%.ts", "src/100%.ts"),
        ("src/%ff.ts", "src/%ff.ts"),
        ("../", "../"),
        ("", ""),
    ],
)
def test_a_path_is_what_the_person_who_wrote_it_recognises(source: str, expected: str) -> None:
    assert filename_of(source) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/lib/pay.ts", "src/lib/pay"),
        ("https://shop.example/static/js/app.min.js?x=1", "app"),
        ("https://shop.example/foo/bar.js", "foo/bar"),
        ("https://h/0123456789abcdef0123456789abcdef01234567/src/a.js", "src/a"),
        ("https://h/build/v1.2.3/app-0a1b2c3d.js", "app"),
        ("app:///_next/server/chunks/x.js", "server/chunks/x"),
        ("node_modules/lodash/index.js", "lodash/index"),
        ("https://shop.example/", None),
        ("", None),
    ],
)
def test_a_module_leaves_out_what_changes_from_deployment_to_deployment(
    path: str, expected: str | None
) -> None:
    assert module_of(path) == expected
