"""References, data URLs and joined addresses."""

import base64

import pytest

from headwater.sourcemaps.urls import debug_id_comment, decode_data_url, join, source_mapping_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a();\n//# sourceMappingURL=app.js.map", "app.js.map"),
        ("a();\n//@ sourceMappingURL=app.js.map\n", "app.js.map"),
        ("//# sourceMappingURL=one.map\nb();\n//# sourceMappingURL=two.map\n\n", "two.map"),
        ("a();//# sourceMappingURL=app.js.map b", "app.js.map"),
        ("//# sourceMappingURL=app.js.map\n//# debugId=85314830-023f-4cf1-a267-535f4e37bb17", "app.js.map"),
        ("//# sourceMappingURL=a.map\nconst x = 'sourceMappingURL='", "a.map"),
        ("/*# sourceMappingURL=style.css.map */", None),
        ("//# sourceMappingURL=\n", None),
        ("a();", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_last_reference_is_the_files_own(text: str, expected: str | None) -> None:
    assert source_mapping_url(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("//# debugId=85314830-023f-4cf1-a267-535f4e37bb17", "85314830-023f-4cf1-a267-535f4e37bb17"),
        ("//# debugId=one\n//# debugId=85314830023f4cf1a267535f4e37bb17\n", "85314830023f4cf1a267535f4e37bb17"),
        ("debugId=85314830-023f-4cf1-a267-535f4e37bb17", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_debug_id_is_read_from_its_comment(text: str, expected: str | None) -> None:
    assert debug_id_comment(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("data:application/json;base64," + base64.b64encode(b"{}").decode(), b"{}"),
        ("data:application/json;charset=utf-8;base64,e30", b"{}"),
        ("data:application/json;base64,e30%3D", b"{}"),
        ("data:application/json,%7B%22a%22%3A1%7D", b'{"a":1}'),
        ("DATA:application/json,{}", b"{}"),
        ("data:application/json;base64,e", None),
        ("data:application/json", None),
        ("app.js.map", None),
    ],
)
def test_a_data_url_holds_the_map_itself(url: str, expected: bytes | None) -> None:
    assert decode_data_url(url) == expected


@pytest.mark.parametrize(
    ("base", "url", "expected"),
    [
        ("https://h/a/b.js", "b.js.map", "https://h/a/b.js.map"),
        ("https://h/a/b.js?x=1#y", "b.js.map", "https://h/a/b.js.map"),
        ("https://h/a/b.js", "../c/d.map", "https://h/c/d.map"),
        ("https://h/a/b.js", "../../../d.map", "https://h/d.map"),
        ("https://h/a/b.js", "./d.map", "https://h/a/d.map"),
        ("https://h/a/b.js", "/d.map", "https://h/d.map"),
        ("https://h/a/b.js", "//cdn/d.map", "https://cdn/d.map"),
        ("https://h/a/b.js", "~/d.map", "https://h/d.map"),
        ("https://h/a/b.js", "https://other/d.map", "https://other/d.map"),
        ("https://h/a/b.js", "webpack:///./src/x.ts", "webpack:///./src/x.ts"),
        ("https://h", "d.map", "https://h/d.map"),
        ("app:///_next/x.js", "x.js.map", "app:///_next/x.js.map"),
        ("app:///x.js", "../src/a.ts", "app:///../src/a.ts"),
        ("/srv/app/x.js", "../src/a.ts", "/srv/src/a.ts"),
        ("/srv/x.js", "/d.map", "/d.map"),
        ("x.js", "x.js.map", "/x.js.map"),
    ],
)
def test_addresses_join_as_in_sentrys_tools(base: str, url: str, expected: str) -> None:
    assert join(base, url) == expected
