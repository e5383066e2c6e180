"""A WebSocket server that does what a test says, byte by byte: threads, sockets and frames written by hand.

It shares no code with the client under test, nor with the library that the client is built on.
"""

import base64
import contextlib
import hashlib
import queue
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from typing import Any

from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Batch, Closed, Link, Opened

PATIENCE = 10.0
TEXT, BINARY, CLOSE, PING, PONG, CONT = 1, 2, 8, 9, 10, 0


def frame(
    payload: bytes, opcode: int = TEXT, *, fin: bool = True, rsv: int = 0, mask: bytes = b"", wide: int = 0
) -> bytes:
    """One frame as a server sends it; `wide` (16 or 64) forces a longer form of the length than needed."""
    size, masked = len(payload), 0x80 if mask else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if wide == 64 or size > 0xFFFF:
        head += bytes([masked | 127]) + struct.pack("!Q", size)
    elif wide == 16 or size > 125:
        head += bytes([masked | 126]) + struct.pack("!H", size)
    else:
        head += bytes([masked | size])
    return head + mask + (bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if mask else payload)


def close(code: int | None = None, reason: str = "") -> bytes:
    return frame(b"" if code is None else struct.pack("!H", code) + reason.encode(), CLOSE)


class Peer:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.socket.settimeout(PATIENCE)
        self.head = b""
        self._buffer = b""

    def request(self) -> dict[str, str]:
        """Reads a request; its line under "", its headers by their lower-case names."""
        while b"\r\n\r\n" not in self._buffer:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("the client hung up")
            self._buffer += piece
        self.head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        line, *rest = self.head.decode().split("\r\n")
        return {"": line, **{name.lower(): value for name, value in (one.split(": ", 1) for one in rest)}}

    def accept(self, more: bytes = b"", headers: str = "") -> dict[str, str]:
        """The handshake; `more` goes out in the same segment as its answer."""
        asked = self.request()
        key = asked["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        token = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.socket.sendall(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{headers}"
            f"Sec-WebSocket-Accept: {token}\r\n\r\n".encode()
            + more
        )
        return asked

    def send(self, *frames: bytes) -> None:
        if data := b"".join(frames):
            self.socket.sendall(data)

    def receive(self) -> tuple[int, bytes]:
        """The client's next frame: opcode and payload. Asserts that it is masked and whole, as it must be."""
        first, second = self._exactly(2)
        assert first & 0x70 == 0
        assert first & 0x80
        assert second & 0x80, "a client's frame is masked"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._exactly(8))
        mask = self._exactly(4)
        payload = self._exactly(size)
        return first & 0x0F, bytes(b ^ mask[i % 4] for i, b in enumerate(payload))

    def receive_end(self) -> bytes:
        """What still comes until the client hangs up."""
        rest = self._buffer
        with contextlib.suppress(ConnectionError):
            while piece := self.socket.recv(65536):
                rest += piece
        return rest

    def reset(self) -> None:
        """End the connection with a TCP reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("the client hung up")
            self._buffer += piece
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken


class Server:
    """Plays `script` on each connection, in a thread of its own; what a script raises, `__exit__` raises."""

    def __init__(
        self, script: Callable[[Peer], Any], context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
    ) -> None:
        self._script = script
        self._context = context
        self._listener = socket.create_server((host, 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'wss' if context else 'ws'}://{host}:{self.port}/v2"
        self.connections = 0
        self.results: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> "Server":
        self._threads[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        for one in self._sockets:
            one.close()
        if self._errors and kind is None:
            raise self._errors[0]

    def result(self) -> Any:
        """What the next script returned."""
        return self.results.get(timeout=PATIENCE)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._context:
                connection.settimeout(PATIENCE)
                connection = self._context.wrap_socket(connection, server_side=True)
            self._sockets.append(connection)
            with connection:
                self.results.put(self._script(Peer(connection)))
        except ssl.SSLError as error:
            connection.close()
            self.results.put(error)
        except BaseException as error:  # noqa: BLE001 - the edge of a thread: the test raises it again
            self._errors.append(error)


class Client:
    """A link with its inbox; it is closed, and its thread seen to end, when the test is over."""

    def __init__(self, url: str, limit: int = 1 << 20, **options: Any) -> None:
        self.inbox: Inbox[Arrival] = Inbox(limit)
        self.link = Link(url, self.inbox, **options)

    def __enter__(self) -> "Client":
        self.link.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.link.close(PATIENCE)
        assert not self.ended().is_alive()

    def ended(self) -> threading.Thread:
        return self.link._thread  # that it ends is promised, and seen nowhere else

    def next(self) -> Arrival:
        """The next thing that happened."""
        arrival = self.inbox.get(PATIENCE)
        assert arrival is not None, "nothing happened"
        return arrival

    def open(self) -> "Client":
        assert isinstance(self.next(), Opened)
        return self

    def messages(self, count: int) -> list[bytes]:
        """So many messages, which must not be more."""
        found: list[bytes] = []
        while len(found) < count:
            arrival = self.next()
            assert isinstance(arrival, Batch), arrival
            found += arrival.frames
        assert len(found) == count
        return found

    def rest(self) -> tuple[list[bytes], Closed]:
        """What comes until the end, and the end."""
        found: list[bytes] = []
        while True:
            arrival = self.next()
            if isinstance(arrival, Closed):
                assert self.inbox.get(0) is None, "nothing comes after the end"
                return found, arrival
            if isinstance(arrival, Batch):
                found += arrival.frames
