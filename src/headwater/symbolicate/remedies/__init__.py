"""What to paste where, so that the next event's frames are resolved."""
