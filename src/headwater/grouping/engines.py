"""What the engines of browsers say of one mistake, each in its own words, told as one.

Of V8 (Chrome, Edge, Node), SpiderMonkey (Firefox) and JavaScriptCore (Safari). None of them speaks
the user's language; Safari's network does (getsentry/sentry#35525), and what it says is in
`wordings`. A minifier's names of variables don't count, names of properties do: it keeps them.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

_NAME: Final = r"[\w$]{1,100}"
_SHORTEST: Final = 3
"""Characters of a name that tells something: shorter ones are a minifier's."""

_PROPERTY: Final = (
    re.compile(rf"Cannot (?:read|set) properties of (?P<of>undefined|null) \((?:reading|setting) '(?P<name>{_NAME})'\)$"),
    re.compile(rf"Cannot (?:read|set) property '(?P<name>{_NAME})' of (?P<of>undefined|null)$"),
    re.compile(rf"can't access property \"?(?P<name>{_NAME})\"?, .{{1,300}} is (?P<of>undefined|null)$"),
    re.compile(rf"(?P<of>undefined|null) is not an object \(evaluating '[^' =]{{1,300}}\.(?P<name>{_NAME})(?: = [^']{{1,300}})?'\)$"),
)  # fmt: skip
_FUNCTION: Final = (
    re.compile(rf"(?:[^' ]{{0,300}}\.|\(intermediate value\)\.)?(?P<name>{_NAME}) is not a function$"),
    re.compile(rf"(?:[^' ]{{0,300}}\.)?(?P<name>{_NAME}) is not a function\. \(In '"),
)  # fmt: skip
_CONSTRUCTOR: Final = (
    re.compile(rf"(?:[^' ]{{0,300}}\.)?(?P<name>{_NAME}) is not a constructor$"),
    re.compile(rf"undefined is not a constructor \(evaluating 'new (?:[^' (]{{0,300}}\.)?(?P<name>{_NAME})[('].*\)$"),
)  # fmt: skip
_VARIABLE: Final = (
    re.compile(rf"(?P<name>{_NAME}) is not defined$"),
    re.compile(rf"Can't find variable: (?P<name>{_NAME})$"),
)
_JSON_END: Final = (
    re.compile(r"Unexpected end of JSON input$"),
    re.compile(r"JSON\.parse: unexpected end of data at line "),
    re.compile(r"JSON Parse error: Unexpected EOF$"),
)
_JSON: Final = (
    re.compile(r"Unexpected token .{1,30} in JSON at position "),
    re.compile(r"Unexpected token .{1,30}is not valid JSON$"),
    re.compile(r"\".{1,30}\" is not valid JSON$"),
    re.compile(r"Unexpected non-whitespace character after JSON at position "),
    re.compile(r"JSON\.parse: "),
    re.compile(r"JSON Parse error: "),
)
_QUOTA: Final = (
    re.compile(r"Failed to execute 'setItem' on 'Storage': Setting the value of .{1,300} exceeded the quota\.$"),
    re.compile(r"(?:QuotaExceededError: )?The quota has been exceeded\.$"),
)  # fmt: skip

_MISTAKES: Final[Sequence[tuple[Sequence[re.Pattern[str]], Callable[[re.Match[str]], str]]]] = (
    # The order matters: the first that fits.
    (_PROPERTY, lambda found: f"<{found['of']} has no {found['name']}>"),
    (_FUNCTION, lambda found: f"<{found['name']} is not a function>"),
    (_CONSTRUCTOR, lambda found: f"<{found['name']} is not a constructor>"),
    (_VARIABLE, lambda found: f"<{found['name']} is not defined>"),
    (_JSON_END, lambda _: "<JSON ends early>"),
    (_JSON, lambda _: "<not JSON>"),
    (_QUOTA, lambda _: "<storage is full>"),
)

_MAY_BE_ONE: Final = re.compile(r"undefined|null|is not |JSON|find variable|quota")
"""Each of them holds one of these, which is soon seen of a message that holds none."""


def mistake_in(message: str) -> str | None:
    """`<undefined has no name>` of `Cannot read properties of undefined (reading 'name')` and what
    Firefox and Safari say of it; None for any other message."""
    if not _MAY_BE_ONE.search(message):
        return None
    for wordings, told in _MISTAKES:
        found = next((match for each in wordings if (match := each.match(message))), None)
        if found is not None:
            name = found.groupdict().get("name")
            return told(found) if name is None or len(name) >= _SHORTEST else None
    return None
