"""Faults all the time, while a stream against a sandbox goes on: what the runs of chaos share."""

import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

import requests

from krakencli.feed import Feed
from krakencli.sandbox import Sandbox
from krakencli.stage import Stage


class Run(Protocol):
    """A stream under way."""

    feed: Feed

    @property
    def stage(self) -> Stage: ...

    def turn(self) -> None:
        """Take what came, and let time pass."""

    def follow(self, steps: Any) -> None:
        """Keep what the stage gives."""


def common(rng: random.Random, symbol: str, own: dict[str, Any], *, at: int) -> list[dict[str, Any]]:
    """What a stream of trades has to bear over either protocol, and what is its `own`, in a place of its own:
    a seed brings the same faults as ever.
    """
    kinds: list[dict[str, Any]] = [
        {"name": "drop_connection", "after": 0},
        {"name": "drop_connection", "after": 3},
        {"name": "close", "code": rng.choice([1001, 1011, 1012]), "after": 0},
        {"name": "garbage", "after": 0},
        {"name": "fragmented", "after": 0, "times": 3},
        {"name": "lose_trades", "symbol": symbol, "times": rng.randint(1, 4)},
        {"name": "reorder_trades", "symbol": symbol},
        {"name": "lose_ack", "channel": "trade"},
        {"name": "rest_late", "path": "/0/public/Trades", "seconds": 0.3},
        {"name": "rest_status", "path": "/0/public/Trades", "status": 502},
        {"name": "rest_lag", "symbol": symbol, "trades": 3},
    ]
    kinds.insert(at, own)
    return kinds


def play(
    exchange: Sandbox,
    run: Run,
    fault: Callable[[], dict[str, Any]],
    calm: Callable[[], None],
    seconds: float,
    every: float,
) -> Counter[str]:
    """Stream so long, with a fault so often, then until it is calm; which faults were delivered."""
    run.feed.start()
    end, next_fault = time.monotonic() + seconds, time.monotonic() + 1.0
    while time.monotonic() < end:
        run.turn()
        if time.monotonic() >= next_fault:
            next_fault += every
            answer = requests.post(f"{exchange.addresses.rest}/sandbox/fault", json=fault(), timeout=10)
            assert answer.status_code == 200, answer.text
    calm()
    run.follow(run.stage.release(time.monotonic()))
    run.feed.close()
    return Counter(entry["name"] for entry in exchange.entries if entry["what"] == "fault")
