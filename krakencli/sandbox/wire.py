"""What leaves the server for one client: a queue of frames, written many at a time.

The exchange queues for a slow reader and sheds nothing (protocol notes §3.4). So frames wait here, in order,
and are handed to the transport only while it has little to carry; no connection ever waits for another.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable

Filter = Callable[[str], Iterable[str]]

_TRANSPORT_FULL = 1 << 18
# Half a gigabyte behind is no longer a slow reader but a dead one, and would cost the machine its memory.
_HOPELESS = 1 << 29


def encode(text: str) -> bytes:
    """A text frame as a server sends it: whole, unmasked, uncompressed (RFC 6455 §5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Outgoing:
    """One connection's queue. `send` takes a frame's text; `flush` writes what the transport can take.

    `filters` is the place for faults: each turns one frame into none, one or several, in the order of the
    list.
    """

    def __init__(self, transport: asyncio.Transport, note: Callable[[str], None] | None = None) -> None:
        """`note` is told every frame that is queued, after the filters."""
        self._transport = transport
        self._note = note
        self._queue: deque[bytes] = deque()
        self._size = 0
        self.filters: list[Filter] = []

    def send(self, frame: str) -> None:
        """Queues a frame."""
        frames: Iterable[str] = (frame,)
        for pass_on in self.filters:
            frames = [kept for one in frames for kept in pass_on(one)]
        for text in frames:
            if self._note is not None:
                self._note(text)
            data = encode(text)
            self._queue.append(data)
            self._size += len(data)

    def flush(self) -> bool:
        """Writes as much as the transport takes without piling up; False once the client is beyond hope."""
        while self._queue and self._transport.get_write_buffer_size() < _TRANSPORT_FULL:
            batch, size = [], 0
            while self._queue and size < _TRANSPORT_FULL:
                batch.append(self._queue.popleft())
                size += len(batch[-1])
            self._size -= size
            if not self._transport.is_closing():
                self._transport.write(b"".join(batch))
        return self._size < _HOPELESS
