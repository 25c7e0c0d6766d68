"""Which issue an event belongs to."""
