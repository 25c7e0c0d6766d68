"""Tries out a bucket: `python -m headwater.storage.files.bucket_trial s3://bucket/prefix [ID [expects-uploads] [knows-files]]`.

With the id of an installation, it is this one's from then on. Writes one sentence and ends with 1 if it
can't be used.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from headwater.storage.files.bucket_answers import MAX_REASON
from headwater.storage.files.bucket_stores import bucket_of
from headwater.storage.files.claim import ForeignStorage, claim
from headwater.storage.files.stores import CANARIES
from headwater.storage.files.trial import EXPECTS_UPLOADS, KNOWS_FILES, try_store


def main(url: str, owner: str = "", *expected: str) -> int:
    """The exit code."""
    with TemporaryDirectory() as scratch:
        try:
            bucket = bucket_of(url, Path(scratch))
            try_store(bucket.below(CANARIES))
            if owner:
                claim(
                    bucket,
                    owner,
                    expects_uploads=EXPECTS_UPLOADS in expected,
                    knows_files=KNOWS_FILES in expected,
                )
        except ForeignStorage as error:
            return _ended(str(error))
        except (OSError, ValueError) as error:
            return _ended(getattr(error, "strerror", None) or str(error))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 # where the library dies, that is no Exception
            return _ended(
                f"the store can't be asked ({str(error)[:MAX_REASON]}): are the AWS_ variables right?"
            )
    return 0


def _ended(why: str) -> int:
    print(why)  # noqa: T201 - for the process that started this one
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
