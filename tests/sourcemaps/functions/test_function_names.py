"""Programs by the hundred, run by V8: functions in them are called what V8 calls them."""

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from headwater.sourcemaps.functions.function import ANONYMOUS
from headwater.sourcemaps.functions.function_names import MAX_PARTS
from headwater.sourcemaps.functions.scopes import read_scopes

NODE = shutil.which("node")
RUNNER = Path(__file__).with_name("names_by_v8.mjs")
PROGRAMS = 250
DEEPEST = 3
ELEMENT = "/* element */"
"""Before each element of an array: V8 may call a function there by the array, we don't."""


class Writer:
    """Writes a random program in which every function marks itself with a number."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # programs, not secrets
        self._marks = 0
        self._names = 0

    def program(self) -> str:
        return "\n".join(self._statement(0) for _ in range(self._chance.randint(2, 6)))

    def _one(self, *choices: Callable[[int], str]) -> Callable[[int], str]:
        return self._chance.choice(choices)

    def _name(self) -> str:
        self._names += 1
        return self._chance.choice("abcdWXYZ") + str(self._names)

    def _mark(self) -> str:
        self._marks += 1
        return f"mark({self._marks})"

    def _statement(self, depth: int) -> str:
        kinds = (
            self._variable,
            self._variable,
            self._assignment,
            self._assignment,
            self._expression_statement,
            self._declaration,
            self._class_statement,
            self._default,
            self._branch,
        )
        return self._one(*kinds)(depth)

    def _expression_statement(self, depth: int) -> str:
        return f";({self._expression(depth)});"

    def _variable(self, depth: int) -> str:
        name = self._name()
        kept = self._chance.choice((f"keep({name});", ""))
        return f"{self._chance.choice(('const', 'let', 'var'))} {name} = {self._expression(depth)}; {kept}"

    def _default(self, depth: int) -> str:
        name = self._name()
        pattern = self._chance.choice((f"{{ {name} = %s }} = {{}}", f"[{name} = %s] = []"))
        return f"const {pattern % self._function(depth)}; keep({name});"

    def _assignment(self, depth: int) -> str:
        target = self._chance.choice(
            (
                "app.use",
                "cart.by.card",
                "Shop.prototype.pay",
                "cart['a b']",
                "app[falsy]",
                "app.get().x",
            )
        )
        return f"{target} {self._chance.choice(('=', '=', '||=', '+='))} {self._expression(depth)};"

    def _declaration(self, depth: int) -> str:
        name = self._name()
        kind = self._chance.choice(("function", "async function"))
        return f"{kind} {name}() {{ {self._body(depth)} }} {name}();"

    def _class_statement(self, depth: int) -> str:
        name = self._name()
        return f"class {name} {{ {self._members(depth)} }} keep({name});"

    def _branch(self, depth: int) -> str:
        if depth >= DEEPEST:
            return ";"
        return f"if (!falsy) {{ {self._statement(depth + 1)} {self._statement(depth + 1)} }}"

    def _body(self, depth: int) -> str:
        more = self._statement(depth + 1) if depth < DEEPEST else ""
        return f"{self._mark()}; {more}"

    def _expression(self, depth: int) -> str:
        if depth >= DEEPEST:
            return self._one(self._function, self._value)(depth)
        kinds = (
            self._function,
            self._function,
            self._call,
            self._call,
            self._object,
            self._array,
            self._new,
            self._either,
            self._at_once,
            self._class,
            self._value,
        )
        return self._one(*kinds)(depth)

    def _value(self, _depth: int) -> str:
        return self._chance.choice(("1", "app.name", "'text'", "{ k: 1 }.k", "each", "[2]", "`${app.x}`"))  # fmt: skip

    def _function(self, depth: int) -> str:
        name = self._name()
        shape = self._chance.choice(
            (
                "() => { %s }",
                "() => { %s }",
                "async () => { %s }",
                "one => { %s }",
                "(one, { two }) => { %s }",
                "(one, two = 1) => { %s }",
                "function () { %s }",
                "function () { %s }",
                "async function () { %s }",
                f"function {name}() {{ %s }}",
                "(function () { %s })",
                "(() => { %s })",
            )
        )
        return shape % self._body(depth)

    def _call(self, depth: int) -> str:
        callee = self._chance.choice(
            ("each", "app.use", "app?.get", "app.get().later", "app['a'].b")
        )
        return f"{callee}({self._arguments(depth)})"

    def _arguments(self, depth: int) -> str:
        return ", ".join(self._expression(depth + 1) for _ in range(self._chance.randint(1, 3)))

    def _new(self, depth: int) -> str:
        return f"new {self._chance.choice(('Shop', 'app.Shop'))}({self._arguments(depth)})"

    def _array(self, depth: int) -> str:
        count = self._chance.randint(1, 3)
        return f"[{', '.join(ELEMENT + self._expression(depth + 1) for _ in range(count))}]"

    def _either(self, depth: int) -> str:
        first, second = self._expression(depth + 1), self._expression(depth + 1)
        shapes = (f"(falsy || ({second}))", f"(falsy ? {first} : {second})", f"(0, {second})")
        return self._chance.choice(shapes)

    def _at_once(self, depth: int) -> str:
        shape = self._chance.choice(
            (
                "(() => { %s })()",
                "(function () { %s })()",
                "(async () => { %s })()",
                "!function () { %s }()",
            )
        )
        return shape % f"{self._body(depth)} return {self._expression(depth + 1)}"

    def _object(self, depth: int) -> str:
        members = [
            self._chance.choice(
                (
                    f"{self._name()}: {self._expression(depth + 1)}",
                    f"'{self._name()} x': {self._expression(depth + 1)}",
                    f"{self._name()}() {{ {self._body(depth)} }}",
                    f"async *{self._name()}() {{ {self._body(depth)} }}",
                    f"get {self._name()}() {{ {self._body(depth)} }}",
                    "each",
                    "...app",
                    f"[Symbol.iterator]: {self._value(depth)}",
                )
            )
            for _ in range(self._chance.randint(1, 3))
        ]
        return f"({{ {', '.join(members)} }})"

    def _class(self, depth: int) -> str:
        return f"class {{ {self._members(depth)} }}"

    def _members(self, depth: int) -> str:
        kinds = (
            f"{self._name()}() {{ {self._body(depth)} }}",
            f"static {self._name()}() {{ {self._body(depth)} }}",
            f"get {self._name()}() {{ {self._body(depth)} }}",
            f"{self._name()} = {self._expression(depth + 1)};",
            f"static {self._name()} = {self._expression(depth + 1)};",
            f"static {{ {self._body(depth)} }}",
            f"#{self._name()} = {self._function(depth + 1)};",
        )
        own = f"constructor() {{ {self._body(depth)} }}"
        chosen = self._chance.sample(kinds, k=self._chance.randint(1, 3))
        return " ".join([*chosen, *([own] if self._chance.random() < 0.4 else [])])


def by_v8(programs: list[str]) -> list[dict[str, str] | str]:
    if NODE is None:
        pytest.skip("no node on PATH: V8 can't be asked")
    run = subprocess.run(
        [NODE, str(RUNNER)],
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: list[dict[str, str] | str] = json.loads(run.stdout)
    return found


def differences(program: str, names: dict[str, str]) -> list[str]:
    scopes = read_scopes(program, "program.mjs")
    found = []
    for number, expected in names.items():
        before, _, _ = program.partition(f"mark({number})")
        function = scopes.enclosing(before.count("\n"), len(before.rpartition("\n")[2]))
        ours = ANONYMOUS if function is None else function.name
        if function is not None and ours == ANONYMOUS and is_element(program, function.start):
            continue
        if not agrees(ours, expected, program):
            found.append(f"mark({number}): V8 says {expected}, we say {ours}")
    return found


def is_element(program: str, start: tuple[int, int]) -> bool:
    line, column = start
    return program.split("\n")[line][:column].endswith(ELEMENT)


def agrees(ours: str, expected: str, program: str) -> bool:
    """The owner that we add before what V8 says is welcome, so is a class instead of what V8 takes
    for one; of long names the last parts do. V8 says `new` of all that is called with it."""
    if ours.startswith("new ") and not expected.startswith("new "):
        return False
    ours, expected = ours.removeprefix("new "), expected.removeprefix("new ")
    *owners, last = ours.split(".")
    shortened = len(owners) + 1 >= MAX_PARTS and expected.endswith(f".{ours}")
    same = last == expected.rpartition(".")[2]
    known = all(each in expected or f"class {each} " in program for each in owners)
    return ours == expected or ours.endswith(f".{expected}") or shortened or (same and known)


@pytest.mark.parametrize("seed", range(4))
def test_functions_of_random_programs_have_v8s_names(seed: int) -> None:
    programs = [Writer(1000 * seed + each).program() for each in range(PROGRAMS)]

    answers = by_v8(programs)

    ran = [(text, names) for text, names in zip(programs, answers, strict=True) if isinstance(names, dict)]  # fmt: skip
    wrong = [(found, text) for text, names in ran if (found := differences(text, names))]
    assert sum(len(names) for _, names in ran) > 1000
    assert not wrong, (
        f"{len(wrong)} programs, for example {min(wrong, key=lambda each: len(each[1]))}"
    )
