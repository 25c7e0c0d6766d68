"""What storage says that does not answer."""

import errno


class StorageUnreachable(OSError):
    """The storage does not answer, or not as it should: a matter of time. Nothing is known to be lost."""

    def __init__(self, sentence: str) -> None:
        """`sentence`: without its full stop."""
        super().__init__(errno.EHOSTUNREACH, sentence)

    def __str__(self) -> str:
        return f"The storage of source maps can't be reached: {self.strerror}. Please try again."
