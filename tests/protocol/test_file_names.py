"""What two builds' names of one file have in common."""

import pytest

from headwater.protocol.file_names import name_of, stem_of


@pytest.mark.parametrize(
    ("url", "stem"),
    [
        ("~/static/app.js", "app.js"),
        ("https://h/assets/index-DkR4xzQ_.js?v=1#x", "index-*.js"),
        ("https://h/assets/index-Dk-4xzQ_.js", "index-*.js"),
        ("~/assets/index-CdEfGhIj.js", "index-*.js"),
        ("~/static/js/main.3f2a9c1b.js.map", "main.*.js"),
        ("~/static/js/main.3f2a9c1b.chunk.js", "main.*.chunk.js"),
        ("~/chunk-7ZK2ABCD.js", "chunk-*.js"),
        ("~/my-component-a1b2c3d4.js", "my-component-*.js"),
        ("~/my-component.js", "my-component.js"),
        ("~/PageHeader.js", "PageHeader.js"),
        ("~/page-HomePage.js", "page-HomePage.js"),
        ("app:///_next/static/chunks/9f8e7d6c5b4a3f2e1d.js", ""),
        ("~/8c0b638c-7772-4580-a988-5410e42f0437-0.js", ""),
        ("https://h/app%00.js", ""),
        ("~/", ""),
    ],
)
def test_a_hash_of_the_content_is_no_part_of_the_stem(url: str, stem: str) -> None:
    assert stem_of(url) == stem


def test_a_name_is_the_last_part_of_the_path() -> None:
    assert name_of("https://h/a/b%20c.js?x=/y#/z") == "b c.js"
    assert name_of(r"C:\dist\main.js") == "main.js"
