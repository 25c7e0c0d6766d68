"""The queue of an instance on SQLite: files that are only appended to, read behind the writer."""
