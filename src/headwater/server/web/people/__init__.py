"""Pages about who may sign in, and signing in."""
