"""What is meant by what people paste into the box 'was this uploaded?'."""

import pytest

from headwater.server.upload_question import upload_question

ID = "8c0b638c-7772-4580-a988-5410e42f0437"


@pytest.mark.parametrize(
    "text",
    [
        ID,
        ID.upper(),
        ID.replace("-", ""),
        f"{{{ID}}}",
        f"//# debugId={ID}",
        f"sentry-dbid-{ID}",
        f"  {ID}\n",
        f'"debug_id": "{ID}",',
        f"~/{ID}-0.js",
        f"~/{ID}-12.js.map",
    ],
)
def test_a_debug_id_is_found_in_any_spelling(text: str) -> None:
    assert upload_question(text).debug_id == ID


def test_a_debug_id_keeps_its_appendix() -> None:
    assert upload_question(f"{ID}-1a").debug_id == f"{ID}-1a"


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("app.js", "app.js"),
        ("https://h/assets/app.js:1:234", "https://h/assets/app.js"),
        ("at load (https://h/assets/app.js:1:234)", "https://h/assets/app.js"),
        ("    at https://h/app.js:12:3", "https://h/app.js"),
        ("app:///main.jsbundle:1:5", "app:///main.jsbundle"),
        ("shop@1.0", "shop@1.0"),
    ],
)
def test_a_file_is_found_in_a_line_of_a_stack_trace(text: str, file: str) -> None:
    found = upload_question(text)

    assert found.debug_id is None
    assert found.file == file


def test_a_file_is_looked_for_with_its_map_at_every_address() -> None:
    urls = upload_question("https://h/app.js?v=1").urls

    assert {"https://h/app.js", "~/app.js", "~/app.js.map"} <= set(urls)


def test_hostile_text_is_only_text() -> None:
    for text in ("\x00", "%00.js", "a" * 1_000_000, "(((((", ":1:1:1", "(" * 5_000 + ")"):
        question = upload_question(text)

        assert all("\x00" not in url for url in question.urls)
