"""Writes compiled files from what was uploaded. Runs in the compiler's process."""

import mmap
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Protocol

from headwater.artifacts.compiler_questions import CompileFunctions, Stored, Written
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.write import TextPlace
from headwater.sourcemaps.compiling.compile import CompiledSummary, compile_map
from headwater.sourcemaps.compiling.compile_functions import Originals, compile_functions
from headwater.sourcemaps.compiling.compile_script import compile_script
from headwater.sourcemaps.reading.document import MENDED, HalfSurrogates
from headwater.sourcemaps.reading.literals import without_half_surrogates


class Known(Protocol):
    """Where other compiled files hold the texts with these digests, as far as they do."""

    def __call__(self, digests: Sequence[bytes]) -> Mapping[bytes, TextPlace]: ...


def write_map(content: memoryview, key: str, target: Path, known: Known) -> Written:
    """Raises MalformedSourceMap, SourceMapTooLarge, OSError, and what `known` raises."""
    try:
        with target.open("wb") as out:
            return _written(compile_map(content, out.write, key, known))
    except HalfSurrogates:
        target.unlink()
    with _mended(content, target.parent) as repaired, target.open("wb") as out:
        return _written(compile_map(repaired, out.write, key, known, is_repaired=True))


def write_script(content: memoryview, key: str, target: Path, *, parses: bool) -> Written:
    """A minified file's text, and what parsing it tells. Raises OSError."""
    with target.open("wb") as out:
        compile_script(content, out.write, key, parses=parses)
    return Written()


def write_functions(
    compiled: CompiledMap,
    original: memoryview,
    script: memoryview | None,
    question: CompileFunctions,
    known: Known,
    note: Callable[[str], None],
) -> Written:
    """Raises CompiledFileDamaged, OSError, and what `known` raises."""
    target = Path(question.target)
    with ExitStack() as opened:
        if MENDED in compiled.faults:
            original = opened.enter_context(_mended(original, target.parent))
        out = opened.enter_context(target.open("wb"))
        summary = compile_functions(
            compiled,
            Originals(original, script),
            out.write,
            question.key,
            known,
            frozenset(question.left_out),
            note,
        )
    holds = [Stored(table.digest, "", *table.ref) for table in summary.tables]
    return Written(holds, summary.holders)


@contextmanager
def mapped(path: Path) -> Iterator[memoryview]:
    """A file's bytes, of which the system keeps in memory what it has room for. Raises OSError."""
    with path.open("rb") as file:
        yield _mapped(file)


@contextmanager
def _mended(content: memoryview, folder: Path) -> Iterator[memoryview]:
    """The same JSON without halves of surrogate pairs, in a file without a name: it goes with this
    process, however that ends."""
    with TemporaryFile(dir=folder) as mended:
        mended.writelines(without_half_surrogates(content))
        mended.flush()
        yield _mapped(mended)


def _mapped(file: IO[bytes]) -> memoryview:
    if not os.fstat(file.fileno()).st_size:
        return memoryview(b"")
    # Not closed: what was read from it may still refer to it, and it goes with the last of that.
    return memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))


def _written(summary: CompiledSummary) -> Written:
    holds = [Stored(text.digest, "", *text.ref) for text in summary.texts]
    return Written(holds, summary.holders)
