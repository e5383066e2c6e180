"""One seed, one market: runs repeat byte for byte, seeds and symbols do not disturb each other."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from krakencli.sandbox.exchange import Exchange

from .kit import Client, make_exchange, play
from .traders import Trader

CHANNELS: tuple[dict[str, Any], ...] = (
    {"channel": "ticker", "event_trigger": "bbo"},
    {"channel": "trade", "snapshot": True},
    {"channel": "book", "depth": 25},
    {"channel": "ohlc", "interval": 5},
)


def run(events: int = 800, exchange: Exchange | None = None, **settings: Any) -> list[str]:
    """All public data frames about the two pairs of one run."""
    exchange = exchange or make_exchange(symbols=("BTC/USD", "DOGE/USD"), **settings)
    client = Client(exchange)
    for params in CHANNELS:
        client.session.receive(subscribe(**params), 0.0)
    while client.session.work():
        pass
    for _ in play(exchange, events):
        pass
    return [frame for frame in client.raw if frame.startswith('{"channel"') and '"status"' not in frame]


def subscribe(**params: Any) -> str:
    return json.dumps({"method": "subscribe", "params": {**params, "symbol": ["BTC/USD", "DOGE/USD"]}})


def test_two_runs_with_one_seed_are_equal() -> None:
    first, second = run(seed=7), run(seed=7)
    assert len(first) > 500
    # The only clock-bound text is the date of an ohlc snapshot message, and the clock is the market's.
    assert first == second


def test_another_seed_is_another_market() -> None:
    tapes = []
    for seed in (7, 8):
        exchange = make_exchange(symbols=("BTC/USD",), seed=seed)
        tapes.append(exchange.market("BTC/USD").trades.last(200))
    first, second = ([(trade.price, trade.qty) for trade in tape] for tape in tapes)
    assert len(set(first) & set(second)) < 20
    first_times, second_times = ({trade.time for trade in tape} for tape in tapes)
    assert not first_times & second_times


def test_symbols_do_not_disturb_each_other() -> None:
    """A pair trades the same with or without a neighbour; only the share of the rate must be the same."""
    alone = make_exchange(symbols=("BTC/USD",), rate=40)
    beside = make_exchange(symbols=("BTC/USD", "DOGE/USD"), rate=50)
    tapes = []
    for exchange in (alone, beside):
        market = exchange.market("BTC/USD")
        for symbol in exchange.listing.pairs:
            exchange.market(symbol)
        for _ in play(exchange, 1000):
            pass
        tapes.append(market.trades.last(10**6))
    shortest = min(map(len, tapes))
    assert shortest > 300
    assert tapes[0][:shortest] == tapes[1][:shortest]


def test_a_market_asked_for_late_has_the_data_it_would_have_had() -> None:
    early, late = make_exchange(seed=3, rate=400), make_exchange(seed=3, rate=400)
    early.market("BTC/USD")
    for _ in play(early, 500):
        pass
    late.now.now = early.now()  # type: ignore[attr-defined]
    assert late.market("BTC/USD").trades.last(200) == early.market("BTC/USD").trades.last(200)
    frames = [Client(one).subscribe_raw("book", "BTC/USD", depth=1000)[1] for one in (early, late)]
    assert frames[0] == frames[1]


def test_connection_ids_are_seeded_and_pass_two_to_the_63() -> None:
    ids = [make_exchange(seed=1).connection_id() for _ in range(2)]
    assert ids[0] == ids[1]
    exchange = make_exchange(seed=1)
    many = [exchange.connection_id() for _ in range(50)]
    assert len(set(many)) == 50
    assert 10 < sum(one >= 2**63 for one in many) < 40
    assert max(many) < 2**64


def test_idle_accounts_leave_no_trace_in_the_public_feeds() -> None:
    """The digest was taken before there were accounts; a change of the flow or of a frame may renew it."""
    frames = run(seed=7)
    digest = hashlib.sha256("\n".join(frames).encode()).hexdigest()
    assert digest == "8d58008c9452a27b28791062544682e5d0a7f8d1281dc74d0d9923c661cdd73e"
    idle = make_exchange(symbols=("BTC/USD", "DOGE/USD"), seed=7)
    watchers = [Trader(idle, number, "executions", "balances") for number in (1, 2)]
    assert run(seed=7, exchange=idle) == frames
    assert all(watcher.news() == [] for watcher in watchers)
