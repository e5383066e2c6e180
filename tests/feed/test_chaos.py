"""Twenty symbols of trades while connections, frames and REST go wrong all the time: nothing is lost.

Real sockets, real threads, the whole stage of trades; only the unit of time is shorter.
"""

import json
import random
import sys
import time
from collections import Counter, defaultdict
from typing import Any

import pytest

from krakencli.clock import Clock
from krakencli.continuity import Continuity, FillWanted
from krakencli.feed import Feed, RawFrame
from krakencli.model import News, Run, Subscription
from krakencli.protocol.messages import Update
from krakencli.rest.backfill import Missing, trades
from krakencli.rest.client import Client
from krakencli.sandbox import Sandbox, Settings
from krakencli.stage import Step
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link
from krakencli.unbroken import Trades

from .chaos import common, play

UNIT = 0.05
"""Twenty times faster than life: every delay, time-out and budget."""
SYMBOLS = [f"S{number:04}/USD" for number in range(1, 21)]


class Stream:
    """One stream of trades against a sandbox, and what it gave."""

    def __init__(self, exchange: Sandbox) -> None:
        self.exchange = exchange
        self.printed: defaultdict[str, list[int]] = defaultdict(list)
        self.marked = 0
        self.news: Counter[str] = Counter()
        self.gaps: list[dict[str, Any]] = []
        clock = Clock(unit=UNIT)
        inbox: Inbox[Arrival] = Inbox()
        url = exchange.addresses.ws_public
        wanted = [Subscription("trade", symbol) for symbol in SYMBOLS]
        self.feed = Feed(
            wanted, lambda _, to: Link(url, to, timeout=2.0), inbox, clock=clock, retry=-1, per_connection=5
        )
        self.stage = Trades(Continuity(fill_timeout=200.0, unit=UNIT), self.feed, self.ask)

    def ask(self, wanted: FillWanted) -> dict[int, bytes]:
        missing = Missing(
            wanted.symbol.replace("/", ""), wanted.symbol, wanted.first_id, wanted.last_id, wanted.after
        )
        with Client(self.exchange.addresses.rest, unit=UNIT) as client:
            return trades(client, missing, within=8.0, clock=time.monotonic, sleep=time.sleep, unit=UNIT)

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
        step: Step
        for step in steps:
            if isinstance(step, Run):
                for symbol, item in step.records:
                    record = json.loads(bytes(item))
                    self.printed[str(symbol)].append(record["trade_id"])
                    self.marked += "source" in record
            else:
                self.news[step.type] += 1
                if step.type == "gap":
                    self.gaps.append(step.fields)


def fault(rng: random.Random) -> dict[str, Any]:
    """One of those that a stream of trades has to bear."""
    symbol = rng.choice(SYMBOLS)
    return rng.choice(common(rng, symbol, {"name": "duplicate_trades", "symbol": symbol}, at=6))


def chaos(seconds: float, every: float, seed: int) -> Stream:
    rng = random.Random(seed)
    settings = Settings(symbols=("ETH/USD",), synthetic=len(SYMBOLS), rate=2500, seed=seed, keep_log=True)
    with Sandbox(settings) as exchange:
        run = Stream(exchange)
        told = play(exchange, run, lambda: fault(rng), lambda: calm(run), seconds, every)
    sys.stdout.write(f"{dict(told)}; {dict(run.news)}; {run.marked} backfilled\n")
    check(run)
    return run


def calm(run: Stream) -> None:
    """Go on until everything is connected and no hole is open, or long enough."""
    end = time.monotonic() + 12
    while time.monotonic() < end:
        run.turn()
        if len(run.feed.active) == len(SYMBOLS) and not run.stage.waiting:
            return


def check(run: Stream) -> None:
    """Ids are consecutive: every trade from the first to the last printed, once and in order. No gap excuses
    what REST has.
    """
    assert set(run.printed) == set(SYMBOLS)
    for symbol, ids in run.printed.items():
        assert ids == list(range(ids[0], ids[-1] + 1)), symbol
    assert [gap for gap in run.gaps if "first_id" in gap] == []


def test_twenty_seconds_of_chaos_lose_nothing() -> None:
    run = chaos(seconds=18.0, every=0.2, seed=7)
    recoveries = run.news["connected"] - 4 + run.news["backfilled"]
    assert recoveries >= 30
    assert run.marked > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_minutes_of_chaos_lose_nothing(seed: int) -> None:
    chaos(seconds=60.0, every=0.2, seed=seed)
