"""How events' JSON is kept."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

from headwater.storage.database import Database
from headwater.storage.events.payloads import Payloads

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
