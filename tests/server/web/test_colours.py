"""The colours of the style sheets can be told apart, in light and in dark."""

import re
from pathlib import Path

import pytest

from headwater.server.web import assets

STATIC = Path(assets.__file__).parent / "static"
PAIR = r"light-dark\((#\w{6}), (#\w{6})\)"
TOKENS = re.findall(rf"--([\w-]+): {PAIR}", (STATIC / "headwater.css").read_text())
LIGHT, DARK = ({each[0]: each[which] for each in TOKENS} for which in (1, 2))
CODE = re.findall(rf"\.code \.(\w) {{ color: {PAIR}", (STATIC / "event.css").read_text())
CODE_LIGHT, CODE_DARK = ({each[0]: each[which] for each in CODE} for which in (1, 2))
GROUNDS = ("ground", "surface", "code-ground", "lit")


def _light(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """WCAG's ratio, 1 to 21."""
    dark, light = sorted((_light(one), _light(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_has_enough_contrast_on_every_ground(
    tokens: dict[str, str], ground: str
) -> None:
    for name in ("text", "muted", "accent", "danger", "warn", "ok"):
        assert _contrast(tokens[name], tokens[ground]) >= 4.5, name


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_lines_of_controls_have_enough_contrast(tokens: dict[str, str]) -> None:
    for ground in ("ground", "surface"):
        assert _contrast(tokens["line"], tokens[ground]) >= 3


@pytest.mark.parametrize(
    ("tokens", "code"), [(LIGHT, CODE_LIGHT), (DARK, CODE_DARK)], ids=["light", "dark"]
)
def test_code_can_be_read_on_a_lit_line_too(tokens: dict[str, str], code: dict[str, str]) -> None:
    assert set(code) == set("cksnft")
    for name, colour in code.items():
        for ground in ("code-ground", "lit"):
            assert _contrast(colour, tokens[ground]) >= 4.5, name
