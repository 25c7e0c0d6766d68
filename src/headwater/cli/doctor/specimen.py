"""A tiny build for the round trip: one minified file with its map, and an error that it throws."""

import io
import json
import struct
import uuid
import zipfile
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct

SOURCE: Final = "src/doctor.ts"
FUNCTION: Final = "examine"
LINE: Final = 2
TEXT: Final = (
    f"export function {FUNCTION}(): never {{\n  throw new Error('Headwater doctor');\n}}\n"
)

_SNIPPET: Final = (
    "!function(){try{var e=globalThis,n=(new e.Error).stack;n&&(e._sentryDebugIds=e._sentryDebugIds||{},"
    'e._sentryDebugIds[n]="%s",e._sentryDebugIdIdentifier="sentry-dbid-%s")}catch(e){}}();'
)
_CODE: Final = "function x(){throw new Error('Headwater doctor')}x();"
_MAPPINGS: Final = ";AAAA,SAAgBA,IACd,MAAM"
"""The name at column 9 of line 2 is `examine` of line 1; the throw at column 13 is line 2, column 3."""


class Specimen(Struct, frozen=True):
    """As an SDK and a bundler's plugin would make them; of a debug id that nobody else has."""

    debug_id: str
    script: str
    source_map: str

    @classmethod
    def fresh(cls) -> "Specimen":
        """A new one."""
        debug_id = str(uuid.uuid4())
        script = "\n".join(
            [
                _SNIPPET % (debug_id, debug_id),
                _CODE,
                "//# sourceMappingURL=doctor.js.map",
                f"//# debugId={debug_id}",
                "",
            ]
        )
        source_map = {
            "version": 3,
            "file": "doctor.js",
            "sources": [SOURCE],
            "sourcesContent": [TEXT],
            "names": [FUNCTION],
            "mappings": _MAPPINGS,
            "debug_id": debug_id,
            "debugId": debug_id,
        }
        return cls(debug_id, script, json.dumps(source_map))

    def bundle(self) -> bytes:
        """What a plugin uploads."""
        head = {"debug-id": self.debug_id}
        files = {
            "files/_/_/doctor.js": {
                "type": "minified_source",
                "url": "~/doctor.js",
                "headers": {**head, "sourcemap": "doctor.js.map"},
            },
            "files/_/_/doctor.js.map": {
                "type": "source_map",
                "url": "~/doctor.js.map",
                "headers": head,
            },
        }
        content = dict(zip(files, (self.script, self.source_map), strict=True))
        content["manifest.json"] = json.dumps({"files": files})
        packed = io.BytesIO()
        packed.write(b"SYSB" + struct.pack("<I", 2))
        with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
            for path, text in content.items():
                archive.writestr(path, text)
        return packed.getvalue()

    def event(self) -> dict[str, Any]:
        """What an SDK sends when it throws."""
        file = "https://doctor.headwater.invalid/doctor.js"
        frame = {
            "filename": file,
            "abs_path": file,
            "function": "x",
            "lineno": 2,
            "colno": _CODE.index("throw") + 1,
            "in_app": True,
        }
        thrown = {
            "type": "Error",
            "value": "Headwater doctor",
            "stacktrace": {"frames": [frame]},
        }
        return {
            "event_id": uuid.uuid4().hex,
            "platform": "javascript",
            "timestamp": datetime.now(UTC).timestamp(),
            "exception": {"values": [thrown]},
            "debug_meta": {
                "images": [{"type": "sourcemap", "code_file": file, "debug_id": self.debug_id}]
            },
        }
