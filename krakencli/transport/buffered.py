"""websocket-client's `WebSocket`, read in large pieces.

The library asks the kernel two or three times for each frame, which limits it to about 112,000 small frames a
second. Here one read fetches up to 128 KiB, and whole unfragmented text frames are sliced straight out of it.
Every other frame (control, fragment, 64-bit length, reserved bits) is left to the library, which
then finds all of its bytes in the buffer. The socket never blocks.
"""

import contextlib
import select
import ssl
import time
from collections.abc import Callable

import websocket
from websocket import ABNF

READ_SIZE = 128 * 1024
LARGEST_FRAME = 64 * 1024 * 1024
SEND_WITHIN = 10.0
LOOK_EVERY = 0.1
_TEXT, _FINAL_TEXT = ABNF.OPCODE_TEXT, 0x81


class ClosedByServerError(Exception):
    """The server sent a close frame; `code` is None where it gave none."""

    def __init__(self, code: int | None, reason: str) -> None:
        super().__init__(f"closed with code {code}" if code else "closed without a code")
        self.code, self.reason = code, reason


class InvalidTextError(Exception):
    """A text message that is not UTF-8 (RFC 6455 §8.1)."""


class _UsedUpError(Exception):
    """The library wants more than the one frame that it was given."""


class BufferedWebSocket(websocket.WebSocket):
    """A `WebSocket` whose data is taken with `read`; `recv` and its relatives are not for use.

    `stop` says that a server that takes no data is no longer worth waiting for.
    """

    def __init__(self, context: ssl.SSLContext | None, stop: Callable[[], bool] = lambda: False) -> None:
        super().__init__(
            sslopt={"context": context} if context else {},
            enable_multithread=False,
            skip_utf8_validation=True,
        )
        self._buffer = b""
        self._at = 0
        self._readable_to = 0
        self._stop = stop
        self.leftover: list[bytes] = []

    def read(self) -> list[bytes]:
        """The text messages that have arrived, maybe none; answers pings on the way.

        Raises ClosedByServerError, InvalidTextError, and what the socket and the library raise; the good
        messages before the failure are then in `leftover`.
        """
        self._fill()
        messages = self.leftover = []
        try:
            self._slice(messages)
        finally:
            if not all(map(bytes.isascii, messages)):
                self._check_text(messages)
        return messages

    def pending(self) -> bool:
        """Whether data waits that `select` cannot see: decrypted, or read and not yet looked at."""
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0

    def send_close(self, status: int = websocket.STATUS_NORMAL, reason: str | bytes = b"") -> None:
        """Say goodbye; a server that has gone already does not hear it, which changes nothing."""
        with contextlib.suppress(OSError, websocket.WebSocketException):
            super().send_close(status, reason)

    def _fill(self) -> None:
        """Put what has arrived behind what is left of the buffer."""
        assert self.sock is not None
        pieces = [self._buffer[self._at :]] if self._at < len(self._buffer) else []
        fetched = 0
        try:
            while fetched < READ_SIZE and (piece := self.sock.recv(READ_SIZE)):
                pieces.append(piece)
                fetched += len(piece)
                if not self.pending():
                    break
            else:
                if not fetched:
                    raise websocket.WebSocketConnectionClosedException("cut without a close frame")
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError:
            if not fetched:
                raise
        self._buffer, self._at = b"".join(pieces), 0

    def _slice(self, messages: list[bytes]) -> None:
        buffer, at, size = self._buffer, self._at, len(self._buffer)
        in_fragments = bool(self.cont_frame.recving_frames)
        while size - at >= 2:
            length = buffer[at + 1]
            if length < 126:
                start = at + 2
            elif length == 126 and size - at >= 4:
                start, length = at + 4, buffer[at + 2] << 8 | buffer[at + 3]
            else:
                start = 0
            if start == 0 or buffer[at] != _FINAL_TEXT or in_fragments:
                end = self._end_of_frame(at)
                if end > size:
                    break
                self._at, self._readable_to = at, end
                self._leave_to_library(messages)
                in_fragments = bool(self.cont_frame.recving_frames)
                at = end
                continue
            end = start + length
            if end > size:
                break
            messages.append(buffer[start:end])
            at = end
        self._at = at

    def _end_of_frame(self, at: int) -> int:
        """Where the frame that begins at `at` ends; beyond the buffer where its header is not whole."""
        buffer = self._buffer
        length, header = buffer[at + 1], 2
        if length & 0x80:
            raise websocket.WebSocketProtocolException("a server must not mask its frames")
        if length >= 126:
            wide = 2 if length == 126 else 8
            header += wide
            if at + header > len(buffer):
                return at + header
            length = int.from_bytes(buffer[at + 2 : at + 2 + wide])
        if length > LARGEST_FRAME:
            raise websocket.WebSocketProtocolException(f"a frame of {length} bytes is too large")
        return at + header + length

    def _leave_to_library(self, messages: list[bytes]) -> None:
        """Let the library handle one whole frame; `_recv` gives it just that frame's bytes."""
        try:
            opcode, frame = self.recv_data_frame(control_frame=True)
        except _UsedUpError:
            held = self.cont_frame.cont_data
            if held and len(held[1]) > LARGEST_FRAME:
                raise websocket.WebSocketProtocolException("a fragmented message is too large") from None
            return
        if opcode == ABNF.OPCODE_CLOSE:
            code = int.from_bytes(frame.data[:2]) if len(frame.data) >= 2 else None
            raise ClosedByServerError(code, frame.data[2:].decode("utf-8", "replace"))
        if opcode in (ABNF.OPCODE_TEXT, ABNF.OPCODE_BINARY):
            messages.append(bytes(frame.data))

    @staticmethod
    def _check_text(messages: list[bytes]) -> None:
        for number, message in enumerate(messages):
            try:
                message.decode()
            except UnicodeDecodeError as error:
                del messages[number:]
                raise InvalidTextError(
                    f"a message is not UTF-8: {error.reason} at byte {error.start}"
                ) from None

    def _recv(self, bufsize: int) -> bytes:
        """The library's way to bytes: out of the buffer, never past the frame that it was given."""
        end = min(self._at + bufsize, self._readable_to)
        if self._at >= end:
            raise _UsedUpError
        piece = self._buffer[self._at : end]
        self._at = end
        return piece

    def _send(self, data: bytes | str) -> int:
        """The library's way to the socket, which never blocks here; waits until it takes something."""
        assert self.sock is not None
        deadline = time.monotonic() + SEND_WITHIN
        payload = data.encode() if isinstance(data, str) else data
        while True:
            try:
                return self.sock.send(payload)
            except (BlockingIOError, ssl.SSLWantWriteError):
                wanted = select.POLLOUT
            except ssl.SSLWantReadError:
                wanted = select.POLLIN
            poller = select.poll()
            poller.register(self.sock, wanted)
            while not poller.poll(LOOK_EVERY * 1000):
                if self._stop() or time.monotonic() > deadline:
                    raise websocket.WebSocketTimeoutException("the server takes no data")
