"""What is done with stored files from time to time: old ones go, and the others are packed."""

import threading
from datetime import timedelta
from typing import Final

import structlog
from msgspec import Struct
from sqlalchemy.exc import DatabaseError

from headwater.artifacts.expire import Expiry
from headwater.storage.files.claim import ForeignStorage
from headwater.storage.files.settle import Settling
from headwater.storage.steady_clock import steady_clock

TIDY_EVERY: Final = timedelta(hours=1)
"""Between two looks for what nobody needs any more, and for what can be packed."""


class Tidy(Struct, frozen=True):
    """Any number of processes may do it at once."""

    expiry: Expiry
    settling: Settling

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        now = steady_clock()
        while not stop.is_set():
            for turn in (self.expiry.expire, self.settling.settle):
                try:
                    turn(now())
                except ForeignStorage as error:
                    structlog.get_logger().warning("no file is deleted", why=str(error))
                    break  # nor packed: another database has it as it came
                except (DatabaseError, OSError) as error:
                    structlog.get_logger().warning(
                        "old files were left for the next time", error=str(error)
                    )
            stop.wait(TIDY_EVERY.total_seconds())
