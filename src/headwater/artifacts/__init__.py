"""From chunks to a source map that can be found."""
