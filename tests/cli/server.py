"""A WebSocket server whose every step a test writes down, of the standard library alone.

`Server(script)` accepts on a free loopback port and plays `script(peer)` on a thread for each connection. A
script reads and sends as it likes; what the client asked is kept in `Peer.requests`. A request that is no
WebSocket handshake is answered by `rest`.
"""

import contextlib
import hashlib
import json
import select
import socket
import ssl
import struct
import threading
from base64 import b64encode
from collections.abc import Callable, Iterable
from typing import Any, Self

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_STATUS = (
    '{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"online","api_version":"v2",'
    '"connection_id":13834774380200032777}]}'
)
_STAMPS = {"time_in": "2026-11-22T17:00:00.000000Z", "time_out": "2026-11-22T17:00:00.000100Z"}
PATIENCE = 30.0


def framed(payload: str | bytes, opcode: int = 1) -> bytes:
    """One whole frame as a server sends it."""
    data = payload.encode() if isinstance(payload, str) else payload
    if len(data) < 126:
        return bytes([0x80 | opcode, len(data)]) + data
    if len(data) < 1 << 16:
        return struct.pack("!BBH", 0x80 | opcode, 126, len(data)) + data
    return struct.pack("!BBQ", 0x80 | opcode, 127, len(data)) + data


def message(channel: str, *items: str, type_: str = "update") -> str:
    """A channel message that holds these items' JSON texts."""
    return f'{{"channel":"{channel}","type":"{type_}","data":[{",".join(items)}]}}'


def trade(number: int, symbol: str = "BTC/USD", price: str = "64000.1", qty: str = "0.00100000") -> str:
    """The JSON text of one trade."""
    return (
        f'{{"symbol":"{symbol}","side":"buy","price":{price},"qty":{qty},"ord_type":"market",'
        f'"trade_id":{number},"timestamp":"2026-11-22T17:00:00.000000Z"}}'
    )


class Gone(Exception):  # noqa: N818 - the ordinary end of a conversation
    """The client has left."""


class Peer:
    """One client, as its script sees it. Reading or writing raises Gone when the client has left."""

    def __init__(self, server: "Server", connection: socket.socket, number: int) -> None:
        self.server, self.number = server, number
        self.requests: list[dict[str, Any]] = []
        self.headers: dict[str, str] = {}
        self.path = self.method = ""
        self.body = b""
        self._socket = connection
        self._read = b""

    # --- bytes

    def send_bytes(self, data: bytes) -> None:
        try:
            self._socket.sendall(data)
        except OSError:
            raise Gone from None

    def send(self, *texts: str | bytes) -> None:
        self.send_bytes(b"".join(map(framed, texts)))

    def _need(self, count: int) -> bytes:
        while len(self._read) < count:
            try:
                piece = self._socket.recv(65536)
            except OSError:
                raise Gone from None
            if not piece:
                raise Gone
            self._read += piece
        data, self._read = self._read[:count], self._read[count:]
        return data

    def wait_for_bytes(self) -> None:
        """Until the client has sent anything at all; leaves it unread."""
        self._read = self._need(1) + self._read

    def wants_to_talk(self) -> bool:
        """Whether the client has sent something that is not read yet."""
        return bool(self._read or select.select([self._socket], [], [], 0)[0])

    def cut(self) -> None:
        """Cut the connection without a word."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        raise Gone

    def hang(self) -> None:
        """Say nothing more, until the client leaves or the test ends."""
        while True:
            self._need(1)

    # --- HTTP and the handshake

    def read_request(self) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._need(1)
        first, *lines = head.decode("latin-1").rstrip().split("\r\n")
        self.method, self.path, _ = first.split(" ", 2)
        pairs = (line.split(":", 1) for line in lines)
        self.headers = {name.strip().lower(): value.strip() for name, value in pairs}
        self.body = self._need(int(self.headers.get("content-length", 0)))

    @property
    def wants_websocket(self) -> bool:
        return "sec-websocket-key" in self.headers

    def accept(self) -> None:
        digest = hashlib.sha1(self.headers["sec-websocket-key"].encode() + _MAGIC).digest()
        self.send_bytes(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + b64encode(digest) + b"\r\n\r\n"
        )

    def answer(self, body: object, status: int = 200) -> None:
        """An HTTP answer: JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\n"
        self.send_bytes(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)

    # --- the exchange's conversation

    def receive(self) -> dict[str, Any]:
        """The client's next JSON message; pings are answered."""
        asked: dict[str, Any] = json.loads(self.receive_text())
        self.requests.append(asked)
        return asked

    def receive_text(self) -> str:
        """The client's next message as it came; pings of the WebSocket are answered."""
        while True:
            first, second = self._need(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(self._need(2 if size == 126 else 8))
            mask = self._need(4)
            payload = bytes(b ^ mask[i & 3] for i, b in enumerate(self._need(size)))
            match first & 0x0F:
                case 8:
                    raise Gone
                case 9:
                    self.send_bytes(framed(payload, 10))
                case 1:
                    return payload.decode()

    def greet(self) -> None:
        """Open the WebSocket and send the first status, as the exchange does."""
        self.accept()
        self.send(_STATUS)

    def grant(self, refused: Iterable[str] = ()) -> list[str]:
        """Answer one subscribe request, each symbol for itself; returns the symbols granted."""
        asked = self.receive()
        params = asked["params"]
        granted = []
        for symbol in params.get("symbol") or [None]:
            head = {"method": asked["method"], "req_id": asked["req_id"]}
            if symbol in refused:
                words = {"error": f"Currency pair not supported {symbol}", "success": False, "symbol": symbol}
            else:
                granted.append(symbol)
                named = {} if symbol is None else {"symbol": symbol}
                result = {name: value for name, value in params.items() if name != "symbol"}
                words = {"result": {**result, **named}, "success": True}
            self.send(json.dumps({**head, **words, **_STAMPS}, separators=(",", ":")))
        return granted


Script = Callable[[Peer], None]


def streams(*frames: str, then: Script = Peer.hang) -> Script:
    """Greet, grant the first request, send the frames, and then `then`."""

    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(*frames)
        then(peer)

    return script


class Server:
    """Listens as long as the test runs. `raw` scripts get the connection before anything is read."""

    def __init__(
        self,
        script: Script,
        *,
        rest: Script = Peer.hang,
        context: ssl.SSLContext | None = None,
        raw: bool = False,
    ) -> None:
        self._script, self._rest, self._context, self._raw = script, rest, context, raw
        self.peers: list[Peer] = []
        self.mistakes: list[BaseException] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def url(self) -> str:
        return f"{'wss' if self._context else 'ws'}://127.0.0.1:{self.port}/v2"

    @property
    def rest(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_listening()
        for connection in self._sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        if self.mistakes:
            raise self.mistakes[0]

    def stop_listening(self) -> None:
        """From here on connections are refused."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(PATIENCE)

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(connection)
            threading.Thread(target=self._serve, args=(connection, len(self.peers) + 1), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        peer = Peer(self, connection, number)
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._sockets.append(connection)
                peer = Peer(self, connection, number)
            self._converse(peer)
        except (Gone, OSError):
            pass
        except BaseException as error:  # noqa: BLE001 - the edge of a thread: the test raises it again
            self.mistakes.append(error)
        finally:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _converse(self, peer: Peer) -> None:
        if self._raw:
            self.peers.append(peer)
            self._script(peer)
            return
        peer.read_request()
        self.peers.append(peer)
        (self._script if peer.wants_websocket else self._rest)(peer)
