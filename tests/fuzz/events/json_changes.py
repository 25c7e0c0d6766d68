"""JSON made wrong on purpose: types, numbers, texts, keys and shapes that no SDK sends."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

MANY = 100_000
LONG = 1024**2
GOES_DEEPER = 0.8
RARELY = 0.01
"""The part of mutations that make something of MANY or LONG."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A text that stands in the JSON as it is."""

    text: str


Place = tuple[Any, Any]
"""A list or an object, and where in it."""

DATES = (
    "2026-11-01T12:00:00Z", "2026-11-01", "20261101T120000", "2026-W44-7", "1793534340", 1793534340.5,
    "2026-11-01T12:00:00+99:99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-23:59", -62135596801,
    253402300800, 1e18, 1793534340000, "1e400", "nan", "-inf", "\uff12\uff10\uff12\uff16-11-01", "Sun, 01 Nov 2026 12:00:00 GMT",
    Raw("1e999"), Raw("-1e-999"), "2026-11-01T24:00:00Z", "2026-11-01T12:00:60Z", "",
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 1.5, -0.0, 2**31 - 1, 2**31, 2**53, 2**63, 2**64, 2**200, -(2**63), 1e308, 4111111111111111,
    Raw("1e999"), Raw("NaN"), Raw("-Infinity"), Raw("9" * 5000), Raw("0." + "1" * 5000), Raw("1E+2"), Raw("01"),
)  # fmt: skip
TEXTS = (
    "", " ", "\0", "\ud800", "\udfff\ud800", "a\ud83d", "😀", "\ufeff", "\u2028", "\r\n", "null", "[Filtered]", "a" * 300,
    "Bearer abc", "{", '{"password":"x"}', "[" * 300, "<script>alert(1)</script>", "'\"><img src=x onerror=alert(1)>",
    "javascript:alert(1)", "{{ default }}", "{{ tags.x }}", "../../etc/passwd", "%s%n", "a\x1b[0m", "\x7f\x80", "é" * 70,
    "https://[::1", "http://h:99999999/a.js", "webpack:///./a.js?x#y", "data:text/javascript;base64,AAAA",
    "4111 1111 1111 1111", "-----BEGIN RSA PRIVATE KEY-----", "//u:p@h", "token=", "password='", "0x" + "f" * 40,
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, [], {}, [[]], [None], [{}], {"": {}}, {"": None}, {"values": None}, {"values": {}},
    {"values": [None, 1, "x", [], {}]}, [["a"]], [["a", "b", "c"]], [["a", "b"]], [{"key": 1, "value": []}], {"key": "password"},
    {"frames": [None, {}, 1]}, {"frames": {}}, {"": {"len": -1}}, {"": {"len": 2**70}}, *NUMBERS, *TEXTS, *DATES,
)  # fmt: skip
NAMES = (
    "event_id", "timestamp", "platform", "level", "exception", "values", "stacktrace", "frames", "vars", "threads",
    "breadcrumbs", "contexts", "trace", "extra", "tags", "user", "request", "headers", "cookies", "data", "query_string", "env",
    "_meta", "debug_meta", "images", "sdk", "fingerprint", "message", "logentry", "formatted", "params", "mechanism", "csp",
    "release", "dist", "environment", "transaction", "server_name", "modules", "errors", "frames_omitted", "raw_stacktrace",
    "sentry.interfaces.Exception", "sentry.interfaces.Message", "sentry.interfaces.User", "sentry.interfaces.Http",
    "", "\0", "\ud800", "a.b", "password", "key", "value", "name", "type", "len", "__proto__", "k" * 300,
)  # fmt: skip
REPEATED = (
    "a", " ", "\n", "\0", "/", "<", "(", "{", "[", "::", "$1", "0", "1:", "a.b@", "-", "../", "=", "a=", '"', "'", "\\",
    "4111 ", "123-45-", "Basic a", "Bearer ", "//", "//a:", "password=", "é", "😀", "\ud800", "-----BEGIN ", "&", "%20", "?a=",
    "node_modules/", "Prop `a", "chunk ", "block in ", "<a as ", "lambda$", "0x1f ", "2026-", "\x80", "<b>", "key: ",
)  # fmt: skip


def mutate(value: Any, random: Random, number: int) -> Any:
    """The value, changed in `number` places; it may be changed in place."""
    root = [value]
    for _ in range(number):
        random.choice(WAYS)(_place(root, random), root, random)
    return root[0]


def text_of(value: Any, random: Random) -> bytes:
    """As JSON, in one of the ways to write it."""
    text = _written(value, is_ascii=random.random() < 0.7)
    return text.encode("utf-8", "surrogatepass")


def _written(value: Any, *, is_ascii: bool) -> str:
    raw: list[str] = []

    def stand_in(odd: Raw) -> str:
        raw.append(odd.text)
        return f"\1{len(raw) - 1}\1"

    text = json.dumps(value, ensure_ascii=is_ascii, default=stand_in)
    return _STAND_IN.sub(lambda found: raw[int(found[1])], text) if raw else text


_STAND_IN = re.compile(r'"\\u0001(\d+)\\u0001"')


def _place(root: list[Any], random: Random) -> Place:
    """Any; rather one near the root than a frame among frames."""
    parent: Any = root
    key: Any = 0
    while random.random() < GOES_DEEPER:
        child = parent[key]
        if not isinstance(child, dict | list) or not child:
            break
        parent, key = (
            child,
            random.choice(list(child) if isinstance(child, dict) else range(len(child))),
        )
    return parent, key


def _replace(place: Place, _: list[Any], random: Random) -> None:
    place[0][place[1]] = _copied(random.choice(ODD))


def _another_of_its_kind(place: Place, _: list[Any], random: Random) -> None:
    kind = type(place[0][place[1]])
    some = (
        NUMBERS if kind in (int, float) else random.choice((TEXTS, DATES)) if kind is str else ODD
    )
    place[0][place[1]] = _copied(random.choice(some))


def _delete(place: Place, _: list[Any], _random: Random) -> None:
    if len(place[0]) > 1:
        del place[0][place[1]]


def _rename(place: Place, _: list[Any], random: Random) -> None:
    if isinstance(place[0], dict):
        place[0][random.choice(NAMES)] = place[0].pop(place[1])


def _add(place: Place, _root: list[Any], random: Random) -> None:
    value = place[0][place[1]]
    for _ in range(random.choice((1, 3, 40))):
        if isinstance(value, dict):
            value[random.choice(NAMES) + random.choice(("", str(random.random())))] = _copied(
                random.choice(ODD)
            )
        elif isinstance(value, list):
            value.insert(random.randint(0, len(value)), _copied(random.choice(ODD)))


def _swap(place: Place, root: list[Any], random: Random) -> None:
    other = _place(root, random)
    if not (_holds(place, other) or _holds(other, place)):
        here, there = place[0][place[1]], other[0][other[1]]
        place[0][place[1]], other[0][other[1]] = there, here


def _copy(place: Place, root: list[Any], random: Random) -> None:
    other = _place(root, random)
    place[0][place[1]] = _copied(other[0][other[1]])


def _wrap(place: Place, _: list[Any], random: Random) -> None:
    value = place[0][place[1]]
    wrapped: Any = random.choice(
        ([value], {"values": [value]}, {"values": value}, {"": value}, [[value]])
    )
    place[0][place[1]] = wrapped


def _nest(place: Place, _: list[Any], random: Random) -> None:
    depth = random.choice((10, 100, 170, 185, 199, 201, 500, 990, 1100, 20_000))
    opening, closing = random.choice((("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")))
    place[0][place[1]] = Raw(opening * depth + "1" + closing * depth)


def _unwrap(place: Place, _: list[Any], _random: Random) -> None:
    value = place[0][place[1]]
    if isinstance(value, dict) and value:
        place[0][place[1]] = next(iter(value.values()))
    elif isinstance(value, list) and value:
        place[0][place[1]] = value[0]


def _other_form(place: Place, _: list[Any], random: Random) -> None:
    value = place[0][place[1]]
    if isinstance(value, dict):
        pairs: list[Any] = [list(pair) for pair in value.items()]
        objects: list[Any] = [{"key": name, "value": child} for name, child in value.items()]
        place[0][place[1]] = random.choice((pairs, objects, list(value.values())))
    elif isinstance(value, list):
        place[0][place[1]] = {str(index): child for index, child in enumerate(value)}
    elif isinstance(value, str):
        place[0][place[1]] = list(value)
    else:
        place[0][place[1]] = str(value)


def _repeat(place: Place, _: list[Any], random: Random) -> None:
    value = place[0][place[1]]
    if isinstance(value, list) and value:
        times = min(random.choice((2, 10, 300, 3000)), 20_000 // len(value) + 1)
        if len(_written(value, is_ascii=True)) * times < LONG:
            place[0][place[1]] = [child for _ in range(times) for child in _copied(value)]


def _twice(place: Place, _: list[Any], random: Random) -> None:
    value = place[0][place[1]]
    if isinstance(value, dict) and value:
        again = {name: _copied(random.choice(ODD)) for name in list(value)[:3]}
        both = [_written(each, is_ascii=True)[1:-1] for each in (value, again)]
        place[0][place[1]] = Raw("{" + ",".join(both) + "}")


def _units(place: Place, _: list[Any], random: Random) -> None:
    value = place[0][place[1]]
    if isinstance(value, int | float):
        place[0][place[1]] = random.choice(
            (value * 1000, value / 1000, str(value), -value, [value])
        )


def _long(place: Place, _: list[Any], random: Random) -> None:
    size = LONG if random.random() < 10 * RARELY else random.choice((250, 3_000, 9_000, 70_000))
    piece = random.choice(REPEATED)
    place[0][place[1]] = piece * (size // len(piece))


def _many(place: Place, _: list[Any], random: Random) -> None:
    number = MANY if random.random() < 5 * RARELY else random.choice((50, 250, 3_000))
    value: Any = random.choice(("", 0, None, [], {}))
    written = json.dumps(value)
    if random.random() < 0.5:
        place[0][place[1]] = Raw("{" + ",".join(f'"k{n}":{written}' for n in range(number)) + "}")
    else:
        place[0][place[1]] = Raw("[" + ",".join([written] * number) + "]")


def _long_name(place: Place, _: list[Any], random: Random) -> None:
    value = place[0][place[1]]
    if isinstance(value, dict):
        piece = random.choice(REPEATED)
        value[piece * (random.choice((201, 5_000, 100_000)) // len(piece))] = _copied(
            random.choice(ODD)
        )


WAYS: tuple[Callable[[Place, list[Any], Random], None], ...] = (
    *(_replace, _replace, _replace, _another_of_its_kind, _another_of_its_kind, _delete, _rename, _rename, _add, _swap),
    *(_copy, _wrap, _nest, _unwrap, _other_form, _repeat, _twice, _units, _long, _many, _long_name),
)  # fmt: skip


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copied(child) for name, child in value.items()}
    return [_copied(child) for child in value] if isinstance(value, list) else value


def _holds(place: Place, other: Place) -> bool:
    """Whether what is at a place has the other place in it."""
    waiting = [place[0][place[1]]]
    while waiting:
        value = waiting.pop()
        if value is other[0]:
            return True
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
    return False
