"""Minified frames in, original frames out, a verdict for each."""
