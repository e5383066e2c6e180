"""Books fed by the sandbox over a real socket, which shares no code with them."""

import json
from collections.abc import Iterator

import pytest
import websocket

from krakencli.books import Book, Verdict
from krakencli.protocol.v2 import Update, decode
from krakencli.sandbox import Sandbox, Settings

UPDATES = 400


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Sandbox(Settings(rate=2000, seed=3, symbols=("BTC/USD",))) as running:
        yield running.addresses.ws_public


def items(url: str, depth: int) -> Iterator[tuple[bytes, bool]]:
    """The items of a `book` subscription, without end."""
    socket = websocket.create_connection(url, timeout=20)
    try:
        params = {"channel": "book", "symbol": ["BTC/USD"], "depth": depth}
        socket.send(json.dumps({"method": "subscribe", "params": params}))
        while True:
            update = decode(str(socket.recv()).encode())
            if isinstance(update, Update) and update.channel == "book":
                yield from ((bytes(item), update.type == "snapshot") for item in update.data)
    finally:
        socket.close()
        socket.shutdown()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("depth", [10, 1000])
def test_every_update_of_a_live_book_verifies(url: str, depth: int) -> None:
    book, stream = Book(depth), items(url, depth)
    outcomes = [book.apply(*next(stream)) for _ in range(UPDATES + 1)]
    stream.close()  # type: ignore[attr-defined]
    assert {outcome.verdict for outcome in outcomes} == {Verdict.VERIFIED}
    assert not any(outcome.padded or outcome.crossed for outcome in outcomes)
    assert len(book.asks) <= depth
    assert len(book.bids) <= depth
