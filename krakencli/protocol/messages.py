"""What the exchange says, whichever API it speaks: data, answers, and what cannot be understood.

A record stays the text that came (`msgspec.Raw`), so that every digit survives. The codecs `v1` and `v2` make
these of frames; API v1's arrays become v2-shaped items before anybody sees them (design §4).
"""

from typing import Any

import msgspec
from msgspec import Raw, Struct

_SAMPLE = 80

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What the decoder raises: besides its own errors those of text that is no UTF-8 and of endless nesting."""


class Update(Struct, gc=False):
    """A channel message. `data` holds its items as they came; `type` is snapshot, update or "".

    Where the wire's `data` is an object of arrays (instrument), `members` holds those and `data` is empty.
    `timestamp` is the message's own, which only ohlc has.
    `method` is set only while decoding: a frame that has one is a response, whatever else it holds (§2).
    """

    channel: str = ""
    type: str = ""
    data: list[Raw] = []
    sequence: int | None = None
    timestamp: str = ""
    method: str | None = None
    members: dict[str, list[Raw]] = {}


class Response(Struct, gc=False):
    """The answer to a request (§2.2). Absence of `success` is failure, except for a pong."""

    method: str = ""
    req_id: int | None = None
    success: bool = False
    error: str = ""
    symbol: str | None = None
    result: dict[str, Any] = {}
    warnings: list[str] = []
    time_in: str = ""
    time_out: str = ""

    @property
    def channel(self) -> str | None:
        value = self.result.get("channel")
        return value if isinstance(value, str) else None


class Garbage(Struct, gc=False):
    """A frame that cannot be understood. `reason` says why, `sample` shows its beginning, made harmless.

    `channel` is set where the frame says that it belongs to one, but its shape is none that we know.
    """

    reason: str
    sample: str
    channel: str = ""


def printable(frame: bytes, most: int = _SAMPLE) -> str:
    """The beginning of a frame, fit to be shown to a person: one line, no control characters."""
    text = frame[: most * 4].decode("utf-8", "replace")
    clean = "".join(c if c.isprintable() else "�" for c in text)
    return clean if len(clean) <= most else clean[:most] + "…"
