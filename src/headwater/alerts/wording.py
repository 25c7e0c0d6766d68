"""A message in words: subject, text and HTML. Whatever a client sent is text in all of them."""

from html import escape
from typing import Final

from msgspec import Struct

from headwater.storage.alerts.message import DIGEST, TEST, Message, plain

MAX_SUBJECT: Final = 150
"""Characters of a mail's subject: more is not shown in a list."""


class Worded(Struct, frozen=True):
    """The same in three lengths."""

    subject: str
    text: str
    html: str


def worded(message: Message, public_url: str) -> Worded:
    """For people."""
    heading = _heading(message)
    facts = list(_facts(message))
    listed = [f"{each.sentence}: {each.title}" for each in message.listed]
    more = message.total - len(message.listed)
    if message.kind == DIGEST and more > 0:
        listed.append(f"and {more:,} more")
    link = public_url + message.path
    return Worded(
        subject=_cut(f"{_of_project(message)}{heading}", MAX_SUBJECT),
        text=_text(heading, message.culprit, facts, listed, link),
        html=_html(heading, message, facts, listed, public_url),
    )


def _heading(message: Message) -> str:
    return f"{message.sentence}: {message.title}" if message.title else message.sentence


def _of_project(message: Message) -> str:
    return f"[{message.project}] " if message.project else "[Headwater] "


def _facts(message: Message) -> list[tuple[str, str]]:
    facts = [
        ("Project", message.project),
        ("Level", message.level),
        ("Release", message.release),
        ("Environment", message.environment),
        ("Events", f"{message.count:,}" if message.count else ""),
        ("Rule", message.rule),
    ]
    return [(name, plain(value)) for name, value in facts if value]


def _text(
    heading: str, culprit: str, facts: list[tuple[str, str]], listed: list[str], link: str
) -> str:
    parts = [heading, culprit, ""]
    parts += [f"{name}: {value}" for name, value in facts]
    parts += [f"- {line}" for line in listed]
    parts += ["", link]
    lines = [line for index, line in enumerate(parts) if line or (index and parts[index - 1])]
    return "\n".join(lines) + "\n"


def _html(
    heading: str,
    message: Message,
    facts: list[tuple[str, str]],
    listed: list[str],
    public_url: str,
) -> str:
    rows = "".join(
        f'<tr><td style="padding:2px 16px 2px 0;color:#62625d">{escape(name)}</td>'
        f'<td style="padding:2px 0">{escape(value)}</td></tr>'
        for name, value in facts
    )
    paths = [each.path for each in message.listed]
    items = "".join(
        f'<li style="padding:2px 0">{_linked(line, public_url, path)}</li>'
        for line, path in zip(listed, [*paths, ""], strict=False)
    )
    culprit = (
        f'<p style="margin:4px 0 12px"><code>{escape(message.culprit)}</code></p>'
        if message.culprit
        else ""
    )
    what = "Open Headwater" if message.kind == TEST else _OPEN.get(message.kind, "Open the issue")
    link = escape(public_url + message.path)
    return (
        '<!doctype html><html><head><meta charset="utf-8">'
        '<meta name="color-scheme" content="light dark"></head>'
        '<body style="font:14px/20px system-ui,sans-serif">'
        f'<h1 style="font-size:18px;line-height:24px;margin:0">{escape(heading)}</h1>{culprit}'
        + (f"<table>{rows}</table>" if rows else "")
        + (f"<ul>{items}</ul>" if items else "")
        + f'<p style="margin:16px 0"><a href="{link}">{escape(what)}</a></p></body></html>'
    )


_OPEN: Final = {
    DIGEST: "Open the log of alerts",
    "rate": "Open the release",
    "rate_drop": "Open the release",
}


def _linked(line: str, public_url: str, path: str) -> str:
    if not path:
        return escape(line)
    return f'<a href="{escape(public_url + path)}">{escape(line)}</a>'


def _cut(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
