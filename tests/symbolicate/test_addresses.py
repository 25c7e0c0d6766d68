"""The addresses that a file is looked for at."""

from headwater.symbolicate.addresses import addresses_of


def test_an_address_is_spelt_as_clients_upload_it() -> None:
    assert addresses_of("https://h/a%20b.js?x=1#f") == (
        "https://h/a%20b.js?x=1",
        "https://h/a%20b.js",
        "~/a%20b.js?x=1",
        "~/a%20b.js",
        "https://h/a b.js?x=1",
        "https://h/a b.js",
        "~/a b.js?x=1",
        "~/a b.js",
    )


def test_no_spelling_has_a_character_that_a_database_refuses() -> None:
    assert addresses_of("https://h/a%00.js") == ("https://h/a%00.js", "~/a%00.js")
