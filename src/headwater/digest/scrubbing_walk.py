"""A walk through one event's data that changes in place what is secret in it."""

from typing import Any, Final, TypeAlias

import msgspec

from headwater.digest.secret_texts import FILTERED, Clean, is_card
from headwater.digest.sensitive_names import SensitiveNames, Verdict
from headwater.protocol.event import Json
from headwater.protocol.json_text import MalformedJson, decode_json

_IDS: Final = frozenset(
    ["trace_id", "span_id", "parent_span_id", "event_id", "replay_id", "profile_id"]
)
"""Fields of 16 or 32 hexadecimal digits: now and then all of them decimal, and never a card's."""

_SMALLEST_CARD: Final = 10**12
_BEYOND_CARDS: Final = 10**19
_PAIR: Final = 2
_HARMLESS: Final = Verdict.HARMLESS
_HOLDS_NOTHING: Final = frozenset({float, bool, type(None)})


LooksFor: TypeAlias = tuple[tuple[str, Clean], ...]
"""Pieces of text, and what to do with texts that have them."""


class Walk:
    """One event's, in one of two forms: with `looks_for` it cleans texts; without, it gathers them,
    and hides what is in fields of sensitive names."""

    def __init__(self, names: SensitiveNames, looks_for: LooksFor | None = None) -> None:
        self.has_changed = False
        self.texts: list[str] = []
        self._names = names
        self._verdict = names.verdict
        self._known = names.known
        self._looks_for = looks_for

    def scrub_any(self, value: Json) -> None:
        """A list or an object, in place; anything else is left alone."""
        if type(value) is dict:
            self.scrub_object(value)
        elif type(value) is list:
            self._scrub_list(value)

    def scrub_object(self, value: dict[str, Any]) -> None:
        """All fields."""
        known = self._known.get
        gather = self.texts.append if self._looks_for is None else None
        for name, child in value.items():
            # Most fields are done with here, in a tenth of a microsecond.
            if known(name) is _HARMLESS:
                kind = type(child)
                if kind is str and gather:
                    gather(child)
                    continue
                if kind is dict:
                    self.scrub_object(child)
                    continue
                if kind in _HOLDS_NOTHING:
                    continue
            self.scrub_field(value, name, child)

    def scrub_field(self, of: dict[str, Any], name: str, child: Json) -> None:
        """One field of an object."""
        verdict = self._verdict(name)
        if verdict:
            self._hide(of, name, child, verdict)
        elif name in _IDS:
            self.scrub_any(child)  # unless it is text, as an id should be
        else:
            self._scrub_inner(of, name, child)

    def scrub_text(self, of: dict[str, Any], field: str) -> None:
        """A field that is prose, whatever it is called."""
        text = of.get(field)
        if type(text) is str and text and (clean := self._clean(text)) is not text:
            self._put(of, field, clean)

    def _scrub_list(self, value: list[Any]) -> None:
        for index, child in enumerate(value):
            kind = type(child)
            if kind is dict:
                if "value" in child:
                    self._scrub_pair(child, child.get("key") or child.get("name"), "value")
            elif kind is list and len(child) == _PAIR:
                self._scrub_pair(child, child[0], 1)
            self._scrub_inner(value, index, child)

    def _scrub_inner(self, of: Any, place: Any, value: Json) -> None:
        kind = type(value)
        if kind is dict:
            self.scrub_object(value)
        elif kind is list:
            self._scrub_list(value)
        elif kind is str:
            if value and (clean := self._clean(value)) is not value:
                self._put(of, place, clean)
        elif kind is int and value >= _SMALLEST_CARD and self._is_card(value):
            self._put(of, place, FILTERED)

    def _scrub_pair(self, of: Any, name: Json, place: Any) -> None:
        """Headers, tags and variables also come as `["name", "value"]` or `{"key": …, "value": …}`."""
        verdict = self._verdict(name) if type(name) is str else _HARMLESS
        if verdict:
            self._hide(of, place, of[place], verdict)

    def _hide(self, of: Any, place: Any, value: Json, verdict: Verdict) -> None:
        kind = type(value)
        if value is None or kind is bool or value in ("", FILTERED) or value in ([], {}):
            return
        if verdict is Verdict.COUNT and kind in (int, float):
            return
        if kind is dict and place == "cookies":  # which ones there were may be known
            for name in value:
                self._hide(value, name, value[name], Verdict.SECRET)
            return
        self._put(of, place, FILTERED)

    def _put(self, of: Any, place: Any, value: str) -> None:
        of[place] = value
        self.has_changed = True

    def _clean(self, text: str) -> str:
        if self._looks_for is None:
            self.texts.append(text)
            return text
        if text[0] in "{[" and text[-1] in "}]" and (inner := self._clean_json(text)) is not None:
            return inner
        clean = text
        for piece, without in self._looks_for:
            if piece in clean:
                clean = without(clean)
        return text if clean == text else clean

    def _clean_json(self, text: str) -> str | None:
        """A text that is JSON itself, such as a request's body; None if it isn't."""
        try:
            value = decode_json(text.encode(errors="replace"))
        except MalformedJson:
            return None
        inner = Walk(self._names, self._looks_for)
        inner.scrub_any(value)
        return msgspec.json.encode(value).decode() if inner.has_changed else text

    def _is_card(self, value: int) -> bool:
        return self._names.has_usual and value < _BEYOND_CARDS and is_card(str(value))
