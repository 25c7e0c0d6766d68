"""Tries out a bucket: `python -m headwater.storage.files.bucket_trial s3://bucket/prefix folder`.

Writes one sentence and ends with 1 if it can't be used.
"""

import sys
from pathlib import Path

from headwater.storage.files.bucket_stores import COPIES, bucket_of
from headwater.storage.files.stores import CANARIES
from headwater.storage.files.trial import try_store


def main(url: str, folder: str) -> int:
    """The exit code."""
    try:
        bucket = bucket_of(url, Path(folder) / COPIES)
        try_store(bucket.below(CANARIES))
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        print(said)  # noqa: T201 - for the process that started this one
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
