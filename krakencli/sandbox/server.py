"""The exchange on a socket: it, `connection` and `control` are the only modules that know aiohttp.

One task plays the market in time and writes what follows; each connection has its own reader. Everything runs
in one event loop, so the exchange itself needs no lock.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable
from dataclasses import asdict

from aiohttp import WSCloseCode, web

from krakencli.sandbox.clock import MarketClock
from krakencli.sandbox.connection import Connection
from krakencli.sandbox.control import Control
from krakencli.sandbox.endpoints import ENDPOINTS
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.faults.gate import page
from krakencli.sandbox.log import Log
from krakencli.sandbox.rest import Call
from krakencli.sandbox.settings import Addresses, Settings
from krakencli.sandbox.times import SECOND, nanoseconds

_BATCH = 200
_SHORTEST_SLEEP = 0.001
_LONGEST_SLEEP = 0.05
# So far the market may fall behind the clock before what is due is put off.
_TOLERATED_LAG = SECOND // 4
# Levels a second that may be set up for markets that nobody has asked for yet: some tens of milliseconds.
_WARM_AT_ONCE = 1200
_LARGEST_REQUEST = 1 << 24
_GOODBYE_SECONDS = 0.2


class Server:
    """Serves one exchange on one listening socket."""

    def __init__(self, settings: Settings, log: Log) -> None:
        """Raises ValueError for a symbol that is not listed, or a fault that cannot be."""
        self.settings = settings
        self.log = log
        self.clock = MarketClock(nanoseconds(settings.start) if settings.start else None, settings.speed)
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
            left = [handler.transport for handler in runner.server.connections] if runner.server else []
            await runner.cleanup()
            await _cut(left)

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
                self.exchange.engine.tick(now)
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
        wait = _LONGEST_SLEEP if due is None else (due - self.clock()) / SECOND / self.clock.speed
        longest = min(_LONGEST_SLEEP, self.settings.second / 10)
        return max(_SHORTEST_SLEEP, min(wait, longest))

    def _catch_up(self) -> None:
        """When more is due than the machine can play, puts it off (or, with a fixed start, slows
        the clock).
        """
        due = self.exchange.next_time
        debt = 0 if due is None else self.clock() - due
        if debt <= _TOLERATED_LAG * self.clock.speed:
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
        refused = self.faults.refused_status(request.path, request.remote)
        if refused is not None:
            return web.Response(status=refused, text=page(refused), content_type="text/html")
        socket_ = web.WebSocketResponse(
            compress=False, timeout=2.0, max_msg_size=_LARGEST_REQUEST, autoping=False, autoclose=False
        )
        await socket_.prepare(request)
        self._opened += 1
        faults = self.faults.filter(self._opened, ENDPOINTS[request.path].api)
        connection = Connection(self.exchange, faults, self._opened, request, socket_)
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
        reply = self.faults.reply_to(call)
        if reply.seconds:
            await asyncio.sleep(reply.seconds)
        if reply.is_lost and request.transport is not None:
            request.transport.abort()
        return web.Response(status=reply.status, text=reply.text, content_type=reply.content_type)


async def _cut(transports: Iterable[asyncio.Transport | None]) -> None:
    """End what would wait for the other side's goodbye, as TLS does: nobody is left to hear it."""
    for transport in transports:
        if transport is not None:
            transport.abort()
    await asyncio.sleep(0)


def authority(listener: socket.socket) -> str:
    """`host:port` to reach a listener at; one that listens everywhere is reached through loopback."""
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a comparison, not a binding
    return f"[{reachable}]:{port}" if ":" in reachable else f"{reachable}:{port}"
