"""The lines of a remedy, on a terminal."""

from collections.abc import Iterator

from headwater.cli.answer import printable
from headwater.symbolicate.remedies.lines import Lines


def pasted(lines: tuple[Lines, ...]) -> Iterator[str]:
    """Those of the bundler that is guessed, and which others there are."""
    first = [each for each in lines if each.bundler == lines[0].bundler]
    for each in first:
        yield f"  {', '.join(filter(None, (each.bundler, each.file or 'commands')))}:"
        yield from (f"    {printable(line)}" for line in each.code.split("\n"))
    others = dict.fromkeys(each.bundler for each in lines if each not in first)
    if others:
        yield f"  The event's page and its JSON have those for {', '.join(others)}."
