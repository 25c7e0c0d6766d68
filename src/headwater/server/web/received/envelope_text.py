"""An envelope as a page can show it: decoded, its beginning, with nothing in it that acts."""

from typing import Final

from msgspec import Struct

from headwater.protocol.encoding import Decoder, TooLarge, UndecodableBody
from headwater.storage.queue.dead_letters import DeadLetter

MAX_SHOWN: Final = 64 * 1024
"""Bytes of a decoded envelope that a page shows: all of a usual event. The rest can be downloaded."""

MAX_DECODED: Final = 8 * 1024**2
"""Bytes that are decoded to show the beginning: decoders give up to 4 MiB at a time."""


class EnvelopeText(Struct, frozen=True):
    """`is_all`: there is no more. `fault`: why it could not be decoded, or not to its end."""

    text: str
    is_all: bool
    fault: str = ""


def envelope_text(letter: DeadLetter) -> EnvelopeText:
    """What was sent, before it was scrubbed of secrets."""
    decoded, fault, is_all = bytearray(), "", False
    try:
        decoder = Decoder(letter.encoding, max(MAX_DECODED, len(letter.envelope)))
        for piece in decoder.feed(letter.envelope):
            decoded += piece
            if len(decoded) > MAX_SHOWN:
                break
        else:
            decoder.finish()
            is_all = True
    except TooLarge:
        pass  # and there is more than is shown
    except UndecodableBody as error:
        fault = str(error)
    return EnvelopeText(_plain(bytes(decoded or letter.envelope)[:MAX_SHOWN]), is_all, fault)


def _plain(text: bytes) -> str:
    shown = text.decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c in "\n\t\u00a0" else "\ufffd" for c in shown)
