"""From the JSON of a map, from sources and minified files to compiled files."""
