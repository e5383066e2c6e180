"""raw: the exchange's frames, byte for byte, one a line.

Two things are changed, because a line must stay a line and a secret a secret: a line break inside a frame
(white space between JSON tokens, nothing else can hold one) becomes a blank, and the token that error frames
of private connections echo is masked.
"""

import re

_TOKEN = re.compile(rb'("token"\s*:\s*")[^"]*')


def mask(frame: bytes) -> bytes:
    """The frame without the bytes of a WebSocket token."""
    return _TOKEN.sub(rb"\1***", frame) if b'"token"' in frame else frame


def line(frame: bytes) -> bytes:
    """The frame as one line of output."""
    if b"\n" in frame or b"\r" in frame:
        frame = frame.replace(b"\r", b" ").replace(b"\n", b" ")
    return mask(frame) + b"\n"
