"""level3: orders that rebuild to the exchange's checksum at every step, and to what `book` says."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from krakencli.sandbox.checksum import checksum
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.level3 import order_id

from .kit import RECORDINGS, SECOND, Client, WireBook, WireOrders, decode, make_exchange, play

DEPTHS = (10, 100, 1000)


@pytest.fixture
def exchange() -> Exchange:
    return make_exchange(symbols=("BTC/USD", "ETH/USD"), synthetic=260)


@pytest.fixture
def client(exchange: Exchange) -> Client:
    client = Client(exchange, Access.LEVEL3)
    client.take()
    return client


def times_off(frame: dict[str, Any]) -> dict[str, Any]:
    assert list(frame) == sorted(frame)
    assert frame.pop("time_in") < frame.pop("time_out")
    return frame


class Follower:
    """One symbol at one depth on both hosts, checked after each event."""

    def __init__(self, exchange: Exchange, symbol: str, depth: int) -> None:
        self.depth = depth
        self.orders, self.book = WireOrders(depth), WireBook(depth)
        self.clients = Client(exchange, Access.LEVEL3), Client(exchange)
        _, snapshot = self.clients[0].subscribe_orders(symbol, depth=depth)
        assert self.orders.apply(snapshot)
        _, snapshot = self.clients[1].subscribe_raw("book", symbol, depth=depth)
        assert self.book.apply(snapshot)
        self.seen: list[Any] = []

    def check(self, whole: bool) -> None:
        frames = [[decode(text) for text in client.take()] for client in self.clients]
        assert [len(one) for one in frames] in ([0, 0], [1, 1])
        for frame in frames[0]:
            self.seen += frame["data"][0]["bids"] + frame["data"][0]["asks"]
            assert self.orders.apply(frame)
            assert self.book.apply(frames[1][0])
            assert frame["data"][0]["timestamp"][:-4] + "Z" == frames[1][0]["data"][0]["timestamp"]
        for name in ("bids", "asks"):
            count = self.depth if whole else 10
            told = [tuple(int(text.replace(".", "")) for text in one) for one in self.book.top(name, count)]
            assert self.orders.levels(name, count) == told


@pytest.mark.parametrize(
    ("symbol", "events", "settings"),
    [
        ("BTC/USD", 1600, {"symbols": ("BTC/USD",)}),
        ("S0001/USD", 1200, {"symbols": ("BTC/USD",), "synthetic": 1}),
    ],
)
def test_the_orders_rebuild_to_the_checksum_and_to_the_levels_of_book(
    symbol: str, events: int, settings: dict[str, Any]
) -> None:
    exchange = make_exchange(**settings)
    followers = [Follower(exchange, symbol, depth) for depth in DEPTHS]
    for number, _ in enumerate(play(exchange, events)):
        for follower in followers:
            follower.check(whole=number % 100 == 0)
        bids, asks = (followers[0].orders.levels(name, 1) for name in ("bids", "asks"))
        assert bids[0][0] < asks[0][0]
    for follower in followers:
        assert {one["event"] for one in follower.seen} == {"add", "modify", "delete"}


def test_a_modified_order_keeps_its_place_and_its_time_wherever_it_stands(
    exchange: Exchange, client: Client
) -> None:
    book, behind, fresh = WireOrders(1000), 0, 0
    _, snapshot = client.subscribe_orders("BTC/USD", depth=1000)
    assert book.apply(snapshot)
    for _ in play(exchange, 2000):
        for frame in map(decode, client.take()):
            modified = [
                one
                for name in ("bids", "asks")
                for one in frame["data"][0][name]
                if one["event"] == "modify" and one["order_id"] in book.at
            ]
            added = frame["data"][0]["bids"] + frame["data"][0]["asks"]
            fresh += sum(one["timestamp"] == frame["data"][0]["timestamp"] for one in added)
            before = {one["order_id"]: book.queue(one["order_id"]) for one in modified}
            assert book.apply(frame)
            behind += sum(before[one["order_id"]][0] != one["order_id"] for one in modified)
    assert behind > 3
    assert fresh > 300
    for side in book.sides.values():
        for queue in side.values():
            stamps = [timestamp for _, _, timestamp in queue.values()]
            assert stamps == sorted(stamps)


def test_keys_and_digits_of_the_frames(exchange: Exchange, client: Client) -> None:
    """Key orders of the recorded frames; times of nine digits; numbers at the pair's precision."""
    _, snapshot = client.subscribe_orders("ETH/USD")
    for _ in play(exchange, 100):
        pass
    update = next(frame for frame in map(decode, client.take()) if frame["data"][0]["bids"])
    assert (list(snapshot), list(update)) == (["channel", "type", "data"],) * 2
    assert list(snapshot["data"][0]) == ["symbol", "checksum", "bids", "asks", "timestamp"]
    assert list(update["data"][0]) == ["checksum", "timestamp", "symbol", "bids", "asks"]
    fields = ["order_id", "limit_price", "order_qty", "timestamp"]
    orders, events = snapshot["data"][0]["asks"], update["data"][0]["bids"]
    assert (list(orders[0]), list(events[0])) == (fields, ["event", *fields])
    for order in orders + events:
        assert re.fullmatch(r"O[A-Z2-7]{5}-[A-Z2-7]{5}-[A-Z2-7]{6}", order["order_id"])
        assert re.fullmatch(r"\d+\.\d{2}", order["limit_price"])
        assert re.fullmatch(r"\d+\.\d{8}", order["order_qty"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", order["timestamp"])
    prices = [float(order["limit_price"]) for order in orders]
    assert prices == sorted(prices)
    assert len(set(prices)) == 10


@pytest.mark.parametrize("kind", ["snapshot", "update"])
def test_keys_are_those_of_a_recorded_frame(exchange: Exchange, client: Client, kind: str) -> None:
    file = RECORDINGS / "v2_public_2024.jsonl"
    if not file.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    frames = [json.loads(json.loads(line)["frame"]) for line in file.read_text().splitlines()]
    recorded = next(one for one in frames if (one.get("channel"), one.get("type")) == ("level3", kind))
    frames = client.subscribe_orders("BTC/USD")
    for _ in play(exchange, 100):
        pass
    frames += map(decode, client.take())
    mine = next(one for one in frames if one.get("type") == kind and one["data"][0]["bids"])
    assert list(mine) == list(recorded)
    assert list(mine["data"][0]) == list(recorded["data"][0])
    assert list(mine["data"][0]["bids"][0]) == list(recorded["data"][0]["bids"][0])


def test_the_documented_checksum() -> None:
    """The example of protocol notes §9.2: orders in queue order within their price."""
    asks = (
        "44939.5 4.52308393 0.00111261 0.00100000 0.01000000|44950.0 0.10334926|44953.0 0.00064537|"
        "44955.0 0.00250000|44959.6 0.35630000 0.35630000|44960.1 0.00338072|44960.2 0.88967575|"
        "44967.0 3.14392283|44978.5 0.06778960|44979.2 0.35630000"
    )
    bids = (
        "44939.4 0.88968699 0.45210000 0.10000000 0.14296323 0.25000000 0.10292988 0.33880000 1.28140860|"
        "44937.1 0.03346877|44934.7 0.35630000|44930.2 0.22734299 0.01000000 0.05550000 0.70000000 "
        "0.15000000|44928.0 0.00105240|44919.6 0.33870000|44919.5 0.07610000|44912.0 0.35630000|"
        "44909.7 0.06690000|44901.9 0.00088982"
    )
    orders = [
        [
            (int(price.replace(".", "")), int(qty.replace(".", "")))
            for price, *quantities in (level.split() for level in side.split("|"))
            for qty in quantities
        ]
        for side in (asks, bids)
    ]
    assert checksum(*orders) == 1063832831


def tape(seed: int) -> list[str]:
    exchange = make_exchange(symbols=("BTC/USD", "ETH/USD"), seed=seed)
    client = Client(exchange, Access.LEVEL3)
    client.subscribe_orders("ETH/USD", "BTC/USD", snapshot=False)
    for _ in play(exchange, 400):
        pass
    return client.take()


def test_one_seed_gives_the_same_orders_and_ids() -> None:
    first = tape(3)
    assert len(first) > 100
    assert first == tape(3)
    ids = [set(re.findall(r'"order_id":"([^"]+)"', "".join(one))) for one in (first, tape(4))]
    assert not ids[0] & ids[1]
    assert len({order_id(3, "BTC/USD", number) for number in range(5000)}) == 5000
    assert order_id(3, "BTC/USD", 1) != order_id(3, "ETH/USD", 1)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, {"depth": 10, "snapshot": True}),
        ({"depth": 100, "snapshot": True}, {"depth": 100, "snapshot": True}),
        ({"depth": 1000, "snapshot": False}, {"depth": 1000, "snapshot": False}),
    ],
)
def test_each_symbol_is_acknowledged_without_the_token(
    client: Client, params: dict[str, Any], expected: dict[str, Any]
) -> None:
    request = {"channel": "level3", "symbol": ["ETH/USD", "BTC/USD"], "token": client.token(), **params}
    frames = client.ask(method="subscribe", params=request, req_id=71)
    for ack, symbol in zip(frames[:2], ("ETH/USD", "BTC/USD"), strict=True):
        assert list(ack["result"]) == sorted(ack["result"])
        assert times_off(ack) == {
            "method": "subscribe",
            "req_id": 71,
            "result": {"channel": "level3", "symbol": symbol, **expected},
            "success": True,
        }
    snapshots = [(frame["type"], frame["data"][0]["symbol"]) for frame in frames[2:]]
    assert snapshots == ([("snapshot", "ETH/USD"), ("snapshot", "BTC/USD")] if expected["snapshot"] else [])


REFUSALS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"token": None}, {"channel": "level3", "error": "ESession:Invalid session", "status": "error"}),
    ({"token": "stale"}, {"channel": "level3", "error": "ESession:Invalid session", "status": "error"}),
    ({"depth": 25}, {"error": "Subscription depth not supported"}),
    ({"depth": 500}, {"error": "Subscription depth not supported"}),
    ({"depth": "10"}, {"error": "Subscription book depth must be an integer"}),
    ({"snapshot": "yes"}, {"error": "Snapshot field must be a boolean"}),
    ({"symbol": []}, {"error": "Symbol(s) not found"}),
    ({"interval": 1}, {"error": "Unsupported field: 'interval' for the given msg type: subscribe"}),
    ({"symbol": ["XBT/USD"]}, {"error": "Currency pair not supported XBT/USD", "symbol": "XBT/USD"}),
    (
        {"symbol": ["BTCUSD"]},
        {"error": "Currency pair not in ISO 4217-A3 format BTCUSD", "symbol": "BTCUSD"},
    ),
]


@pytest.mark.parametrize(("params", "expected"), REFUSALS)
def test_refusals_word_for_word(client: Client, params: dict[str, Any], expected: dict[str, Any]) -> None:
    request = {"channel": "level3", "symbol": ["BTC/USD"], "token": client.token(), **params}
    (answer,) = client.ask(method="subscribe", params=request)
    assert times_off(answer) == {"method": "subscribe", "success": False, **expected}


@pytest.mark.parametrize("depth", [10, 100])
def test_a_second_subscription_of_a_symbol_is_refused(client: Client, depth: int) -> None:
    client.subscribe_orders("BTC/USD")
    (answer,) = client.subscribe_orders("BTC/USD", depth=depth)
    assert times_off(answer) == {
        "error": "Already subscribed",
        "method": "subscribe",
        "success": False,
        "symbol": "BTC/USD",
    }


def test_unsubscribing_takes_the_token_and_the_depth(exchange: Exchange, client: Client) -> None:
    client.subscribe_orders("BTC/USD", depth=100)
    asked = {"channel": "level3", "symbol": ["BTC/USD"]}

    def unsubscribe(**params: Any) -> dict[str, Any]:
        (answer,) = client.ask(method="unsubscribe", params={**asked, **params})
        return times_off(answer)

    assert unsubscribe(depth=100)["error"] == "Token(s) not found"
    assert unsubscribe(depth=100, token="stale") == {
        "error": "EAPI:Invalid token",
        "method": "unsubscribe",
        "success": False,
    }
    assert unsubscribe(token=client.token()) == {
        "error": "Subscription Not Found",
        "method": "subscribe",
        "success": False,
        "symbol": "BTC/USD",
    }
    assert unsubscribe(depth=100, token=client.token()) == {
        "method": "unsubscribe",
        "result": {"channel": "level3", "depth": 100, "symbol": "BTC/USD"},
        "success": True,
    }
    for _ in play(exchange, 60):
        pass
    assert client.take() == []
    ack, snapshot = client.subscribe_orders("BTC/USD")
    assert (ack["success"], snapshot["type"]) == (True, "snapshot")


def test_a_token_stays_good_on_the_connection_that_it_opened(exchange: Exchange, client: Client) -> None:
    token = client.token()
    late = Client(exchange, Access.LEVEL3)
    assert client.subscribe("level3", "BTC/USD", token=token)[0]["success"] is True
    exchange.now.now += 901 * SECOND  # type: ignore[attr-defined]
    late.take()
    assert late.subscribe("level3", "BTC/USD", token=token)[0]["error"] == "ESession:Invalid session"
    assert client.subscribe("level3", "ETH/USD", token=token)[0]["success"] is True
    for symbol in ("BTC/USD", "ETH/USD"):
        params = {"channel": "level3", "symbol": [symbol], "token": token}
        assert client.ask(method="unsubscribe", params=params)[0]["success"] is True
    assert client.subscribe("level3", "ETH/USD", token=token)[0]["error"] == "ESession:Invalid session"


def synthetic(first: int, count: int) -> list[str]:
    return [f"S{number:04d}/USD" for number in range(first, first + count)]


@pytest.mark.parametrize(("depth", "most"), [(10, 40), (100, 8), (1000, 2)])
def test_the_snapshots_of_a_second_have_a_budget(client: Client, depth: int, most: int) -> None:
    answers = [
        one for one in client.subscribe_orders(*synthetic(1, most + 1), depth=depth) if "method" in one
    ]
    assert [answer["success"] for answer in answers] == [True] * most + [False]
    refused = f"S{most + 1:04d}/USD"
    words = (
        f"Rate limit for snapshot requests exceeded, when trying to subscribe to {refused} level3 snapshot"
    )
    assert times_off(answers[-1]) == {
        "channel": "level3",
        "error": words,
        "method": "subscribe",
        "status": "error",
        "success": False,
    }
    client.now = 0.99
    assert client.subscribe_orders(refused, depth=depth)[0]["error"] == words
    client.now = 1.0
    assert client.subscribe_orders(refused, depth=depth)[0]["success"] is True


def test_depths_share_one_budget(client: Client) -> None:
    """7 x 25 and 5 x 5 are 200."""
    answers = client.subscribe_orders(*synthetic(1, 7), depth=100, snapshot=False)
    answers += client.subscribe_orders(*synthetic(8, 6), snapshot=False)
    assert [answer["success"] for answer in answers] == [True] * 12 + [False]


def test_at_most_200_symbols_a_connection(client: Client) -> None:
    for step in range(5):
        client.now = step * 2.0
        answers = client.subscribe_orders(*synthetic(1 + 40 * step, 40), snapshot=False)
        assert all(answer["success"] for answer in answers)
    client.now = 60.0
    (answer,) = client.subscribe_orders("BTC/USD")
    assert "200 symbols" in times_off(answer)["error"]
    params = {"channel": "level3", "symbol": synthetic(7, 1), "token": client.token()}
    client.ask(method="unsubscribe", params=params)
    assert client.subscribe_orders("BTC/USD")[0]["success"] is True
