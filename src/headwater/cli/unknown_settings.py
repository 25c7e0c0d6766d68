"""Variables that look like settings and are none: a misspelt one would be passed over in silence."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from headwater.settings import Settings

_OURS: Final = "HEADWATER_"
_READ_ELSEWHERE: Final = re.compile(r"HEADWATER_(?:TEST_\w+|BENCH_CORPUS|CONFORMANCE|GIT)")
"""By tests, benchmarks and the lines that the manual gives to a CI."""

_SERVICE: Final = re.compile(
    r"HEADWATER_(?:\w+_)?(?:SERVICE_(?:HOST|PORT)(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)"
)
"""What Kubernetes tells each container of a service that is called `headwater` or `headwater-…`."""


class UnknownSetting(Struct, frozen=True):
    """A variable that nothing reads. `nearest`: the setting that may be meant, or empty."""

    variable: str
    nearest: str

    @property
    def sentence(self) -> str:
        """What is wrong with it."""
        guess = f"; did you mean {self.nearest}?" if self.nearest else ""
        return f"{self.variable} is no setting{guess}"


def unknown_settings(environment: Mapping[str, str] = os.environ) -> Iterator[UnknownSetting]:
    """Each `HEADWATER_` variable that is no setting, and none of what others read or set."""
    known = {name.removeprefix(_OURS): name for name in _known()}
    for variable in sorted(environment):
        is_ours = variable.startswith(_OURS) and variable not in known.values()
        if is_ours and not _is_foreign(variable, environment[variable]):
            near = get_close_matches(variable.removeprefix(_OURS), known, 1)
            yield UnknownSetting(variable, known[near[0]] if near else "")


def _known() -> Iterator[str]:
    for knob in fields(Settings):
        yield knob.metadata["variable"]
        if knob.metadata.get("is_secret"):
            yield f"{knob.metadata['variable']}_FILE"


def _is_foreign(variable: str, value: str) -> bool:
    if variable.endswith("_PORT") and "://" in value:  # Kubernetes' too
        return True
    return any(each.fullmatch(variable) for each in (_READ_ELSEWHERE, _SERVICE))
