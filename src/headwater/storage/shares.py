"""How shares are written."""


def in_percent(part: int, whole: int) -> str:
    """Rounded; but all of it is 100 %, and nothing is 0 %, and nothing else is."""
    if part in (0, whole):
        return "100 %" if part else "0 %"
    return f"{min(max(round(100 * part / whole), 1), 99)} %"
