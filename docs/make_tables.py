"""Writes docs/settings.md and docs/verdicts.md from the code that they describe."""

from dataclasses import fields
from pathlib import Path

from headwater.settings import Settings
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

DOCS = Path(__file__).parent


def settings() -> str:
    """The table of every knob."""
    shown = {"data_dir": "the platform's user data folder; `/data` in a container"}
    rows = [
        f"| `{k.metadata['variable']}` | {shown.get(k.name) or f'`{k.default}`' if k.default else ''} | {k.metadata['doc']} |"
        for k in fields(Settings)
    ]
    head = "# Settings\n\nEnvironment variables; `serve`'s options win over them.\n\n| variable | default | what it is |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n"


def verdicts() -> str:
    """A section for each verdict."""
    head = "# Verdicts\n\nWhat became of a frame. The resolver writes the verdict while it resolves, with its evidence; the event page, the API and `headwater resolve` show that record.\n"
    parts = [
        f"\n## `{verdict}`\n\n{EXPLANATIONS[verdict].cause}\n"
        + (f"\n{EXPLANATIONS[verdict].remedy}\n" if EXPLANATIONS[verdict].remedy else "")
        for verdict in Verdict
    ]
    return head + "".join(parts)


if __name__ == "__main__":
    (DOCS / "settings.md").write_text(settings())
    (DOCS / "verdicts.md").write_text(verdicts())
