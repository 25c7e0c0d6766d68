"""Whether a frame is the user's own code, before anything is known of its original."""

import re
from typing import Final

from headwater.protocol.event import Frame

_FOREIGN: Final = re.compile(
    r"(?:^|/)node_modules/|^node:|^internal/|^(?:native|\[native code\]|<anonymous>)$"
    r"|^(?:chrome|moz|safari|safari-web)-extension://|^wasm://"
    r"|^https?://(?:unpkg\.com|cdnjs\.cloudflare\.com|cdn\.jsdelivr\.net|esm\.(?:run|sh))/",
)


def is_in_app(frame: Frame) -> bool:
    """Foreign are the runtime, extensions, public CDNs and node_modules; else as the SDK says."""
    if _FOREIGN.search(frame.abs_path or frame.filename or ""):
        return False
    return frame.in_app is not False
