"""Uploaded files and what is made of them, on disk, immutable and shared."""
