"""Pages about a project: making it, setting it up, what it decides."""
