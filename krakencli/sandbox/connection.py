"""One client on a socket: what it sends goes to its conversation, and what that says goes out past the
faults.
"""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from krakencli.sandbox.endpoints import ENDPOINTS
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.filter import FaultFilter
from krakencli.sandbox.session import Session
from krakencli.sandbox.wire import Outgoing


class Connection:
    """One client: its socket, its queue and its conversation."""

    def __init__(
        self,
        exchange: Exchange,
        faults: FaultFilter,
        number: int,
        request: web.Request,
        socket_: web.WebSocketResponse,
    ) -> None:
        self.number = number
        self._socket = socket_
        self._closing: asyncio.Task[object] | None = None
        self._log = exchange.log
        transport = request.transport
        if transport is None:
            raise ConnectionResetError("the client left during the handshake")
        self._transport = transport
        self.outgoing = Outgoing(transport, self._note_sent if self._log.active else None)
        self._faults = faults
        self.outgoing.filters.append(faults)
        endpoint = ENDPOINTS[request.path]
        self.session: Session = endpoint.open(exchange, self.outgoing.send, faults.refuses)

    async def converse(self) -> None:
        """Reads until the client goes, and answers its goodbye."""
        self.session.greet()
        self.flush()
        async for message in self._socket:
            if message.type is WSMsgType.PING:
                await self._pong(message.data)
            elif message.type is not WSMsgType.PONG:
                await self._hear(message.data if message.type is WSMsgType.TEXT else None)
        if self._faults.is_deaf:
            self.abort()
        elif self._closing is None:
            await self._socket.close(drain=False)

    def tick(self, now: float) -> None:
        """Lets time pass for the conversation."""
        code = self.session.tick(now)
        self.outgoing.put(self._faults.tick(now))
        for channel, symbol in self._faults.dismissed():
            self.session.dismiss(channel, symbol)
        if code is not None and not self._faults.is_deaf:
            self.close(code)

    def flush(self) -> None:
        """Writes what is queued as far as the client takes it, and ends if a fault has it so. Nothing follows
        a goodbye.
        """
        if self._closing is not None:
            return
        ending = self._faults.ending
        if not self.outgoing.flush() or (ending is not None and ending.code is None):
            self.abort()
        elif ending is not None and ending.code is not None:
            self._start_closing(ending.code, ending.reason)

    def close(self, code: int) -> asyncio.Task[object]:
        """Starts the closing handshake, once."""
        self.flush()
        return self._closing or self._start_closing(code)

    def abort(self) -> None:
        """Cuts the connection."""
        self._transport.abort()

    async def _hear(self, text: str | None) -> None:
        """Answers one message, with what follows from it."""
        if self._log.active:
            self._log.write("receive", connection=self.number, frame=text)
        answers = self._faults.hear(text)
        for answer in answers or ():
            self.outgoing.send(answer)
        if answers is None:
            self.session.receive(text, asyncio.get_running_loop().time())
        self.flush()
        while self.session.work():
            self.flush()
            await asyncio.sleep(0)

    async def _pong(self, payload: bytes) -> None:
        if not self._faults.is_deaf:
            await self._socket.pong(payload)

    def _start_closing(self, code: int, reason: str = "") -> asyncio.Task[object]:
        self._log.write("close", connection=self.number, code=code)
        self._closing = asyncio.ensure_future(self._socket.close(code=code, message=reason.encode()))
        return self._closing

    def _note_sent(self, frame: str) -> None:
        self._log.write("send", connection=self.number, frame=frame)
