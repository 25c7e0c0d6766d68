"""Pages about what was received, and what could not be digested."""
