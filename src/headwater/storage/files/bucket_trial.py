"""Tries out a bucket: `python -m headwater.storage.files.bucket_trial s3://bucket/prefix [expects-uploads]`.

Writes one sentence and ends with 1 if it can't be used.
"""

import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from headwater.storage.files.bucket import Bucket
from headwater.storage.files.bucket_answers import MAX_REASON
from headwater.storage.files.bucket_stores import bucket_of
from headwater.storage.files.folder import MARK
from headwater.storage.files.stores import CANARIES, PARTS, any_file
from headwater.storage.files.trial import EXPECTS_UPLOADS, try_store


def main(url: str, *expected: str) -> int:
    """The exit code."""
    with TemporaryDirectory() as scratch:
        try:
            bucket = bucket_of(url, Path(scratch))
            try_store(bucket.below(CANARIES))
            is_right = EXPECTS_UPLOADS not in expected or _has_uploads(bucket)
        except (OSError, ValueError) as error:
            return _ended(getattr(error, "strerror", None) or str(error))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 # where the library dies, that is no Exception
            return _ended(
                f"the store can't be asked ({str(error)[:MAX_REASON]}): are the AWS_ variables right?"
            )
    if is_right:
        return 0
    return _ended(
        f"{bucket.place} has no uploads, and files were uploaded: are bucket and prefix right, and were the"
        f" files copied there? If they are lost for good, put a file {MARK} there and upload them again"
    )


def _has_uploads(bucket: Bucket) -> bool:
    if any_file(bucket.below(part) for part in PARTS):
        return True
    with suppress(FileNotFoundError):
        bucket.size(MARK)
        return True
    return False


def _ended(why: str) -> int:
    print(why)  # noqa: T201 - for the process that started this one
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
