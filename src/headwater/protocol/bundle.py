"""Artifact bundles: a ZIP behind an 8-byte header, and the manifest that says what is in it."""

from enum import StrEnum


class ArtifactType(StrEnum):
    """What a manifest calls the kinds of file (interface)."""

    MINIFIED_SOURCE = "minified_source"
    SOURCE_MAP = "source_map"
    SOURCE = "source"
    INDEXED_RAM_BUNDLE = "indexed_ram_bundle"
