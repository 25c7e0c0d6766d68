"""How events' JSON is kept: compressed with a dictionary that was trained on events like them.

A dictionary halves what an event of 10 KB takes, and costs no time. Each is stored for as long as
there is a database, and every compressed text names its own, so that a new one changes nothing.
"""

import threading
from datetime import UTC, datetime
from typing import Final

import structlog
import zstandard
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from headwater.storage.database import Database
from headwater.storage.freed_memory import FreedMemory
from headwater.storage.many_rows import insert_all_new
from headwater.storage.schema import payload_dictionaries

COMPRESSION: Final = 3
"""zstandard's level, as long as there is no dictionary."""

WITH_DICTIONARY: Final = zstandard.ZstdCompressionParameters(
    window_log=21,
    chain_log=18,
    hash_log=18,
    search_log=4,
    min_match=6,
    target_length=8,
    strategy=zstandard.STRATEGY_LAZY,
    write_content_size=True,
    write_dict_id=True,
)
"""How it looks for what comes again, in a dictionary: as thoroughly as at level 7, in tables of a quarter of
that size. An event of 10 KB takes 0.1 ms more than at level 3, and 9 % less is left of it."""

MAX_STORED: Final = 256 * 1024**2
"""Bytes that a stored text may decompress to; ours are far below."""

DICTIONARY_BYTES: Final = 1024 * 1024
"""Bytes of a dictionary. One of half the size leaves 6 % more of a text, one of 112 KB, zstandard's
default, a quarter more, and both take as long; every process that reads or writes holds it, the one
that writes four times. Stored, it takes a fifth of this."""

SEGMENT_BYTES: Final = 4_096
"""Bytes that zstandard takes into a dictionary at a time: a stack trace comes again as a whole. Left to
choose, it tries several lengths, which takes six times as long, and with less than 4 MB of samples it
chooses so short ones that a third more is left of each text."""

_HASHED: Final = 8
"""Bytes by which it recognizes what comes again."""

SAMPLES: Final = 600
"""Texts that a dictionary is trained on."""

MAX_SAMPLE: Final = 32 * 1024
"""Bytes of a text that is trained on; of a longer one, its beginning. With SAMPLES, 19 MB at most while a
dictionary is trained, 7 of usual events, and to train takes 20 more; until then they are kept packed, a
sixth of that."""

TRAINED_AFTER: Final = (250, 2_500, 20_000)
"""Events after which a dictionary is trained: soon, since without one an event takes three times as much,
and when more was seen: the second leaves 7 % less than the first, the third is for what has changed."""

_DICTIONARY_LEVEL: Final = 9
"""zstandard's level for dictionaries themselves, which are written three times in all."""


class Payloads:
    """For any number of threads; trains in one of its own. One per process that writes."""

    def __init__(self, database: Database, *, learns: bool = True) -> None:
        """`learns`: what it packs is like what will come, so that dictionaries are trained on it."""
        self._database = database
        self._learns = learns
        # zstandard lets other threads run while it works, and none may use the same object then.
        self._one_at_a_time = threading.Lock()
        self._decompressors: dict[int, zstandard.ZstdDecompressor] = {}
        self._compressor: zstandard.ZstdCompressor | None = None
        self._samples: list[bytes] = []
        self._seen = 0
        self._training: threading.Thread | None = None
        self._log = structlog.get_logger()

    def pack(self, text: bytes, *, is_typical: bool = True) -> bytes:
        """Compressed. `is_typical`: to learn from. Raises DatabaseError, at the first call only."""
        if self._compressor is None:
            self._compressor = self._latest()
        with self._one_at_a_time:
            # A copy: what zstandard gives has room for a text that can't be compressed, to its end.
            packed = bytes(memoryview(self._compressor.compress(text)))
        if is_typical:
            self._learn(packed)
        return packed

    def unpack(self, packed: bytes) -> bytes:
        """As it was. Raises DatabaseError; ValueError if its dictionary is lost."""
        number = zstandard.get_frame_parameters(packed).dict_id
        if number not in self._decompressors:
            self._decompressors[number] = self._decompressor(number)
        with self._one_at_a_time:
            return self._decompressors[number].decompress(packed, max_output_size=MAX_STORED)

    def close(self) -> None:
        """Wait for what is being trained."""
        if self._training is not None:
            self._training.join()

    def _latest(self) -> zstandard.ZstdCompressor:
        newest = select(payload_dictionaries).order_by(payload_dictionaries.c.made_at.desc())
        with self._database.read() as connection:
            row = connection.execute(newest.limit(1)).first()
            count = connection.execute(select(func.count()).select_from(payload_dictionaries))
            # What was trained already is not trained again at each start.
            self._seen = ([0, *TRAINED_AFTER])[min(count.scalar_one(), len(TRAINED_AFTER))]
        return _compressor(_plain(row.content) if row else None)

    def _decompressor(self, number: int) -> zstandard.ZstdDecompressor:
        if not number:
            return zstandard.ZstdDecompressor()
        wanted = select(payload_dictionaries.c.content).where(payload_dictionaries.c.id == number)
        with self._database.read() as connection:
            content = connection.execute(wanted).scalar_one_or_none()
        if content is None:
            raise ValueError(f"the dictionary {number} that an event was packed with is lost")
        return zstandard.ZstdDecompressor(zstandard.ZstdCompressionDict(_plain(content)))

    def _learn(self, packed: bytes) -> None:
        if not self._learns or self._seen >= TRAINED_AFTER[-1]:
            return
        self._seen += 1
        due = next(each for each in TRAINED_AFTER if each >= self._seen)
        # Evenly over all that comes until then.
        if self._seen % max(1, due // SAMPLES) == 0:
            self._samples.append(packed)
        if self._seen == due and self._training is None:
            samples, self._samples = self._samples, []
            self._training = threading.Thread(
                target=self._learn_from, args=(samples,), name="train-dictionary", daemon=True
            )
            self._training.start()

    def _learn_from(self, samples: list[bytes]) -> None:
        FreedMemory().give_back()  # so that it has room
        self._train(samples)
        samples.clear()
        FreedMemory().give_back()  # what it took, all of which is free only now

    def _train(self, samples: list[bytes]) -> None:
        try:
            texts = [self.unpack(packed)[:MAX_SAMPLE] for packed in samples]
            trained = zstandard.train_dictionary(
                DICTIONARY_BYTES, [*texts], k=SEGMENT_BYTES, d=_HASHED, level=COMPRESSION
            )
            row = {
                "id": trained.dict_id(),
                "made_at": datetime.now(UTC),
                "content": zstandard.compress(trained.as_bytes(), _DICTIONARY_LEVEL),
            }
            with self._database.write() as connection:
                insert_all_new(connection, payload_dictionaries, [row])
            # Durable before anything is packed with it.
            self._compressor = _compressor(trained.as_bytes())
        except (zstandard.ZstdError, DatabaseError) as error:
            # Samples that have nothing in common, or a database that is busy: the next time.
            self._log.warning("no dictionary was trained", error=str(error))
        finally:
            self._training = None


def _plain(content: bytes) -> bytes:
    """A dictionary as it was trained; the first ones were stored like that."""
    if content.startswith(zstandard.FRAME_HEADER):
        return zstandard.decompress(content, max_output_size=MAX_STORED)
    return content


def _compressor(content: bytes | None) -> zstandard.ZstdCompressor:
    if content is None:
        return zstandard.ZstdCompressor(level=COMPRESSION)
    dictionary = zstandard.ZstdCompressionDict(content)
    dictionary.precompute_compress(compression_params=WITH_DICTIONARY)
    return zstandard.ZstdCompressor(compression_params=WITH_DICTIONARY, dict_data=dictionary)
