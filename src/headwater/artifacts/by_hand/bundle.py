"""A bundle that is made of files as they come in: one pass, whatever their size."""

import json
import posixpath
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Final, cast
from urllib.parse import unquote

from headwater.artifacts.by_hand.facts import Facts
from headwater.artifacts.by_hand.names import address, clean_name, kind_of, without_folder
from headwater.artifacts.members import BundleLimits
from headwater.protocol.bundle import MAX_ENTRIES, Archive, BundleRefused, EntryRefused
from headwater.protocol.manifest import ArtifactType
from headwater.storage.files.blobs import BlobWriter

_LEVEL: Final = 1
"""zlib's quickest: what is stored in the end is packed anew."""


@dataclass(slots=True)
class _File:
    path: str
    name: str
    kind: ArtifactType
    facts: Facts
    size: int = 0


class BundleByHand:
    """Names are cleaned before they are used, and then are no more than names inside of a ZIP."""

    def __init__(self, writer: BlobWriter, limits: BundleLimits) -> None:
        """`writer` gets the ZIP."""
        self._end = _Appended(writer)
        self._zip = zipfile.ZipFile(
            cast("IO[bytes]", self._end), "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL
        )
        self._limits = limits
        self._files: list[_File] = []
        self._others: list[str] = []
        self._names: set[str] = set()
        self._total = 0
        self._open: IO[bytes] | None = None

    @property
    def files(self) -> int:
        """How many were taken."""
        return len(self._files)

    def begin(self, given: str) -> None:
        """A file comes, called so. It is passed over if it is no script and no map, or came already."""
        name = clean_name(given)
        kind = kind_of(name or "")
        self._open = None
        if name is None or kind is None or name in self._names:
            if name is not None and len(self._others) < MAX_ENTRIES:
                self._others.append(name)
            return
        if len(self._files) >= MAX_ENTRIES:
            raise BundleRefused(f"it has more than {MAX_ENTRIES:,} files")
        self._names.add(name)
        path = f"files/{name}"  # what sentences about the file name
        facts = Facts(is_map=kind is ArtifactType.SOURCE_MAP)
        self._files.append(_File(path, name, kind, facts))
        entry = zipfile.ZipInfo(path)
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._open = self._zip.open(entry, "w", force_zip64=True)

    def write(self, piece: bytes) -> None:
        """More of it. Raises BundleRefused."""
        if self._open is None:
            return
        file = self._files[-1]
        file.size += len(piece)
        self._total += len(piece)
        if file.size > self._limits.file:
            raise BundleRefused(
                f"{file.name} has more than {self._limits.file:,} bytes (HEADWATER_MAX_MAP)"
            )
        if self._total > self._limits.bundle:
            raise BundleRefused(
                f"its files have more than {self._limits.bundle:,} bytes (HEADWATER_MAX_BUNDLE)"
            )
        file.facts.feed(piece)
        self._open.write(piece)

    def end(self) -> None:
        """It is complete."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def add_all(self, archive: Archive) -> None:
        """Everything of a ZIP that is a script or a map. Raises BundleRefused."""
        for path in archive.paths:
            if path.endswith("/"):
                continue
            self.begin(path)
            try:
                self._copy(self._content(archive, path))
            except EntryRefused as error:
                raise BundleRefused(f"{clean_name(path) or 'a file'} {error}") from None

    def _content(self, archive: Archive, path: str) -> Iterable[bytes]:
        if self._open is None:
            return ()
        claimed = archive.size(path)
        if claimed > self._limits.file:
            raise EntryRefused(
                f"has {claimed:,} bytes, where {self._limits.file:,} are accepted"
                " (HEADWATER_MAX_MAP)"
            )
        return archive.read(path)

    def _copy(self, pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            self.write(piece)
        self.end()

    def finish(self, prefix: str, *, is_chosen: bool) -> None:
        """Write the manifest. `prefix` begins every address; `is_chosen`: somebody chose the folder that
        all files are in. Raises BundleRefused."""
        if not self._files:
            raise BundleRefused(
                "there is no .js, .mjs, .cjs or .map file in it. Upload the folder that your build"
                " writes, after a build with source maps turned on"
            )
        names = without_folder(
            [*(file.name for file in self._files), *self._others], is_chosen=is_chosen
        )[: len(self._files)]
        described = _described(self._files, names, prefix)
        entry = zipfile.ZipInfo("manifest.json")
        entry.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(entry, json.dumps({"files": described}).encode())
        self._zip.close()

    def close(self) -> None:
        """Let go of all, whole or not. Nothing more is written."""
        self._end.is_over = True
        self.end()
        self._zip.close()


def _described(files: Sequence[_File], names: Sequence[str], prefix: str) -> dict[str, object]:
    by_name = dict(zip(names, files, strict=True))
    references: dict[str, str] = {}
    ids = {name: file.facts.debug_id for name, file in by_name.items()}
    for name, file in by_name.items():
        if file.kind is not ArtifactType.MINIFIED_SOURCE:
            continue
        reference, its_map = _map_of(name, file, by_name)
        if reference is not None:
            references[name] = reference
        # A map that says nothing is its script's; one that says otherwise is told of as a finding.
        if its_map is not None and ids[its_map] is None:
            ids[its_map] = ids[name]
    described: dict[str, object] = {}
    for name, file in by_name.items():
        url = address(prefix, name)
        if url is None:
            continue
        headers = {"debug-id": ids[name], "sourcemap": references.get(name)}
        described[file.path] = {
            "type": file.kind.value,
            "url": url,
            "headers": {key: value for key, value in headers.items() if value},
        }
    return described


def _map_of(name: str, file: _File, by_name: dict[str, _File]) -> tuple[str | None, str | None]:
    """What a script calls its map, and the file that this is."""
    reference = file.facts.reference
    folder = posixpath.dirname(name)
    if reference is None:
        beside = f"{name}.map"
        return (posixpath.basename(beside), beside) if beside in by_name else (None, None)
    path = posixpath.normpath(posixpath.join(folder, unquote(reference.partition("?")[0])))
    return reference, path if path in by_name else None


class _Appended:
    """What zipfile needs of a file that it only ever appends to."""

    def __init__(self, writer: BlobWriter) -> None:
        self._writer = writer
        self.is_over = False

    def write(self, piece: bytes) -> int:
        if not self.is_over:
            self._writer.write(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Everything is written at once."""
