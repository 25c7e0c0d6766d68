"""The client that the demo uploads with."""

import json
import zipfile

from headwater.cli.client import Client
from tests.upload_side import CHUNK, MAP, SCRIPT, UploadSide, bundle_of, cut, manifest_of, serving

DEBUG_ID = "8c0b638c-7772-4580-a988-5410e42f0437"


def test_chunks_that_are_alike_are_sent_once_and_named_each_time(side: UploadSide) -> None:
    headers = {"debug-id": DEBUG_ID}
    padded = json.dumps({**json.loads(MAP), "padding": "0" * 4 * CHUNK}).encode()
    bundle = bundle_of(
        {"_/app.js": SCRIPT, "_/app.js.map": padded},
        manifest_of(
            {
                "_/app.js": {"type": "minified_source", "url": "~/app.js", "headers": headers},
                "_/app.js.map": {"type": "source_map", "url": "~/app.js.map", "headers": headers},
            }
        ),
        zipfile.ZIP_STORED,
    )
    assert len(set(cut(bundle))) < len(cut(bundle))

    with serving(side.routes()) as origin:
        state = Client(origin, side.token(None)).upload(bundle, "any")

    assert state == "ok"
