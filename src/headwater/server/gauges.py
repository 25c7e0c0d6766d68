"""What is counted and measured for `/metrics`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from headwater.storage.database import Database
from headwater.storage.instances import Instances


class Family(Struct, frozen=True):
    """What is counted under a name, and what tells its series apart."""

    counted: str
    about: str
    labels: tuple[str, ...] = ()


FAMILIES: Final = (
    Family("envelopes", "Envelopes that were offered to the queue", ("result",)),
    Family("outcomes", "What became of digested events and reports", ("category", "reason")),
    Family("frames", "Frames of digested events", ("verdict",)),
    Family("compilations", "Uploaded files that were compiled or looked into", ("result",)),
    Family("compilation_seconds", "How long that took, all together"),
    Family("opened", "Look-ups in compiled files, by whether they were open already", ("result",)),
)
"""Each is called `headwater_…_total`, and has the process as a label."""


class Gauges(Struct, frozen=True):
    """What is measured when somebody asks. `folders`: by what is said of them."""

    database: Database
    instances: Instances
    queue: Path
    folders: Mapping[str, Path]
