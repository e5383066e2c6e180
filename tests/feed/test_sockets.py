"""The feed over real sockets: against the sandbox, and against servers that misbehave."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from transport.server import PATIENCE, Peer, Server, close, frame

from krakencli.clock import Clock
from krakencli.errors import ProtocolError, UnreachableError
from krakencli.feed import Feed, Output
from krakencli.model import News, Subscription
from krakencli.protocol.messages import Update
from krakencli.sandbox import Sandbox, Settings
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link

from .kit import GREETING, TRADE, data, granted, news, trade

UNIT = 0.02


@contextmanager
def feed(url: str, *wanted: Subscription, retry: int | None = None) -> Iterator[Feed]:
    inbox: Inbox[Arrival] = Inbox()
    found = Feed(wanted, lambda _, to: Link(url, to, timeout=5.0), inbox, clock=Clock(unit=UNIT), retry=retry)
    found.start()
    try:
        yield found
    finally:
        found.close()


def take(found: Feed, output: list[Output], *types: str) -> list[Output]:
    """Poll until news of these types have come, in this order."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = iter(news(output))
        if all(type_ in seen for type_ in types):
            return output
        assert time.monotonic() < deadline, news(output)
        output += found.poll(0.05)


def serve(peer: Peer, *frames: bytes) -> list[str]:
    """Greet, grant the first request, send these; returns the symbols that were asked for."""
    peer.accept(more=frame(GREETING))
    request = json.loads(peer.receive()[1])
    peer.send(
        *(frame(granted(request["req_id"], Subscription("trade", s))) for s in request["params"]["symbol"])
    )
    peer.send(*map(frame, frames))
    return request["params"]["symbol"]


def test_the_sandbox_is_followed() -> None:
    ticker = Subscription("ticker", "BTC/USD", snapshot=True)
    with (
        Sandbox(Settings(symbols=("BTC/USD",))) as sandbox,
        feed(sandbox.addresses.ws_public, ticker) as found,
    ):
        output = take(found, [], "connected", "subscribed")
        deadline = time.monotonic() + PATIENCE
        while not data(output):
            assert time.monotonic() < deadline
            output += found.poll(0.05)
    assert json.loads(data(output)[0])["symbol"] == "BTC/USD"
    (status,) = [one for one in output if isinstance(one, Update) and one.channel == "status"]
    assert json.loads(bytes(status.data[0]))["api_version"] == "v2"


@pytest.mark.parametrize("how", ["close 1001", "close 1013", "cut", "reset", "garbage", "invalid text"])
def test_a_lost_connection_is_taken_up_again(how: str) -> None:
    def script(peer: Peer) -> list[str]:
        first = server.connections == 1
        asked = serve(peer, trade(server.connections))
        if first and how == "reset":
            heard.wait(PATIENCE)
            peer.reset()
        elif first:
            ends = {"garbage": frame(b"restarting"), "invalid text": frame(b"\xff"), "cut": b""}
            peer.send(ends[how] if how in ends else close(int(how[-4:])))
            if how != "cut":
                peer.receive_end()
        else:
            peer.receive_end()
        return asked

    heard = threading.Event()
    eth = Subscription("trade", "ETH/USD")
    with Server(script) as server:
        with feed(server.url, TRADE, eth) as found:
            output = take(found, [], "connected", "subscribed", "subscribed")
            while len(data(output)) < 1:
                output += found.poll(0.05)
            heard.set()
            take(found, output, "disconnected", "reconnecting", "connected", "subscribed", "subscribed")
            while len(data(output)) < 2:
                output += found.poll(0.05)
        asked = [server.result(), server.result()]
    assert asked == [["BTC/USD", "ETH/USD"]] * 2
    assert [json.loads(item)["trade_id"] for item in data(output)] == [1, 2]
    assert [
        one.fields["connection"] for one in output if isinstance(one, News) and one.type == "connected"
    ] == [
        1,
        2,
    ]


def until_it_gives_up(found: Feed) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found.poll(0.05)


def test_a_server_of_something_else_is_told_at_once() -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.socket.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")

    with Server(script) as server, feed(server.url, TRADE) as found:
        with pytest.raises(UnreachableError, match="HTTP 404"):
            until_it_gives_up(found)
        assert server.connections == 1


def test_a_busy_server_is_tried_three_times() -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.socket.sendall(b"HTTP/1.1 503 Busy\r\n\r\n")

    with Server(script) as server, feed(server.url, TRADE) as found:
        with pytest.raises(UnreachableError, match=r"HTTP 503 .*, after 3 tries"):
            until_it_gives_up(found)
        assert server.connections == 3


def test_another_protocol_is_named() -> None:
    def script(peer: Peer) -> None:
        peer.accept(more=frame(b"<html>"))
        peer.receive_end()

    with Server(script) as server, feed(server.url, TRADE) as found:
        with pytest.raises(ProtocolError, match="<html>"):
            until_it_gives_up(found)
        assert server.connections == 3


def test_a_silent_server_is_pinged_and_left() -> None:
    def script(peer: Peer) -> list[bytes]:
        if server.connections > 1:
            peer.accept()
            peer.receive_end()
            return []
        serve(peer)
        return [peer.receive()[1] for _ in range(2)]

    with Server(script) as server, feed(server.url, TRADE) as found:
        take(found, [], "connected", "subscribed", "disconnected", "reconnecting", "connected")
        first = server.result()
    assert json.loads(first[0])["method"] == "ping"
    assert first[1] == b"\x03\xe8"
