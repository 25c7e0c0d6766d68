"""Names of the grouping algorithms, newest last."""

from typing import Final

CURRENT: Final = "1"
"""Part of every hash. A change of the algorithm gets a new name, so that old and new hashes can be
looked up side by side while issues move over."""
