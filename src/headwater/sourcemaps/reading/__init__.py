"""The JSON of a source map: read leniently, in little memory, its faults noted."""
