"""A project as a file that any program can read: docs/export.md."""
