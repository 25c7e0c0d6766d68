"""The messages of React's error codes are those of the package that they were taken from."""

import json
import re
from pathlib import Path

import pytest

from tests.clients.toolbox import REACT, Toolbox

pytestmark = pytest.mark.clients

KEPT = Path("src/headwater/symbolicate/react_messages.json")


def test_the_table_is_what_its_script_writes(react_tools: Toolbox, tmp_path: Path) -> None:
    made = tmp_path / "messages.json"

    done = react_tools.run(REACT / "messages.mjs", str(made), cwd=REACT, env={})

    assert done.code == 0, done.output
    assert made.read_bytes() == KEPT.read_bytes()


def test_it_has_every_number_that_todays_react_throws(react_tools: Toolbox) -> None:
    messages = json.loads(KEPT.read_text())["messages"]
    scripts = (react_tools.packages / "react-dom/cjs").glob("*.production.js")

    thrown = {
        number
        for each in scripts
        for number in re.findall(r"formatProdErrorMessage\((\d+)", each.read_text())
    }

    assert len(thrown) > 100
    assert thrown <= set(messages)
