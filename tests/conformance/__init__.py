"""Where the conformance data lies, which is not part of this repository."""

import os
from pathlib import Path

import pytest

CONFORMANCE = Path(
    os.environ.get("HEADWATER_CONFORMANCE") or Path(__file__).parents[3] / "shared" / "conformance"
)
"""The folder with `real-bundlers/`, `client-bundles/` and `tc39-source-map-tests/`."""

needs_conformance_data = pytest.mark.skipif(
    not CONFORMANCE.is_dir(),
    reason=f"no conformance data in {CONFORMANCE}; HEADWATER_CONFORMANCE can name another folder",
)
