"""What events of an earlier version were resolved with is known after the migration, too."""

from pathlib import Path

import pytest
import zstandard
from sqlalchemy import text

from headwater.storage.database import Database
from headwater.storage.migrate import migrate
from tests.databases import bring_to, empty_address

TEXTS = [
    f'{{"version":3,"frames":[{{"bundle":{number}}}],"n":"{number}"}}'.encode()
    for number in range(1, 9)
]
DICTIONARY = zstandard.train_dictionary(4096, [text * 20 for text in TEXTS * 40])


def filled(url: str) -> Database:
    """With resolutions that are packed with a dictionary, without one, and one that is damaged."""
    database = Database(url)
    bring_to(database, "0018")
    trained = zstandard.ZstdCompressor(dict_data=DICTIONARY)
    plain = zstandard.ZstdCompressor()
    contents = [
        trained.compress(TEXTS[0]),
        plain.compress(TEXTS[1]),
        plain.compress(b'{"version":3,"text":"\\"bundle\\":7"}'),
        b"damaged",
    ]
    with database.write() as connection:
        connection.execute(
            text(
                "INSERT INTO payload_dictionaries (id, made_at, content)"
                " VALUES (:id, '2026-11-01 00:00:00', :content)"
            ),
            {"id": DICTIONARY.dict_id(), "content": zstandard.compress(DICTIONARY.as_bytes())},
        )
        for number, content in enumerate(contents):
            connection.execute(
                text("INSERT INTO resolutions (digest, content) VALUES (:digest, :content)"),
                {"digest": b"%016d" % number, "content": content},
            )
    return database


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_resolutions_name_is_read_out_of_them(tmp_path: Path, kind: str) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}" if kind == "sqlite" else empty_address()
    database = filled(url)

    migrate(database)

    named = text("SELECT resolution_digest, artifact_bundle_id FROM resolution_bundles ORDER BY 2")
    with database.write() as connection:
        found = [(bytes(digest), bundle) for digest, bundle in connection.execute(named)]
        connection.execute(text("DELETE FROM resolutions"))
        left = connection.execute(named).all()
    database.close()
    assert found == [(b"%016d" % 0, 1), (b"%016d" % 1, 2)]
    assert left == []
