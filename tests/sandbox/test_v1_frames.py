"""v1's market data: the recordings' shapes, every checksum from the wire's own digits, windows, candles."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from krakencli.sandbox import Fault, Sandbox, Settings
from krakencli.sandbox.book import Book
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.window import Window

from .kit import RECORDINGS, SECOND, make_exchange, play
from .sockets import Socket
from .v1_kit import V1Book, V1Client, is_data

ONE, SMALL = ("BTC/USD",), ("SHIB/USD",)
DAY = 86_400


def run(pair: str, name: str, events: int, exchange: Exchange | None = None, **options: int) -> list[str]:
    """The frames of a channel, as text, the first ones included."""
    exchange = exchange or make_exchange(symbols=ONE)
    client = V1Client(exchange)
    request = {"event": "subscribe", "pair": [pair], "subscription": {"name": name, **options}}
    frames = client.ask_text(json.dumps(request))[1:]
    for _ in play(exchange, events):
        frames += client.take()
    return frames


def shape(value: Any) -> Any:
    """Keys in order and kinds of values, of texts with the form of the number; of equal rows one."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list):
        kinds = [shape(item) for item in value]
        alike = len(kinds) > 1 and all(isinstance(item, list) for item in value)
        return [kinds[0]] if alike and all(kind == kinds[0] for kind in kinds) else kinds
    return re.sub(r"\d+", "9", value) if isinstance(value, str) else type(value).__name__


def recorded(wanted: str, name: str = "v1_public_xbtusd_20231112") -> Any:
    """The first recorded frame in which a text stands."""
    file = RECORDINGS / f"{name}.jsonl"
    if not file.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    frames = [json.loads(line)["frame"] for line in file.read_text().splitlines()]
    return json.loads(next(frame for frame in frames if wanted in frame))


@pytest.mark.parametrize(
    ("wanted", "name", "options"),
    [
        ('"ticker","XBT/USD"', "ticker", {}),
        ('"ohlc-1","XBT/USD"', "ohlc", {"interval": 1}),
        ('"trade","XBT/USD"', "trade", {}),
        ('"spread","XBT/USD"', "spread", {}),
        ('"as":', "book", {"depth": 10}),
        ('{"b":', "book", {"depth": 10}),
        (',"r"]', "book", {"depth": 10}),
    ],
)
def test_frames_have_the_recorded_shape_and_channel_id(
    wanted: str, name: str, options: dict[str, int]
) -> None:
    expected = recorded(wanted)
    frames = [json.loads(frame) for frame in run("XBT/USD", name, 3000, **options)]
    assert {frame[0] for frame in frames} == {expected[0]}
    assert shape(expected) in [shape(frame) for frame in frames]


@pytest.mark.parametrize(
    ("wanted", "frame"),
    [
        ('"status":"subscribed"', 0),
        ('"connectionID"', -1),
        ('"heartbeat"', -2),
    ],
)
def test_control_frames_have_the_recorded_shape(wanted: str, frame: int) -> None:
    client = V1Client(make_exchange(symbols=ONE))
    (greeting,) = client.take()
    request = {"event": "subscribe", "pair": ["XBT/USD"], "reqid": 0, "subscription": {"name": "spread"}}
    said = client.ask_text(json.dumps({**request, "subscription": {"interval": 1, "name": "ohlc"}}))[:1]
    client.session.tick(0.0)
    client.session.tick(1.1)
    mine = [*said, *client.take(), greeting][frame]
    assert shape(json.loads(mine)) == shape(recorded(wanted))


@pytest.mark.parametrize("name", ["ticker", "ohlc", "trade", "spread", "book"])
def test_frames_are_compact(name: str) -> None:
    for frame in run("XBT/USD", name, 300):
        assert json.dumps(json.loads(frame), separators=(",", ":")) == frame


def test_the_book_of_these_tests_holds_the_recorded_checksums() -> None:
    file = RECORDINGS / "v1_book10_xdgusd_20230725.jsonl"
    if not file.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    book, lines = V1Book(10), file.read_text().splitlines()
    assert [book.apply(json.loads(json.loads(line)["frame"])) for line in lines] == [True] * 15


@pytest.mark.parametrize("depth", [10, 25, 100, 500, 1000])
@pytest.mark.parametrize(("symbol", "pair"), [("BTC/USD", "XBT/USD"), ("SHIB/USD", "SHIB/USD")])
def test_every_checksum_is_that_of_the_digits_on_the_wire(symbol: str, pair: str, depth: int) -> None:
    exchange, book = make_exchange(symbols=(symbol,)), V1Book(depth)
    frames = [json.loads(frame) for frame in run(pair, "book", 1500, exchange, depth=depth)]
    assert len(frames) > 500
    for frame in frames:
        assert book.apply(frame)
    truth = exchange.market(symbol).book
    assert len(book.asks) == min(depth, len(truth.asks.keys))
    assert len(book.bids) == min(depth, len(truth.bids.keys))


@pytest.mark.parametrize("events", [0, 1500])
def test_levels_carry_the_time_of_their_last_change(events: int) -> None:
    exchange, book = make_exchange(symbols=ONE), V1Book(10)
    for frame in run("XBT/USD", "book", events, exchange, depth=10):
        assert book.apply(json.loads(frame))
    for name, side in (
        ("asks", exchange.market("BTC/USD").book.asks),
        ("bids", exchange.market("BTC/USD").book.bids),
    ):
        for (_, _, stamp), key in zip(book.top(name, 10), side.keys, strict=False):
            assert stamp == f"{side.levels[key].time // SECOND}.{side.levels[key].time % SECOND // 1000:06d}"


def test_what_a_removal_brings_back_is_marked_in_the_same_frame() -> None:
    frames = [json.loads(frame) for frame in run("XBT/USD", "book", 1500, depth=10)]
    returned = twice = 0
    held = {"a": {row[0] for row in frames[0][1]["as"]}, "b": {row[0] for row in frames[0][1]["bs"]}}
    for frame in frames[1:]:
        for payload in frame[1:-2]:
            for name in payload.keys() & {"a", "b"}:
                prices = [row[0] for row in payload[name]]
                twice += len(set(prices)) < len(prices)
                for place, (price, qty, _, *mark) in enumerate(payload[name]):
                    if mark:
                        returned += 1
                        assert payload[name][place - 1][1] == "0.00000000"
                        assert price not in held[name]
                    (held[name].discard if qty == "0.00000000" else held[name].add)(price)
                held[name] = set(sorted(held[name], key=float, reverse=name == "b")[:10])
    assert returned > 20
    assert twice > 0


def test_both_sides_make_five_elements_with_one_checksum_in_the_last() -> None:
    frames = [json.loads(frame) for frame in run("XBT/USD", "book", 3000, depth=1000)][1:]
    both = [frame for frame in frames if len(frame) == 5]
    assert both
    for frame in both:
        assert (list(frame[1]), list(frame[2])) == (["a"], ["b", "c"])
    assert {len(frame) for frame in frames} == {4, 5}
    assert all(isinstance(frame[-3]["c"], str) for frame in frames)


def test_what_comes_back_into_a_window_has_its_old_time() -> None:
    asks = [300801, 301010, 301012, 301020, 301027, 301033, 301040, 301055, 301069, 301074]
    book = Book()
    for place, price in enumerate([*asks, 301080]):
        book.submit(False, price, 10 + place, time=place)
    book.drain()
    window = Window(book, 10)
    book.submit(True, 300801, 10, time=99)
    told = window.asks.tell(book.drain()[1])
    assert [tuple(one) for one in told] == [(300801, 0, None), (301080, 20, 10)]


@pytest.mark.parametrize("side", ["asks", "bids"])
def test_an_empty_side(side: Any) -> None:
    exchange = make_exchange(symbols=ONE)
    FaultDesk(exchange).set(Fault("empty_side", "BTC/USD", on="snapshot", side=side))
    (book,), (spread,), (ticker,) = (
        run("XBT/USD", name, 0, exchange) for name in ("book", "spread", "ticker")
    )
    payload = json.loads(book)[1]
    assert payload["as" if side == "asks" else "bs"] == []
    assert payload["bs" if side == "asks" else "as"] != []
    place = 1 if side == "asks" else 0
    assert (json.loads(spread)[1][place], json.loads(spread)[1][place + 3]) == ("0.00000", "0.00000000")
    assert json.loads(ticker)[1]["a" if side == "asks" else "b"] == ["0.00000", 0, "0.00000000"]


def test_a_candle_comes_with_each_trade_and_is_not_closed() -> None:
    exchange = make_exchange(symbols=ONE)
    client = V1Client(exchange)
    client.subscribe("ohlc", "XBT/USD")
    client.subscribe("trade", "XBT/USD")
    count, end, crossed, several = 0, "", 0, 0
    for _ in play(exchange, 4000):
        frames = client.decoded()
        trades = [row for frame in frames if frame[-2] == "trade" for row in frame[1]]
        candles = [frame[1] for frame in frames if frame[-2] == "ohlc-1"]
        assert [row[2] for row in trades] == [candle[0] for candle in candles]
        several += len(trades) > 1
        for candle, (price, *_) in zip(candles, trades, strict=True):
            crossed += bool(end) and candle[1] != end
            assert candle[8] == (count + 1 if candle[1] == end else 1) or not end
            assert (candle[5], float(candle[1]) % 60) == (price, 0)
            assert float(candle[1]) - 60 <= float(candle[0]) < float(candle[1])
            count, end = candle[8], candle[1]
    assert crossed > 0
    assert several > 0


def test_the_first_candle_is_the_last_that_had_a_trade() -> None:
    exchange = make_exchange(symbols=ONE, rate=0)
    (before,) = run("XBT/USD", "ohlc", 0, exchange)
    exchange.now.now += 7 * 3600 * SECOND  # type: ignore[attr-defined]
    (later,) = run("XBT/USD", "ohlc", 0, exchange)
    assert later == before
    assert float(json.loads(later)[1][1]) < exchange.now() / SECOND - 6 * 3600


def test_today_begins_at_midnight_utc() -> None:
    """Against every trade of the last day, as REST tells them."""
    exchange = make_exchange(symbols=ONE)
    frame = json.loads(run("XBT/USD", "ticker", 2000, exchange)[-1])[1]
    market = exchange.market("BTC/USD")
    midnight = market.time // SECOND // DAY * DAY * SECOND
    today = [trade for trade in market.trades.last(100_000) if trade.time >= midnight]
    prices = [f"{trade.price / 10:.5f}" for trade in today]
    assert frame["t"][0] == len(today)
    assert frame["t"][1] > len(today)
    assert (frame["o"][0], frame["h"][0], frame["l"][0]) == (prices[0], max(prices), min(prices))
    volume = sum(trade.qty for trade in today)
    assert frame["v"][0] == f"{volume // 10**8}.{volume % 10**8:08d}"
    assert frame["c"][0] == prices[-1]


def test_decimals_are_five_at_least_and_volumes_have_eight() -> None:
    for symbol, pair, decimals in (
        ("BTC/USD", "XBT/USD", 5),
        ("DOGE/USD", "XDG/USD", 7),
        ("SHIB/USD", "SHIB/USD", 9),
    ):
        exchange = make_exchange(symbols=(symbol,))
        price, ask, stamp, volume, _ = json.loads(run(pair, "spread", 0, exchange)[0])[1]
        assert {len(one.partition(".")[2]) for one in (price, ask)} == {decimals}
        assert (len(volume.partition(".")[2]), len(stamp.partition(".")[2])) == (8, 6)


def test_spread_moves_with_the_best_bid_and_ask() -> None:
    exchange, book = make_exchange(symbols=ONE), V1Book(10)
    client = V1Client(exchange)
    client.subscribe("spread", "XBT/USD")
    book.apply(client.subscribe("book", "XBT/USD")[1])
    best, moved, stamp = (*book.top("bids", 1)[0][:2], *book.top("asks", 1)[0][:2]), 0, ""
    for _ in play(exchange, 800):
        spreads = []
        for frame in filter(is_data, client.decoded()):
            if frame[-2] == "spread":
                spreads.append((frame[1][0], frame[1][3], frame[1][1], frame[1][4]))
                stamp = frame[1][2]
            else:
                book.apply(frame)
        now = (*book.top("bids", 1)[0][:2], *book.top("asks", 1)[0][:2])
        assert spreads == ([] if now == best else [now])
        moved += bool(spreads)
        best = now
    assert moved > 50
    assert json.loads(run("XBT/USD", "spread", 0, exchange)[0])[1][2] == stamp


def test_books_over_a_real_socket() -> None:
    pairs = ["XBT/USD", "SHIB/USD", "XDG/USD"]
    books, checked = {pair: V1Book(25) for pair in pairs}, dict.fromkeys(pairs, 0)
    with (
        Sandbox(Settings(rate=2000, symbols=("BTC/USD", "SHIB/USD", "DOGE/USD"))) as sandbox,
        Socket(sandbox.addresses.ws_v1) as client,
    ):
        client.send(event="subscribe", pair=pairs, subscription={"name": "book", "depth": 25})
        while min(checked.values()) < 100:
            frame = json.loads(client.text())
            if is_data(frame):
                assert books[frame[-1]].apply(frame)
                checked[frame[-1]] += 1
