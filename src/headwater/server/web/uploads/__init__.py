"""Pages about releases and what was uploaded for them."""
