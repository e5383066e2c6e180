"""What leaves the server for one client: a queue of frames, written many at a time.

The exchange queues for a slow reader and sheds nothing (protocol notes §3.4). So frames wait here, in order,
and are handed to the transport only while it has little to carry; no connection ever waits for another.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import pairwise

Filter = Callable[[str], Iterable[str]]

_TRANSPORT_FULL = 1 << 18
# Half a gigabyte behind is no longer a slow reader but a dead one, and would cost the machine its memory.
_HOPELESS = 1 << 29


_FINAL, _TEXT, _CONTINUATION = 0x80, 0x01, 0x00


class Fragmented(str):
    """A frame's text that goes out in several fragments."""

    __slots__ = ()
    FRAGMENTS = 3


def encode(text: str) -> bytes:
    """A text frame as a server sends it: unmasked, uncompressed, and whole unless it says otherwise (RFC 6455
    §5.2 and §5.4).
    """
    payload = text.encode()
    if not isinstance(text, Fragmented):
        return _frame(_FINAL | _TEXT, payload)
    cuts = [len(payload) * part // text.FRAGMENTS for part in range(text.FRAGMENTS + 1)]
    first, *others = (payload[begin:end] for begin, end in pairwise(cuts))
    *middle, last = others
    return b"".join(
        [
            _frame(_TEXT, first),
            *(_frame(_CONTINUATION, piece) for piece in middle),
            _frame(_FINAL | _CONTINUATION, last),
        ]
    )


def _frame(head: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((head, size)) + payload
    if size < 1 << 16:
        return bytes((head, 126)) + size.to_bytes(2, "big") + payload
    return bytes((head, 127)) + size.to_bytes(8, "big") + payload


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
        self.put(frames)

    def put(self, frames: Iterable[str]) -> None:
        """Queues frames that have passed the filters before."""
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
