"""One connection to one address, owned by one reader thread from the look-up of its name to its end.

All socket I/O is the thread's: it connects, waits on the socket and on a wake-up pipe, reads, answers pings
and sends what the main thread has queued (OpenSSL does not allow two threads on one connection). What happens
reaches the main thread as `Opened`, `Batch` and `Closed` in the inbox, in this order, `Closed` exactly once.
A link is never reused: the next attempt is a new one.
"""

import contextlib
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import websocket

from krakencli import __version__
from krakencli.errors import StreamError
from krakencli.transport.buffered import LOOK_EVERY, BufferedWebSocket, ClosedByServerError, InvalidTextError
from krakencli.transport.inbox import Inbox
from krakencli.transport.proxy import Proxy

CONNECT_WITHIN = 10.0
KEEP_ALIVE_WHILE_FULL = 5.0


@dataclass(frozen=True, slots=True)
class Opened:
    """The handshake has succeeded. `token` is what the link fetched for this connection, if anything."""

    link: "Link"
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """Text messages in the order of their arrival, as many as one read found."""

    link: "Link"
    frames: list[bytes]


@dataclass(frozen=True, slots=True)
class Closed:
    """The link's end. `opened` says whether the handshake had succeeded.

    `permanent`: trying again cannot help (certificate, address). `http_status` is a refused handshake's.
    `garbage`: what came was no WebSocket text. `code` is the server's close code, None where it sent none.
    `error` is why no token could be had.
    """

    link: "Link"
    reason: str
    opened: bool
    permanent: bool = False
    garbage: bool = False
    code: int | None = None
    http_status: int | None = None
    error: StreamError | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """The attempt has to wait so many seconds before it begins, because too many were made."""

    link: "Link"
    seconds: float


Arrival = Opened | Batch | Closed | Postponed


class Link:
    """`start` it, `send` frames, take arrivals from the inbox, `close` it: all that other threads may do.

    `admit` and `fetch_token` are called in the reader's thread before it connects: the first says how long
    the attempt has to wait, the second may raise StreamError.
    """

    def __init__(
        self,
        url: str,
        inbox: "Inbox[Arrival]",
        *,
        context: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
        admit: Callable[[], float] | None = None,
        fetch_token: Callable[[], str] | None = None,
        timeout: float = CONNECT_WITHIN,
        keep_alive: float = KEEP_ALIVE_WHILE_FULL,
    ) -> None:
        self.url = url
        self._inbox = inbox
        self._socket = BufferedWebSocket(context, lambda: self._closing)
        self._proxy = proxy
        self._admit = admit
        self._fetch_token = fetch_token
        self._timeout = timeout
        self._keep_alive = keep_alive
        self._outbox: deque[bytes] = deque()
        self._closing = False
        self._opened = False
        # Sockets, not a bare pipe: closed they refuse, where a pipe's number might be another file's by then.
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_write.setblocking(False)
        self._thread = threading.Thread(target=self._run, name=f"link {url}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, frame: bytes) -> None:
        """Queue a text message; the reader thread sends it."""
        self._outbox.append(frame)
        self._wake()

    def close(self, wait: float = 0.0) -> None:
        """Ask the reader to say goodbye and end; wait for it `wait` seconds at most."""
        self._closing = True
        self._wake()
        if wait and self._thread.is_alive():
            self._thread.join(wait)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_write.send(b"!")

    def _run(self) -> None:
        try:
            if self._wait_for_admission():
                token = self._fetch_token() if self._fetch_token else None
                self._connect()
                self._opened = True
                self._inbox.put(Opened(self, token))
                self._converse()
            end = Closed(self, "closed by this program", opened=self._opened)
        except ClosedByServerError as error:
            words = f"{error}: {error.reason}" if error.reason else str(error)
            end = Closed(self, f"the server closed the connection, {words}", opened=True, code=error.code)
        except InvalidTextError as error:
            end = Closed(self, str(error), opened=True, garbage=True)
        except StreamError as error:
            end = Closed(self, error.message, opened=False, permanent=not error.retryable, error=error)
        except Exception as error:  # noqa: BLE001 - the edge of a thread: the feed hears of it
            end = self._failure(error)
        self._deliver(self._socket.leftover)
        self._socket.shutdown()  # type: ignore[no-untyped-call] # the library's
        self._wake_read.close()
        self._wake_write.close()
        self._inbox.put(end)

    def _wait_for_admission(self) -> bool:
        """Whether the attempt may begin; it may not where it was called off meanwhile."""
        seconds = self._admit() if self._admit else 0.0
        if seconds <= 0:
            return True
        self._inbox.put(Postponed(self, seconds))
        ends_at = time.monotonic() + seconds
        while not self._closing and (left := ends_at - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_EVERY))
        return not self._closing

    def _connect(self) -> None:
        # Only with a proxy of ours the library does not look for one in the environment: "*" then avoids it.
        proxy, avoided = (self._proxy, ["-"]) if self._proxy else (Proxy("unused", 1), ["*"])
        self._socket.connect(  # type: ignore[no-untyped-call] # the library's
            self.url,
            timeout=self._timeout,
            suppress_origin=True,
            redirect_limit=0,
            header={"User-Agent": f"kraken-stream/{__version__}"},
            http_proxy_host=proxy.host,
            http_proxy_port=proxy.port,
            http_proxy_auth=(proxy.user, proxy.password) if proxy.user else None,
            http_no_proxy=avoided,
        )
        self._socket.settimeout(0)

    def _converse(self) -> None:
        assert self._socket.sock is not None
        poller = select.poll()
        poller.register(self._socket.sock.fileno(), select.POLLIN)
        wake = self._wake_read.fileno()
        poller.register(wake, select.POLLIN)
        while not self._closing:
            if not self._socket.pending():
                ready = poller.poll()
                if any(fd == wake for fd, _ in ready):
                    self._wake_read.recv(4096)
                    self._send_queued()
                    if len(ready) == 1:
                        continue
            self._deliver(self._socket.read())
            if not self._inbox.wait_for_room(0):
                self._wait_for_room()
        self._socket.send_close()

    def _wait_for_room(self) -> None:
        """Read nothing more for now, but keep the connection alive and send what main has queued."""
        spoke_at = time.monotonic()
        while not (self._closing or self._inbox.wait_for_room(LOOK_EVERY)):
            self._send_queued()
            if time.monotonic() - spoke_at >= self._keep_alive:
                self._socket.pong()
                spoke_at = time.monotonic()

    def _deliver(self, frames: list[bytes]) -> None:
        if frames:
            self._socket.leftover = []
            self._inbox.put(Batch(self, frames), sum(map(len, frames)), len(frames))

    def _send_queued(self) -> None:
        while self._outbox:
            self._socket.send(self._outbox.popleft())

    def _failure(self, error: Exception) -> Closed:
        """What a failure means for the next attempt."""
        status = error.status_code if isinstance(error, websocket.WebSocketBadStatusException) else None
        no_websocket = isinstance(error, websocket.WebSocketException) and not isinstance(
            error,
            websocket.WebSocketAddressException
            | websocket.WebSocketConnectionClosedException
            | websocket.WebSocketTimeoutException
            | websocket.WebSocketProxyException,
        )
        refused = status is not None and status != 429 and status < 500
        certificate = isinstance(error, ssl.SSLCertVerificationError)
        return Closed(
            self,
            _words(error, opened=self._opened),
            opened=self._opened,
            permanent=not self._opened and (certificate or refused or (no_websocket and status is None)),
            garbage=self._opened and isinstance(error, websocket.WebSocketProtocolException),
            http_status=status,
        )


def _words(error: Exception, *, opened: bool) -> str:
    """A failure in words for a person; never more than a line."""
    match error:
        case websocket.WebSocketBadStatusException():
            words = f"the server answered HTTP {error.status_code} instead of opening a WebSocket"
        case ssl.SSLCertVerificationError():
            words = f"the server's certificate cannot be trusted ({error.verify_message})"
        case ssl.SSLError():
            words = f"TLS failed ({error.reason or error})"
        case TimeoutError() | websocket.WebSocketTimeoutException():
            words = "no answer in time"
        case OSError() if error.strerror:
            words = error.strerror.lower()
        case websocket.WebSocketAddressException():
            words = "the host name cannot be resolved"
        case websocket.WebSocketConnectionClosedException():
            words = "the connection was cut" if opened else "the server hung up during the handshake"
        case websocket.WebSocketException() if not opened and type(error) is websocket.WebSocketException:
            words = "the server does not speak WebSocket"
        case _:
            words = str(error) or type(error).__name__
    return " ".join(words.split())[:200]
