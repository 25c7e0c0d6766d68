"""Pages about what is told to whom."""
