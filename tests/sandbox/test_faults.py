"""Each fault of books: seen in the frames, by a book rebuilt from them, and told in the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import websocket

from krakencli.sandbox import Fault, Sandbox, Settings
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.books import KINDS
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.flow import Instruction
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.log import Log
from krakencli.sandbox.shortage import Shortage

from .kit import START, Client, HandClock, WireBook, WireOrders, decode, play

# A generated pair: its market is made in a moment.
SYMBOL = "S0001/USD"
CHANNELS = ("book", "level3")


class Bench:
    """A client of one symbol behind the faults, with the book that it makes of the frames."""

    def __init__(self, *faults: Fault, channel: str = "book", depth: int = 10, **settings: Any) -> None:
        self.log = Log(keep=True)
        given = Settings(start=START, symbols=("ETH/USD",), synthetic=2, faults=faults, **settings)
        self.exchange = Exchange(given, HandClock(), self.log)
        self.desk = FaultDesk(self.exchange)
        self.channel, self.depth = channel, depth
        self.client = self.join(1)
        self.book: WireBook | WireOrders = (WireBook if channel == "book" else WireOrders)(depth)

    def join(self, number: int) -> Client:
        access = Access.PUBLIC if self.channel == "book" else Access.LEVEL3
        client = Client(self.exchange, access, self.desk.filter(number))
        client.take()
        return client

    def ask(self, method: str, symbol: str = SYMBOL, **params: Any) -> list[str]:
        token = {"token": self.client.token()} if self.channel == "level3" else {}
        request = {"channel": self.channel, "symbol": [symbol], "depth": self.depth, **token, **params}
        return self.client.ask_text(json.dumps({"method": method, "params": request}))

    def frames(self, events: int) -> Iterator[str]:
        """The snapshot and the updates of so many events, as they go out."""
        yield from self.ask("subscribe")[1:]
        for _ in play(self.exchange, events):
            yield from self.client.take()

    @property
    def delivered(self) -> list[dict[str, Any]]:
        return [entry for entry in self.log.entries if entry["what"] == "fault"]


def truth(events: int, channel: str, depth: int = 10) -> list[str]:
    """The same run without any fault."""
    return list(Bench(channel=channel, depth=depth).frames(events))


def holds(frames: list[str], book: WireBook | WireOrders) -> list[bool]:
    """Whether the checksum holds, frame after frame; level3's order that nobody knows counts as a failure."""
    results = []
    for frame in frames:
        try:
            results.append(book.apply(decode(frame)))
        except (AssertionError, KeyError):
            results.append(False)
    return results


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("depth", [10, 100])
def test_a_dropped_update_shows_on_the_next_one(channel: str, depth: int) -> None:
    bench = Bench(Fault("drop_update", SYMBOL, channel, at=5), channel=channel, depth=depth)
    frames, expected = list(bench.frames(600)), truth(600, channel, depth)
    (entry,) = bench.delivered
    lost = expected.index(entry["frame"])
    assert frames == expected[:lost] + expected[lost + 1 :]
    assert entry["sent"] == [expected[lost + 1]]
    assert holds(frames, bench.book)[: lost + 1] == [True] * lost + [False]


@pytest.mark.parametrize("channel", CHANNELS)
def test_two_updates_change_places(channel: str) -> None:
    bench = Bench(Fault("reorder_updates", SYMBOL, channel, at=3), channel=channel)
    frames, expected = list(bench.frames(200)), truth(200, channel)
    (entry,) = bench.delivered
    place = expected.index(entry["frame"])
    expected[place : place + 2] = reversed(expected[place : place + 2])
    assert entry["sent"] == expected[place : place + 2]
    assert frames == expected
    assert holds(frames, bench.book)[: place + 1] == [True] * place + [False]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("depth", [10, 100])
@pytest.mark.parametrize("name", ["drop_update", "reorder_updates", "wrong_digit", "wrong_checksum"])
def test_every_lie_shows_on_the_very_frame(name: str, channel: Any, depth: int) -> None:
    """Never is one told that the next update hides, or that lies below the checksum."""
    for seed in range(15):
        bench = Bench(Fault(name, SYMBOL, channel, at=1 + seed % 9), channel=channel, depth=depth, seed=seed)
        results: list[bool] = []
        for frame in bench.frames(900):
            results += holds([frame], bench.book)
            if bench.delivered:
                break
        assert bench.delivered[0]["sent"][0] == frame
        assert results == [True] * (len(results) - 1) + [False]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("on", ["update", "snapshot"])
@pytest.mark.parametrize("depth", [10, 1000])
def test_one_wrong_digit(channel: str, on: Any, depth: int) -> None:
    bench = Bench(Fault("wrong_digit", SYMBOL, channel, at=1, on=on), channel=channel, depth=depth)
    frames, expected = list(bench.frames(60)), truth(60, channel, depth)
    (entry,) = bench.delivered
    place = expected.index(entry["frame"])
    assert (place == 0) == (on == "snapshot")
    ((right, wrong),) = [pair for pair in zip(expected, frames, strict=True) if pair[0] != pair[1]]
    assert (right, [wrong]) == (entry["frame"], entry["sent"])
    assert sum(one != other for one, other in zip(right, wrong, strict=True)) == 1
    assert holds(frames, bench.book)[: place + 1] == [True] * place + [False]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("on", ["update", "snapshot"])
def test_a_wrong_checksum(channel: str, on: Any) -> None:
    bench = Bench(Fault("wrong_checksum", SYMBOL, channel, at=2, times=2, on=on), channel=channel)
    frames = list(bench.frames(40))
    while on == "snapshot" and len(bench.delivered) < 2:
        assert decode(bench.ask("unsubscribe")[-1])["success"] is True
        frames += bench.ask("subscribe")[1:]
    results = holds(frames, bench.book)
    wrong = [place for place, held in enumerate(results) if not held]
    assert [entry["sent"] for entry in bench.delivered] == [[frames[place]] for place in wrong]
    assert len(wrong) == 2
    if on == "update":
        assert wrong == [2, 3]
    for entry in bench.delivered:
        right, given = decode(entry["frame"])["data"][0], decode(entry["sent"][0])["data"][0]
        assert given.pop("checksum") == right.pop("checksum") + 1
        assert given == right


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_missing_snapshot_and_the_next_one_comes(channel: str) -> None:
    bench = Bench(Fault("missing_snapshot", SYMBOL, channel), channel=channel)
    frames = list(bench.frames(40))
    assert frames == truth(40, channel)[1:]
    (entry,) = bench.delivered
    assert decode(entry["frame"])["type"] == "snapshot"
    assert entry["sent"] == []
    bench.ask("unsubscribe")
    assert decode(bench.ask("subscribe")[1])["type"] == "snapshot"


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_level_removed_twice_does_no_harm(channel: str) -> None:
    bench = Bench(Fault("remove_twice", SYMBOL, channel, at=2), channel=channel)
    frames, expected = list(bench.frames(80)), truth(80, channel)
    (entry,) = bench.delivered
    place = expected.index(entry["frame"])
    assert frames[: place + 1] + frames[place + 2 :] == expected
    assert entry["sent"] == frames[place : place + 2]
    twice = decode(frames.pop(place + 1))["data"][0]
    (gone,) = twice["bids"] + twice["asks"]
    once = decode(frames[place])["data"][0]
    assert gone in once["bids"] + once["asks"]
    assert gone.get("event") == "delete" or gone["qty"] == "0.00000000"
    assert twice["checksum"] == once["checksum"]
    assert all(holds(frames, bench.book))


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize(("side", "depth"), [("asks", 10), ("bids", 1000)])
def test_an_empty_side_is_a_true_state_of_the_market(channel: str, side: Any, depth: int) -> None:
    fault = Fault("empty_side", SYMBOL, channel, at=4, times=3, side=side)
    bench = Bench(fault, channel=channel, depth=depth)
    empty, results, place = [], [], 0
    for place, frame in enumerate(bench.frames(80)):
        results += holds([frame], bench.book)
        if not (bench.book.top(side, 1) if isinstance(bench.book, WireBook) else bench.book.levels(side, 1)):
            empty.append((place, frame))
            assert not getattr(bench.exchange.market(SYMBOL).book, side).keys
    assert place > 30
    assert all(results)
    assert [number for number, _ in empty] == [4, 5, 6]
    assert [frame for _, frame in empty] == [entry["frame"] for entry in bench.delivered]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("on", ["update", "snapshot"])
def test_a_short_book_is_a_true_state_of_the_market(channel: str, on: Any) -> None:
    times = 60 if on == "update" else 1
    bench = Bench(Fault("short_book", SYMBOL, channel, at=1, times=times, on=on, levels=6), channel=channel)
    short, places = [], []
    for place, frame in enumerate(bench.frames(300)):
        assert holds([frame], bench.book) == [True]
        book = bench.book
        sides = (
            len(book.top(name, 99) if isinstance(book, WireBook) else book.levels(name, 99))
            for name in ("bids", "asks")
        )
        if max(sides) <= 6:
            short.append(frame)
            places.append(place)
    assert [entry["frame"] for entry in bench.delivered] == short[:times]
    assert places[:times] == list(range(1, 61) if on == "update" else [0])
    assert len(bench.exchange.market(SYMBOL).book.asks.keys) > 6


def test_all_channels_show_the_same_empty_side() -> None:
    bench = Bench(Fault("empty_side", SYMBOL, on="snapshot", side="asks"))
    orders = Client(bench.exchange, Access.LEVEL3).subscribe_orders(SYMBOL)[-1]
    ticker = Client(bench.exchange).subscribe_raw("ticker", SYMBOL)[-1]["data"][0]
    assert (orders["data"][0]["asks"], ticker["ask"], ticker["ask_qty"]) == ([], "0.0000", "0.00000000")
    assert WireOrders(10).apply(orders)
    assert bench.delivered == []
    (snapshot,) = bench.frames(0)
    assert decode(snapshot)["data"][0]["asks"] == []
    assert len(bench.delivered) == 1
    for _ in play(bench.exchange, 300):
        pass
    assert len(bench.exchange.market(SYMBOL).book.asks.keys) > 6


def test_other_symbols_channels_and_connections_are_left_alone() -> None:
    bench = Bench(Fault("wrong_checksum", "ETH/USD"), Fault("wrong_checksum", SYMBOL, "level3"))
    bench.desk.set(Fault("wrong_checksum", SYMBOL, connection=2, times=3))
    other = bench.join(2)
    other.subscribe("book", SYMBOL)
    results, seen = holds(list(bench.frames(40)), bench.book), other.take()
    assert len(seen) > 5
    assert all(results)
    assert [(entry["fault"], entry["connection"]) for entry in bench.delivered] == [(3, 2)] * 3


def test_no_update_is_dropped_that_changed_nothing_or_lies_too_deep() -> None:
    bench = Bench(Fault("drop_update", "ETH/USD"))
    bids = [price for price, _ in bench.exchange.market("ETH/USD").book.bids.top(20)]
    turns = [(1, bids[0]), (1, bids[0]), (2, bids[15]), (3, bids[1]), (4, bids[2])]
    texts = [
        f'{{"channel":"book","type":"update","data":[{{"symbol":"ETH/USD",'
        f'"bids":[{{"price":{price},"qty":1.0}}],"asks":[],"checksum":{checksum},"timestamp":"x"}}]}}'
        for checksum, price in turns
    ]
    passed = bench.desk.filter(1)
    assert [passed(text) for text in texts] == [[texts[0]], [texts[1]], [], [texts[2]], [texts[4]]]
    assert [entry["frame"] for entry in bench.delivered] == [texts[3]]


@pytest.mark.parametrize("name", ["drop_update", "reorder_updates"])
def test_what_is_held_comes_before_the_end_of_the_subscription(name: str) -> None:
    bench = Bench(Fault(name, SYMBOL, at=10**6))
    frames, expected = list(bench.frames(40)), truth(40, "book")
    ended = bench.ask("unsubscribe")
    assert frames + ended[:-1] == expected
    assert len(ended) == 2
    assert decode(ended[-1])["method"] == "unsubscribe"


def test_two_runs_with_one_seed_are_hurt_alike() -> None:
    faults = [Fault(name, SYMBOL, at=3) for name in KINDS if name != "missing_snapshot"]
    runs = [Bench(*faults) for _ in range(2)]
    first, second = (list(bench.frames(400)) for bench in runs)
    assert first == second
    told = [[{**entry, "at": 0} for entry in bench.delivered] for bench in runs]
    assert told[0] == told[1]
    assert {entry["name"] for entry in told[0]} == {fault.name for fault in faults}


def test_while_a_book_is_short_a_new_price_joins_the_last_level_of_its_side() -> None:
    market = Bench().exchange.market(SYMBOL)
    book, shortage = market.book, Shortage(bids=4, asks=0)
    shortage.withdraw(book, time=market.time)
    assert (len(book.bids.keys), book.asks.keys, shortage.shows(book)) == (4, [], True)
    prices = [book.bids.price(key) for key in book.bids.keys]
    assert shortage.bend(Instruction(True, prices[0] + 1, 5), book) == Instruction(True, prices[-1], 5)
    assert shortage.bend(Instruction(True, prices[1], 5), book) == Instruction(True, prices[1], 5)
    assert shortage.bend(Instruction(False, prices[0] + 9, 5), book) == Instruction(True, prices[1], 5)
    assert shortage.bend(Instruction(True, None, 5), book) == Instruction(True, None, 5)


MISTAKES: list[tuple[Any, str]] = [
    ([], "a fault is a JSON object"),
    ({"name": "drop_update"}, "drop_update needs symbol"),
    ({"name": "melt", "symbol": "BTC/USD"}, "unknown fault melt; there are drop_update, "),
    ({"name": ["x"], "symbol": "BTC/USD"}, "name must be text, not ['x']"),
    ({"name": "drop_update", "symbol": "XBT/USD"}, "the sandbox does not list XBT/USD"),
    ({"name": "drop_update", "symbol": "BTC/USD", "when": 1}, "unknown field when; a fault has after, at, "),
    ({"name": "drop_update", "symbol": "BTC/USD", "at": 0}, "at must be a whole number from 1 on, not 0"),
    ({"name": "drop_update", "symbol": "BTC/USD", "times": "2"}, "times must be a whole number from 1 on"),
    ({"name": "drop_update", "symbol": "BTC/USD", "channel": "trade"}, "channel must be book or level3"),
    ({"name": "drop_update", "symbol": "BTC/USD", "on": "snapshot"}, "on must be update, not 'snapshot'"),
    ({"name": "wrong_digit", "symbol": "BTC/USD", "on": "all"}, "on must be update or snapshot, not 'all'"),
    ({"name": "empty_side", "symbol": "BTC/USD", "side": "left"}, "side must be bids or asks, not 'left'"),
    (None, "Expecting value"),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    settings = Settings(symbols=("BTC/USD",), rate=2000, keep_log=True)
    with Sandbox(settings) as running:
        yield running


@pytest.mark.parametrize(("document", "error"), MISTAKES)
def test_what_cannot_be_is_told_at_run_time(sandbox: Sandbox, document: Any, error: str) -> None:
    body = "" if document is None else json.dumps(document)
    headers = {"Content-Type": "application/json"}
    url = f"{sandbox.addresses.rest}/sandbox/fault"
    answer = requests.post(url, data=body, headers=headers, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(error)


def test_a_body_that_a_page_could_send_unasked_is_refused(sandbox: Sandbox) -> None:
    url = f"{sandbox.addresses.rest}/sandbox/fault"
    assert requests.post(url, data='{"name":"drop_update","symbol":"BTC/USD"}', timeout=10).status_code == 415


def test_a_fault_at_the_start_that_cannot_be_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="unknown fault melt"):
        Sandbox(Settings(faults=(Fault("melt", "BTC/USD"),)))


def test_a_fault_at_run_time_over_a_real_socket(sandbox: Sandbox) -> None:
    """Set while the book runs; the socket is sent what the log says."""
    socket = websocket.create_connection(sandbox.addresses.ws_public, timeout=10)
    try:
        params = {"channel": "book", "symbol": ["BTC/USD"]}
        socket.send(json.dumps({"method": "subscribe", "params": params}))
        book, results = WireBook(10), []
        wish = {"name": "wrong_digit", "symbol": "BTC/USD"}
        answer = requests.post(f"{sandbox.addresses.rest}/sandbox/fault", json=wish, timeout=10).json()
        assert answer.items() >= {"fault": 1, **wish, "at": 1, "times": 1, "on": "update"}.items()
        while False not in results:
            frame = socket.recv()
            if '"channel":"book","type"' in frame:
                results.append(book.apply(decode(frame)))
        (entry,) = [entry for entry in sandbox.entries if entry["what"] == "fault"]
        assert entry["sent"] == [frame]
        assert {entry[name] for name in ("name", "symbol", "channel")} == {"wrong_digit", "BTC/USD", "book"}
    finally:
        socket.close()
        socket.shutdown()
