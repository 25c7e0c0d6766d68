"""Which function encloses a place of a source, and what V8 would call it."""
