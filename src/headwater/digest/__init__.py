"""From a queued envelope to an issue."""
