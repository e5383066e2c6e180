"""Books fed by the sandbox over a real socket, which shares no code with them."""

import json
from collections.abc import Generator, Iterator

import pytest
import websocket

from krakencli.books import Book, OrderBook, Verdict
from krakencli.credentials import Credentials
from krakencli.protocol.messages import Update
from krakencli.protocol.v2 import decode
from krakencli.rest.client import Client
from krakencli.rest.token import fetch_token
from krakencli.sandbox import Sandbox, Settings

UPDATES = 400

Items = Generator[tuple[bytes, bool], None, None]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Settings(rate=2000, seed=3, symbols=("BTC/USD",))) as running:
        yield running


def items(url: str, **params: str | int) -> Items:
    """The items of a subscription, without end, and whether they are a snapshot's."""
    socket = websocket.create_connection(url, timeout=20)
    try:
        socket.send(json.dumps({"method": "subscribe", "params": {"symbol": ["BTC/USD"], **params}}))
        while True:
            update = decode(str(socket.recv()).encode())
            if isinstance(update, Update) and update.channel == params["channel"]:
                yield from ((bytes(item), update.type == "snapshot") for item in update.data)
    finally:
        socket.close()
        socket.shutdown()  # type: ignore[no-untyped-call]


def follow(book: Book | OrderBook, stream: Items) -> None:
    outcomes = [book.apply(*next(stream)) for _ in range(UPDATES + 1)]
    stream.close()
    assert {outcome.verdict for outcome in outcomes} == {Verdict.VERIFIED}
    assert not any(outcome.padded or outcome.crossed for outcome in outcomes)
    assert 0 < len(book.asks) <= book.depth
    assert 0 < len(book.bids) <= book.depth


@pytest.mark.parametrize("depth", [10, 1000])
def test_every_update_of_a_live_book_verifies(sandbox: Sandbox, depth: int) -> None:
    follow(Book(depth), items(sandbox.addresses.ws_public, channel="book", depth=depth))


@pytest.mark.parametrize("depth", [10, 1000])
def test_every_update_of_live_queues_verifies(sandbox: Sandbox, depth: int) -> None:
    with Client(sandbox.addresses.rest) as rest:
        token = fetch_token(rest, Credentials(sandbox.api_key, sandbox.api_secret))
    stream = items(sandbox.addresses.ws_l3, channel="level3", depth=depth, token=token.value)
    follow(OrderBook(depth), stream)
