"""Headwater: a self-hosted error tracker that never leaves you with a minified stack trace."""

import os

__version__ = "0.1.0"

# numpy's threads are for matrices, of which there are none here; they would keep us from forking.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
