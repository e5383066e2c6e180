"""Trades without ids while connections, frames and REST go wrong all the time, audited: nothing is lost.

Real sockets over API v1, real threads, the whole stage; only the unit of time is shorter. The sandbox's own
trades, told by its REST in the end, are the measure: each was printed once, or lies in a gap that was told.
"""

import json
import random
import sys
import time
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import requests

from krakencli.clock import Clock
from krakencli.continuity import Joined, RowsWanted
from krakencli.feed import Feed, RawFrame, Speech
from krakencli.model import News, Run, Subscription
from krakencli.protocol.messages import Update
from krakencli.rest.backfill import Calls, Pace
from krakencli.rest.client import Client
from krakencli.rest.pages import TradePage, trade_page
from krakencli.sandbox import Sandbox, Settings
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link
from krakencli.unbroken_v1 import JoinedTrades

from .chaos import common, play

UNIT = 0.05
"""Twenty times faster than life: every delay, time-out, budget and pause between calls."""
SYMBOLS = [f"S{number:04}/USD" for number in range(1, 7)]
AUDIT = 2.0
_SIDES, _TYPES = {"b": "buy", "s": "sell"}, {"l": "limit", "m": "market"}

Key = tuple[Decimal, Decimal, str, str]


def key(price: str, qty: str, side: str, kind: str) -> Key:
    return Decimal(price), Decimal(qty), side, kind


class Stream:
    """One audited stream of trades against a sandbox, and what it gave."""

    def __init__(self, exchange: Sandbox) -> None:
        self.exchange, self.pace = exchange, Pace()
        self.printed: defaultdict[str, defaultdict[Key, list[Decimal]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self.marked = 0
        self.news: Counter[str] = Counter()
        self.told: list[News] = []
        clock = Clock(unit=UNIT)
        inbox: Inbox[Arrival] = Inbox()
        url = exchange.addresses.ws_v1
        self.feed = Feed(
            [Subscription("trade", symbol) for symbol in SYMBOLS],
            lambda _, to: Link(url, to, timeout=2.0),
            inbox,
            clock=clock,
            retry=-1,
            per_connection=3,
            speech=Speech(api="v1"),
        )
        joined = Joined(fill_timeout=400.0, audit_every=AUDIT, unit=UNIT)
        self.stage = JoinedTrades(joined, self.feed, self.ask)

    def ask(self, wanted: RowsWanted) -> TradePage | None:
        with Client(self.exchange.addresses.rest, unit=UNIT, delays=()) as client:
            calls = Calls(client, 20.0, time.monotonic, time.sleep, UNIT, pace=self.pace)
            return trade_page(calls, wanted.symbol.replace("/", ""), wanted.symbol, wanted.since)

    def turn(self) -> None:
        now = time.monotonic()
        for event in self.feed.poll(0.02):
            if isinstance(event, News):
                self.news[event.type] += 1
                self.stage.hear(event, now)
            elif isinstance(event, Update) and event.channel == "trade":
                self.follow(self.stage.take([event], now))
            assert not isinstance(event, RawFrame)
        self.follow(self.stage.tick(now))

    def follow(self, steps: Any) -> None:
        for step in steps:
            if isinstance(step, News):
                self.news[step.type] += 1
                self.told.append(step)
                continue
            assert isinstance(step, Run)
            for symbol, item in step.records:
                one = json.loads(bytes(item), parse_float=str)
                micro = Decimal(round(datetime.fromisoformat(one["timestamp"]).timestamp() * 10**6)) / 10**6
                of_it = key(one["price"], one["qty"], one["side"], one["ord_type"])
                self.printed[str(symbol)][of_it].append(micro)
                self.marked += "source" in one


def fault(rng: random.Random) -> dict[str, Any]:
    """One of those that a stream of trades has to bear."""
    symbol = rng.choice(SYMBOLS)
    ended = {"name": "end_subscription", "symbol": symbol, "channel": "trade"}
    return rng.choice(common(rng, symbol, ended, at=7))


def chaos(seconds: float, every: float, seed: int) -> Stream:
    rng = random.Random(seed)
    settings = Settings(symbols=("ETH/USD",), synthetic=len(SYMBOLS), rate=900, seed=seed, keep_log=True)
    with Sandbox(settings) as exchange:
        run = Stream(exchange)
        told = play(exchange, run, lambda: fault(rng), lambda: calm(run), seconds, every)
        for symbol in SYMBOLS:
            check(run, symbol, made(exchange.addresses.rest, symbol))
    audited = sum(int(one["audited"]) for one in run.stage.figures(0.0).values())
    sys.stdout.write(f"{dict(told)}; {dict(run.news)}; {run.marked} backfilled, {audited} audited\n")
    assert told["lose_trades"] > 0
    return run


def calm(run: Stream) -> None:
    """Go on until everything is connected, no hole is open, and all has been compared since."""
    end = time.monotonic() + 20
    settled: float | None = None
    while time.monotonic() < end:
        run.turn()
        good = len(run.feed.active) == len(SYMBOLS) and not run.stage.waiting
        settled = (settled or time.monotonic()) if good else None
        if settled is not None and time.monotonic() - settled > 3 * len(SYMBOLS) * AUDIT * UNIT + 1:
            return


def made(rest: str, symbol: str) -> list[tuple[Decimal, Key]]:
    """Time and what else tells of all trades of a market, by REST, page after page."""
    found: dict[int, tuple[Decimal, Key]] = {}
    since = "0"
    while True:
        query = {"pair": symbol.replace("/", ""), "since": since}
        response = requests.get(f"{rest}/0/public/Trades", params=query, timeout=30)
        if response.status_code != 200:  # a fault that is not used up
            continue
        result = response.json(parse_float=Decimal)["result"]
        last = str(result.pop("last"))
        ((_, rows),) = result.items()
        for price, qty, when, side, kind, _, number in rows:
            found[number] = when, key(price, qty, _SIDES[side], _TYPES[kind])
        if len(rows) < 1000:
            return list(found.values())
        since = str(int(last) - 1)


def check(run: Stream, symbol: str, trades: list[tuple[Decimal, Key]]) -> None:
    """Every trade from the first to the last that were printed: once, or named by a gap, and nothing else."""
    printed = run.printed[symbol]
    times = [moment for those in printed.values() for moment in those]
    first, last = min(times), max(times)
    gaps = [one.fields for one in run.told if one.type == "gap" and one.fields["symbol"] == symbol]
    spans = [(stamp(one["from"]), stamp(one["to"])) for one in gaps]
    for when, alike in trades:
        fits = [moment for moment in sorted(printed[alike]) if abs(moment - when) <= Decimal("0.0000012")]
        if fits:
            printed[alike].remove(fits[0])
        elif first < when < last - Decimal(2):  # what is newer was not compared yet
            assert any(begin <= when <= end for begin, end in spans), (symbol, when, alike)
    assert not any(printed.values()), f"{symbol}: printed and never made, or twice"


def stamp(text: str) -> Decimal:
    return Decimal(round(datetime.fromisoformat(text).timestamp() * 10**6)) / 10**6


def test_nine_seconds_of_chaos_lose_nothing_unnamed() -> None:
    run = chaos(seconds=9.0, every=0.25, seed=7)
    assert run.marked > 0
    assert run.news["connected"] > 2
    assert {one.fields["reason"] for one in run.told if one.type == "backfilled"} == {"reconnect", "audit"}
    assert run.news["gap"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_minutes_of_chaos_lose_nothing_unnamed(seed: int) -> None:
    chaos(seconds=60.0, every=0.25, seed=seed)
