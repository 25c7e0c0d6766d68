"""Compiles uploaded files. Runs in a process of its own.

Foreign JSON and JavaScript are read here and nowhere else: hostile or huge files cost time and
memory, and a native parser may crash. `artifacts.compiler` starts this process and asks it.
"""

import errno
import hashlib
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from headwater.artifacts.asked_folder import AskedFolder
from headwater.artifacts.compiler_questions import (
    PARSE,
    Absent,
    Answer,
    Compile,
    CompileFunctions,
    Fault,
    Look,
    Named,
    NameFunctions,
    NameGenerated,
    Question,
    Stored,
    Table,
    Wanted,
)
from headwater.artifacts.facts.of_map import map_facts
from headwater.artifacts.facts.of_pair import Facts
from headwater.artifacts.facts.of_script import script_facts
from headwater.artifacts.watched import WatchedFiles
from headwater.artifacts.writing import mapped, write_functions, write_map, write_script
from headwater.bounded_child.answering import Answering
from headwater.sourcemaps.compiled.cache import Cache
from headwater.sourcemaps.compiled.parts import VERSION, CompiledFileDamaged, Ref
from headwater.sourcemaps.compiled.read import CompiledMap
from headwater.sourcemaps.compiled.script_file import ScriptFile
from headwater.sourcemaps.compiled.write import TextPlace
from headwater.sourcemaps.compiling.compile_functions import functions_now
from headwater.sourcemaps.compiling.generated_functions import (
    MAX_MINIFIED,
    generated_functions,
    name_of_token,
)
from headwater.sourcemaps.functions.function_table import FunctionTable
from headwater.sourcemaps.reading.document import MalformedSourceMap, SourceMapTooLarge
from headwater.sourcemaps.reading.inline import inline_map
from headwater.storage.files.compiled_files import CompiledFiles, Kind
from headwater.storage.uploads.artifact import OVER_LIMIT

READ_BYTES: Final = 4 * 1024**2
"""Memory of decoded parts of a compiled map whose sources are parsed: each is read once, in order."""


class Compiling:
    """Answers questions, one after another."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._watched: WatchedFiles | None = None

    def answer(self, asked: bytes) -> bytes:
        """Every fault of a file's content is an answer, not an exception."""
        question = msgspec.msgpack.decode(asked, type=Question)
        try:
            answer = self._answer(question)
        except MalformedSourceMap as error:
            answer = Fault(f"is not a source map ({error})")
        except SourceMapTooLarge as error:
            answer = Fault(f"{OVER_LIMIT}{error}")
        except CompiledFileDamaged as error:
            key = None if self._watched is None else self._watched.last_read()
            answer = Fault(f"is compiled, but {error}", is_lasting=False, damaged=key)
        except OSError as error:
            if error.errno == errno.ENOMEM:  # a file is mapped, which takes address space
                raise MemoryError from error
            sentence = f"could not be read back from storage: {error.strerror}"
            answer = Fault(sentence, is_lasting=False, error=error.errno)
        return msgspec.msgpack.encode(answer)

    def _answer(self, question: Question) -> Answer:
        match question:
            case Compile():
                return self._compile(question)
            case CompileFunctions():
                return self._functions(question)
            case NameFunctions():
                return self._name(question)
            case NameGenerated():
                return self._generated(question)
            case Look():
                return self._look(question)

    def _compile(self, question: Compile) -> Answer:
        target = Path(question.target)
        with mapped(Path(question.path)) as content:
            if hashlib.sha256(content).hexdigest() != question.sha256:
                return Fault("is damaged where it is stored", is_lasting=False)
            if question.kind is Kind.MAP:
                return write_map(content, question.key, target, self._known)
            if question.kind is Kind.SCRIPT:
                return write_script(content, question.key, target, parses=question.parses)
            text = str(content, "utf-8", "replace")
        return write_map(memoryview(inline_map(text)), question.key, target, self._known)

    def _functions(self, question: CompileFunctions) -> Answer:
        compiled = self._opened(question.folder, question.map)
        with ExitStack() as opened:
            content = opened.enter_context(mapped(Path(question.path)))
            script = content if question.kind is Kind.INLINE_FUNCTIONS else None
            if question.script is not None:
                script = opened.enter_context(mapped(Path(question.script)))
            if question.kind is Kind.INLINE_FUNCTIONS:
                content = memoryview(inline_map(str(content, "utf-8", "replace")))
            known = partial(self._known, functions=True)
            return write_functions(compiled, content, script, question, known, self._note)

    def _name(self, question: NameFunctions) -> Answer:
        table = functions_now(self._opened(question.folder, question.map), question.source)
        if table is None:
            return Fault("its functions can't be named")
        return Named([_table(table)])

    def _generated(self, question: NameGenerated) -> Answer:
        compiled = self._opened(question.folder, question.map)
        with mapped(Path(question.script)) as content:
            if len(content) > 4 * MAX_MINIFIED:
                return Fault("is too large to be parsed")
            text = str(content, "utf-8", "replace")
        found = generated_functions(text, partial(name_of_token, compiled))
        if found is None:
            return Fault("can't be parsed")
        return Named([_table(found.scopes), _table(found.calls)])

    def _look(self, question: Look) -> Facts:
        script = source_map = text = None
        if question.script is not None:
            with mapped(Path(question.script)) as content:
                script = script_facts(content, question.debug_ids)
        if question.compiled_map is not None and question.source_map is not None:
            compiled = self._opened(question.folder, question.compiled_map)
            if question.compiled_script is not None and not (script and script.is_bytecode):
                text = self._script(question.folder, question.compiled_script).text
            with mapped(Path(question.source_map)) as content:
                source_map = map_facts(content, compiled, text)
        return Facts(script, source_map)

    def _opened(self, folder: str, name: str) -> CompiledMap:
        watched = self._watch(folder)
        return CompiledMap(watched.open(name), watched.open, Cache(READ_BYTES))

    def _script(self, folder: str, name: str) -> ScriptFile:
        return ScriptFile(self._watch(folder).open(name), Cache(READ_BYTES))

    def _watch(self, folder: str) -> WatchedFiles:
        store = AskedFolder(Path(folder), self._fetch)
        self._watched = WatchedFiles(CompiledFiles(store, VERSION))
        return self._watched

    def _fetch(self, key: str) -> None:
        """Have a compiled file brought to its folder, if there is one."""
        self._answering.ask(msgspec.msgpack.encode(Absent(key)))

    def _note(self, work: str) -> None:
        self._answering.note(f"{PARSE} {work}")

    def _known(
        self, digests: Sequence[bytes], *, functions: bool = False
    ) -> Mapping[bytes, TextPlace]:
        asked = self._answering.ask(msgspec.msgpack.encode(Wanted(digests, functions)))
        return {
            each.digest: TextPlace(each.digest, each.holder, Ref(each.offset, each.length))
            for each in msgspec.msgpack.decode(asked, type=list[Stored])
        }


def _table(table: FunctionTable) -> Table:
    return Table(list(table.lines), list(table.columns), table.names)


def main() -> None:
    """Answer until the input ends, within the bounds that the command line gives."""
    answering = Answering(sys.argv[1:])
    answering.answer_questions(Compiling(answering).answer)


if __name__ == "__main__":
    main()
