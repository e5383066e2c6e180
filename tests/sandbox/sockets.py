"""Clients on real sockets, and sandboxes in which something goes wrong."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
import websocket
from websocket import ABNF

from krakencli.sandbox import Fault, Sandbox, Settings

from .kit import decode

SYMBOL, OTHER = "S0001/USD", "S0002/USD"
# A second of heartbeats, so short that a test can wait for some of them.
SECOND_LENGTH = 0.05
_PATIENCE = 60.0


class Socket:
    """A client on a real socket."""

    def __init__(self, url: str, **options: Any) -> None:
        self.socket = websocket.create_connection(url, timeout=10, **options)
        self._deadline = time.monotonic() + _PATIENCE

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *_: object) -> None:
        # Its close() keeps the descriptor when the server has already gone.
        self.socket.close()
        self.socket.shutdown()  # type: ignore[no-untyped-call] # the library's

    def send(self, **request: Any) -> None:
        self.socket.send(json.dumps(request))

    def subscribe(self, channel: str, *symbols: str, **params: Any) -> None:
        self.send(method="subscribe", params={"channel": channel, "symbol": list(symbols), **params})

    def trades(self, symbol: str, count: int) -> list[int]:
        """The next ids of a symbol's trades."""
        found: list[int] = []
        while len(found) < count:
            data = self.next(channel="trade")["data"]
            found += [trade["trade_id"] for trade in data if trade["symbol"] == symbol]
        return found

    def message(self) -> tuple[int, bytes]:
        """The next message of any kind, control frames included, with its opcode."""
        self._lose_patience()
        opcode, data = self.socket.recv_data(control_frame=True)
        return opcode, data

    def texts(self) -> Iterator[str]:
        """The text frames until the server says goodbye or is gone."""
        while True:
            try:
                opcode, data = self.message()
            except (websocket.WebSocketConnectionClosedException, ConnectionResetError):
                return
            if opcode == ABNF.OPCODE_CLOSE:
                raise AssertionError(f"a goodbye: {data!r}")
            yield data.decode()

    def frame(self) -> ABNF:
        """The next frame as it is, of a message perhaps only a fragment."""
        frame = self.socket.recv_frame()  # type: ignore[no-untyped-call] # the library's
        assert isinstance(frame, ABNF)
        return frame

    def is_readable(self) -> bool:
        """Whether anything has come that was not read, be it the end."""
        assert self.socket.sock is not None
        return bool(select.select([self.socket.sock], [], [], 0)[0])

    def text(self) -> str:
        """The next text frame."""
        self._lose_patience()
        text = self.socket.recv()
        assert isinstance(text, str)
        return text

    def next(self, **wanted: Any) -> Any:
        """The next frame in which these top-level fields stand, so none of v1's data."""
        while True:
            frame = decode(self.text())
            if isinstance(frame, dict) and wanted.items() <= frame.items():
                return frame

    def _lose_patience(self) -> None:
        """Heartbeats may come for ever; what is waited for does not always."""
        assert time.monotonic() < self._deadline, "it did not come"


@contextmanager
def faulty(*specs: str, **settings: Any) -> Iterator[Sandbox]:
    """A running sandbox of two quick, busy symbols, with these faults from the start."""
    usual = {"symbols": ("BTC/USD",), "synthetic": 2, "rate": 2000, "second": SECOND_LENGTH, "keep_log": True}
    faults = tuple(Fault.parse(spec) for spec in specs)
    with Sandbox(Settings(**{**usual, **settings}, faults=faults)) as running:
        yield running


def post(sandbox: Sandbox, **document: Any) -> Any:
    """Sets a fault at run time; the decoded answer."""
    answer = requests.post(f"{sandbox.addresses.rest}/sandbox/fault", json=document, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def call(sandbox: Sandbox, name: str, **query: Any) -> requests.Response:
    """A public call of REST."""
    return requests.get(f"{sandbox.addresses.rest}/0/public/{name}", params=query, timeout=10)


def delivered(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What the log tells of faults."""
    return [entry for entry in sandbox.entries if entry["what"] == "fault"]
