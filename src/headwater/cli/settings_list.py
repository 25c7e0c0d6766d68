"""`headwater settings`: what this server would run with, and where each value is from."""

from dataclasses import asdict

from headwater.cli.answer import AsJson, say
from headwater.cli.unknown_settings import unknown_settings
from headwater.settings import ShownSetting, read_settings, shown


def settings(*, as_json: AsJson = False) -> None:
    """List every setting: variable, value, and where it is from. Secrets are not shown.

    Variables that look like a setting and are none come last.
    """
    unknown = [ShownSetting(each.variable, "", each.sentence) for each in unknown_settings()]
    rows = [*shown(read_settings()), *unknown]
    text = "\n".join(f"{row.variable}\t{row.value}\t{row.source}" for row in rows)
    say([asdict(row) for row in rows], text, as_json=as_json)
