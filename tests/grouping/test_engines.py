"""One mistake in the words of three engines, and one failure in the languages of Safari."""

from typing import Final

import pytest
from msgspec.structs import replace

from headwater.grouping.engines import mistake_in
from headwater.grouping.fingerprint import hashes
from headwater.grouping.versions import VERSIONS
from headwater.symbolicate.resolution import Resolution
from tests.grouping.builders import error, fingerprint, minified

MISTAKES: Final = {
    "<undefined has no customer>": [
        "Cannot read properties of undefined (reading 'customer')",
        "Cannot set properties of undefined (setting 'customer')",
        "Cannot read property 'customer' of undefined",
        "can't access property \"customer\", e.order is undefined",
        "can't access property \"customer\", t(...) is undefined",
        "undefined is not an object (evaluating 'e.order.customer')",
        "undefined is not an object (evaluating 't.customer = n')",
        "undefined is not an object (evaluating 'e[0].customer')",
    ],
    "<null has no focus>": [
        "Cannot read properties of null (reading 'focus')",
        "can't access property \"focus\", document.querySelector(...) is null",
        "null is not an object (evaluating 'e.current.focus')",
    ],
    "<toFixed is not a function>": [
        "e.price.toFixed is not a function",
        "(intermediate value).toFixed is not a function",
        "t.price.toFixed is not a function. (In 't.price.toFixed(2)', 't.price.toFixed' is undefined)",
    ],
    "<Cart is not a constructor>": [
        "n.Cart is not a constructor",
        "undefined is not a constructor (evaluating 'new e.Cart(t)')",
    ],
    "<gtag is not defined>": ["gtag is not defined", "Can't find variable: gtag"],
    "<JSON ends early>": [
        "Unexpected end of JSON input",
        "JSON.parse: unexpected end of data at line 1 column 1 of the JSON data",
        "JSON Parse error: Unexpected EOF",
    ],
    "<not JSON>": [
        "Unexpected token < in JSON at position 0",
        "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
        '"[object Object]" is not valid JSON',
        "JSON.parse: unexpected character at line 1 column 1 of the JSON data",
        "JSON Parse error: Unrecognized token '<'",
    ],
    "<storage is full>": [
        "Failed to execute 'setItem' on 'Storage': Setting the value of 'cart' exceeded the quota.",
        "The quota has been exceeded.",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("told", "value"), [(told, value) for told, values in MISTAKES.items() for value in values]
)
def test_engines_say_the_same_in_their_own_words(told: str, value: str) -> None:
    assert mistake_in(value) == told


@pytest.mark.parametrize(
    "value",
    [
        "",
        "e is not a function",  # a minifier's name: which function, nobody knows
        "undefined is not an object (evaluating 'e')",
        "e is undefined",
        "undefined is not a function (near '...[t]...')",
        "undefined is not iterable (cannot read property Symbol(Symbol.iterator))",
        "object is not iterable, and its return value is not a function of time",
        "The customer is not defined in the contract",
        "order 4711 is not valid JSON-LD",
        "Cannot read properties of undefined (reading 'a b')",
    ],
)
def test_what_is_not_certain_stays_as_it_was_said(value: str) -> None:
    assert mistake_in(value) is None


@pytest.mark.parametrize(
    "values",
    [
        [
            "Failed to fetch",
            "Die Netzwerkverbindung wurde unterbrochen.",
            "La connexion Internet semble interrompue.",
            "ネットワーク接続が切れました。",
            "网络连接已中断。",
            "서버에 연결할 수 없습니다.",
        ],
        ["cancelled", "annulé", "Abgebrochen", "キャンセルしました", "취소됨", "đã hủy"],
        ["signal timed out", "The operation timed out.", "请求超时。"],
        *MISTAKES.values(),
    ],
)
def test_one_failure_is_one_issue_in_whatever_browser_and_language(values: list[str]) -> None:
    frame = minified("https://h/assets/index-DCrZ1V9u.js")

    assert len({fingerprint(error(frame, value=value), None) for value in values}) == 1


def test_different_properties_and_values_are_different_mistakes() -> None:
    said = [
        "Cannot read properties of undefined (reading 'customer')",
        "Cannot read properties of null (reading 'customer')",
        "Cannot read properties of undefined (reading 'address')",
    ]

    assert len({fingerprint(error(value=value), None) for value in said}) == len(said)


def test_the_first_version_tells_them_apart_and_its_issues_go_on() -> None:
    chrome, safari = (error(value=value) for value in MISTAKES["<undefined has no customer>"][::5])
    first, second = VERSIONS["1"], VERSIONS["2"]
    nothing = Resolution(1)

    assert hashes(chrome, nothing, first).final != hashes(safari, nothing, first).final
    moved = [hashes(each, nothing, second, earlier=first) for each in (chrome, safari)]
    assert moved[0].final == moved[1].final
    assert moved[0].earlier == replace(hashes(chrome, nothing, first), earlier=None)
    assert moved[0].earlier != moved[1].earlier
