"""The exchange on a socket: the only module that knows asyncio and aiohttp.

One task plays the market in time and writes what follows; each connection has its own reader. Everything runs
in one event loop, so the exchange itself needs no lock.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from dataclasses import asdict

from aiohttp import WSCloseCode, WSMsgType, web

from krakencli.sandbox.clock import MarketClock
from krakencli.sandbox.control import Control
from krakencli.sandbox.endpoints import ENDPOINTS
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.log import Log
from krakencli.sandbox.rest import Call, answer
from krakencli.sandbox.session import Session
from krakencli.sandbox.settings import Addresses, Settings
from krakencli.sandbox.times import SECOND, nanoseconds
from krakencli.sandbox.wire import Outgoing

_BATCH = 200
_SHORTEST_SLEEP = 0.001
_LONGEST_SLEEP = 0.05
# So far the market may fall behind the clock before what is due is put off.
_TOLERATED_LAG = SECOND // 4
# Levels a second that may be set up for markets that nobody has asked for yet: some tens of milliseconds.
_WARM_AT_ONCE = 1200
_LARGEST_REQUEST = 1 << 24
_GOODBYE_SECONDS = 0.2


class Connection:
    """One client: its socket, its queue and its conversation."""

    def __init__(
        self, server: Server, number: int, request: web.Request, socket_: web.WebSocketResponse
    ) -> None:
        self.number = number
        self._socket = socket_
        self._closing: asyncio.Task[object] | None = None
        self._log = server.log
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client left during the handshake")
        self._transport = transport
        self.outgoing = Outgoing(transport, self._note_sent if server.log.active else None)
        self.outgoing.filters.append(server.faults.filter(number))
        self.session: Session = ENDPOINTS[request.path](server.exchange, self.outgoing.send)

    async def converse(self) -> None:
        """Reads until the client goes."""
        loop = asyncio.get_running_loop()
        self.session.greet()
        self.flush()
        async for message in self._socket:
            text = message.data if message.type is WSMsgType.TEXT else None
            if self._log.active:
                self._log.write("receive", connection=self.number, frame=text)
            self.session.receive(text, loop.time())
            self.flush()
            while self.session.work():
                self.flush()
                await asyncio.sleep(0)

    def tick(self, now: float) -> None:
        """Lets time pass for the conversation."""
        code = self.session.tick(now)
        if code is not None:
            self.close(code)

    def flush(self) -> None:
        """Writes what is queued as far as the client takes it."""
        if not self.outgoing.flush():
            self.abort()

    def close(self, code: int) -> asyncio.Task[object]:
        """Starts the closing handshake, once."""
        if self._closing is None:
            self.flush()
            self._log.write("close", connection=self.number, code=code)
            self._closing = asyncio.ensure_future(self._socket.close(code=code))
        return self._closing

    def abort(self) -> None:
        """Cuts the connection."""
        self._transport.abort()

    def _note_sent(self, frame: str) -> None:
        self._log.write("send", connection=self.number, frame=frame)


class Server:
    """Serves one exchange on one listening socket."""

    def __init__(self, settings: Settings, log: Log) -> None:
        """Raises ValueError for a symbol that is not listed, or a fault that cannot be."""
        self.settings = settings
        self.log = log
        self.clock = MarketClock(nanoseconds(settings.start) if settings.start else None)
        self.exchange = Exchange(settings, self.clock, log)
        self.faults = FaultDesk(self.exchange)
        self.connections: list[Connection] = []
        self._opened = 0

    async def serve(self, listener: socket.socket, tls: ssl.SSLContext | None, ready: asyncio.Event) -> None:
        """Serves until cancelled, then says goodbye to every client. Sets `ready` once it accepts
        connections.
        """
        runner = web.AppRunner(
            self._application(), handle_signals=False, access_log=None, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            await web.SockSite(runner, listener, ssl_context=tls).start()
            self.log.write("listening", addresses=asdict(Addresses.of(authority(listener), tls is not None)))
            ready.set()
            await self._play()
        finally:
            await self._say_goodbye()
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(client_max_size=_LARGEST_REQUEST)
        for path in ENDPOINTS:
            application.router.add_get(path, self._socket)
        application.router.add_route("*", "/0/{call:.*}", self._rest)
        application.router.add_routes(Control(self.exchange, self.faults).routes())
        return application

    async def _play(self) -> None:
        """Plays the market in time, in batches, and leaves the loop to the connections between them."""
        loop = asyncio.get_running_loop()
        next_tick = loop.time()
        next_second = next_tick + 1
        while True:
            played = self.exchange.advance(self.clock(), _BATCH)
            now = loop.time()
            if now >= next_tick:
                next_tick = now + min(0.02, self.settings.second / 10)
                for connection in list(self.connections):
                    connection.tick(now)
            for connection in list(self.connections):
                connection.flush()
            self._catch_up()
            if now >= next_second:
                next_second = now + 1
                self.log.flush()
                if played < _BATCH:
                    self.exchange.warm(_WARM_AT_ONCE)
            await asyncio.sleep(0 if played == _BATCH else self._pause())

    def _pause(self) -> float:
        """Seconds until something is due; a little is waited in any case, so that frames gather into one
        write.
        """
        due = self.exchange.next_time
        wait = _LONGEST_SLEEP if due is None else (due - self.clock()) / SECOND
        longest = min(_LONGEST_SLEEP, self.settings.second / 10)
        return max(_SHORTEST_SLEEP, min(wait, longest))

    def _catch_up(self) -> None:
        """When more is due than the machine can play, puts it off (or, with a fixed start, slows
        the clock).
        """
        due = self.exchange.next_time
        debt = 0 if due is None else self.clock() - due
        if debt <= _TOLERATED_LAG:
            return
        self.log.write("behind", seconds=debt / SECOND)
        if self.settings.start is None:
            self.exchange.postpone(debt)
        else:
            self.clock.hold_back(debt)

    async def _say_goodbye(self) -> None:
        for connection in self.connections:
            connection.session.end()
        closing = [connection.close(WSCloseCode.GOING_AWAY) for connection in self.connections]
        if closing:
            await asyncio.wait(closing, timeout=_GOODBYE_SECONDS)
        for connection in list(self.connections):
            connection.abort()

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket_ = web.WebSocketResponse(compress=False, timeout=2.0, max_msg_size=_LARGEST_REQUEST)
        await socket_.prepare(request)
        self._opened += 1
        connection = Connection(self, self._opened, request, socket_)
        self.log.write("open", connection=connection.number, path=request.path, remote=request.remote)
        self.connections.append(connection)
        try:
            await connection.converse()
        finally:
            self.connections.remove(connection)
            connection.session.end()
            self.log.write("gone", connection=connection.number, code=socket_.close_code)
        return socket_

    async def _rest(self, request: web.Request) -> web.Response:
        body = await request.read()
        call = Call(request.method, request.path, dict(request.query), request.headers, body)
        return web.Response(text=answer(self.exchange, call), content_type="application/json")


def authority(listener: socket.socket) -> str:
    """`host:port` to reach a listener at; one that listens everywhere is reached through loopback."""
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a comparison, not a binding
    return f"[{reachable}]:{port}" if ":" in reachable else f"{reachable}:{port}"
