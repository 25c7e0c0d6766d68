"""Commands: serve, user, project, token, resolve, demo."""


def main() -> None:
    """Run the command line."""
