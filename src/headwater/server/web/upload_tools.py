"""What pages do with uploads beside showing them."""

from dataclasses import dataclass

from headwater.artifacts.assemble import Assembler
from headwater.artifacts.single_files import SingleFiles


@dataclass(frozen=True, slots=True)
class UploadTools:
    """Of the upload side, put together by who starts the server."""

    files: SingleFiles
    """Deletes."""
    assembler: Assembler
