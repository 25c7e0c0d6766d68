"""Functions of Python."""


def python_function(name: str) -> str:
    """`pay.<locals>.retry` is `pay.retry`."""
    return name.replace("<locals>.", "").removesuffix(".<lambda>")
