"""How events' JSON is kept."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from random import Random

import zstandard
from sqlalchemy import select

from headwater.storage.database import Database
from headwater.storage.events.payloads import TRAINED_AFTER, Payloads
from headwater.storage.schema import payload_dictionaries

THREADS = 8


def test_any_number_of_threads_read_at_once(database: Database) -> None:
    """zstandard's objects serve one thread; the wrong use ends the process, or mixes texts up."""
    random = Random(1)  # noqa: S311
    payloads = Payloads(database)
    texts = [random.randbytes(50) * random.randrange(100, 3_000) for _ in range(50)]
    packed = [payloads.pack(text) for text in texts]

    def read(seed: int) -> bool:
        order = Random(seed).choices(range(len(texts)), k=1_000)  # noqa: S311
        return all(payloads.unpack(packed[index]) == texts[index] for index in order)

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(read, range(THREADS)))


def test_a_dictionary_is_trained_soon_and_serves_whoever_comes_later(database: Database) -> None:
    texts = [_event(number) for number in range(TRAINED_AFTER[0] + 1)]
    first = Payloads(database)
    packed = [first.pack(text) for text in texts[:-1]]
    first.close()

    later = Payloads(database)
    small = later.pack(texts[-1])

    assert len(small) < len(packed[0]) / 2
    assert [later.unpack(each) for each in (*packed, small)] == texts


def test_what_is_kept_of_a_packed_text_takes_no_more_memory_than_it_is_long(
    database: Database,
) -> None:
    payloads = Payloads(database)
    text = b"a" * 100_000
    payloads.pack(text)
    tracemalloc.start()
    try:
        packed = [payloads.pack(text, is_typical=False) for _ in range(10)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert taken < len(text)
    assert [payloads.unpack(each) for each in packed] == [text] * 10


def test_a_dictionary_takes_a_fraction_of_its_size_and_an_old_one_is_read_as_it_is(
    database: Database,
) -> None:
    payloads = Payloads(database)
    texts = [_event(number) for number in range(TRAINED_AFTER[0] + 1)]
    for text in texts[:-1]:
        payloads.pack(text)
    payloads.close()
    small = payloads.pack(texts[-1])

    content = _dictionary(database)
    plain = zstandard.decompress(content)
    with database.write() as connection:
        connection.execute(payload_dictionaries.update().values(content=plain))

    assert len(content) < len(plain) / 2
    assert Payloads(database).unpack(small) == texts[-1]
    assert len(Payloads(database).pack(texts[-1])) == len(small)


def test_nothing_is_learned_from_what_is_not_typical(database: Database) -> None:
    payloads = Payloads(database)

    for number in range(TRAINED_AFTER[0]):
        payloads.pack(_event(number), is_typical=False)
    payloads.close()

    with database.read() as connection:
        assert connection.execute(select(payload_dictionaries)).first() is None


def _event(number: int) -> bytes:
    """5 KB, most of it the stack trace of one of ten errors; no text repeats itself."""
    random = Random(number % 10)  # noqa: S311
    frames = [f'{{"function":"{random.getrandbits(256):x}","lineno":{line}}}' for line in range(50)]
    return f'{{"event_id":"{number:032x}","frames":[{",".join(frames)}]}}'.encode()


def _dictionary(database: Database) -> bytes:
    with database.read() as connection:
        content: bytes = connection.execute(select(payload_dictionaries.c.content)).scalar_one()
    return content
