"""An account that trades while connections and messages are lost: every fill once, every end told.

The sandbox's own history is the reference. Real sockets, real processes; only the seconds are shorter.
"""

import random
import sys
import threading
import time
from collections import Counter
from typing import Any

import pytest
import requests

from krakencli.credentials import Credentials
from krakencli.errors import StreamError
from krakencli.rest.client import Client
from krakencli.sandbox import Sandbox, Settings

from .program import PATIENCE, Program, Running, decoded

UNIT = 0.05
FAULTS: list[dict[str, Any]] = [
    {"name": "drop_connection", "after": 0},
    {"name": "close", "code": 1001, "after": 0},
    {"name": "garbage", "after": 0},
    {"name": "lose_reports", "times": 2, "channel": "executions"},
    {"name": "rest_status", "path": "/0/private/TradesHistory", "status": 502},
    {"name": "rest_late", "path": "/0/private/QueryOrders", "seconds": 1.0},
]


class Bot:
    """Trades over REST with the key of the account that is streamed."""

    def __init__(self, exchange: Sandbox, seed: int) -> None:
        self.exchange = exchange
        self.keys = Credentials(exchange.api_key, exchange.api_secret)
        self.client = Client(exchange.addresses.rest)
        self.rng = random.Random(seed)
        self.orders: list[str] = []
        self.resting: list[str] = []

    def call(self, method: str, **params: Any) -> Any:
        """A call that may meet a full counter or another caller's nonce: again until it is answered."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.client.private(method, self.keys, **params)
            except StreamError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def trade(self) -> None:
        """A fill, or an order that rests, or the end of one that rested."""
        self.orders.append(self._add(self.rng.choice(("buy", "sell")), ordertype="market"))
        if self.rng.random() < 0.2:
            self.resting.append(self._add("buy", ordertype="limit", price="1000.0"))
        elif self.resting and self.rng.random() < 0.3:
            self._cancel(self.resting.pop(0))

    def finish(self) -> None:
        while self.resting:
            self._cancel(self.resting.pop())

    def _add(self, side: str, **more: Any) -> str:
        result = self.call("AddOrder", pair="XBTUSD", type=side, volume="0.001", **more)
        (name,) = result["txid"]
        return str(name)

    def _cancel(self, name: str) -> None:
        self.call("CancelOrder", txid=name)
        self.orders.append(name)

    def fills(self) -> dict[str, Any]:
        """All trades of the account, as its history tells them."""
        found: dict[str, Any] = {}
        while True:
            page = self.call("TradesHistory", ofs=len(found), consolidate_taker=False)
            found |= page["trades"]
            if len(found) >= page["count"]:
                return found


class Printed:
    """What the program prints, read as it comes."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.records: list[dict[str, Any]] = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with open(self.running.stdout, "rb", buffering=0, closefd=False) as out:
            rest = b""
            while piece := out.read(65536):
                *lines, rest = (rest + piece).split(b"\n")
                self.records += decoded(line.decode() for line in lines)

    def reports(self) -> list[dict[str, Any]]:
        return [one for one in list(self.records) if one["channel"] != "_feed"]

    def fills(self) -> list[str]:
        return [one["exec_id"] for one in self.reports() if one.get("exec_type") == "trade"]

    def ends(self) -> list[str]:
        final = ("filled", "canceled", "expired")
        return [one["order_id"] for one in self.reports() if one.get("exec_type") in final]

    def news(self) -> Counter[str]:
        return Counter(one["type"] for one in list(self.records) if one["channel"] == "_feed")

    @property
    def live(self) -> bool:
        last = [one["type"] for one in list(self.records) if one["channel"] == "_feed"]
        return bool(last) and last[-1] not in ("disconnected", "reconnecting", "connected")


@pytest.fixture(autouse=True)
def shared_nonces(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot's calls and the program's are those of one user: they count their nonces together."""
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        if name in program.environ:
            monkeypatch.setenv(name, program.environ[name])


STREAMS = {
    "v2": ("executions", "--fill-timeout", "600s"),
    "v1": (
        "watch",
        "openOrders:fill-timeout=600s",
        "ownTrades:consolidate-taker=false,fill-timeout=600s",
        "--api",
        "v1",
    ),
}


def chaos(program: Program, api: str, rounds: int, seed: int) -> None:
    settings = Settings(symbols=("BTC/USD",), rate=400, second=UNIT, seed=seed, tier="pro", keep_log=True)
    with Sandbox(settings) as exchange:
        bot = Bot(exchange, seed)
        base = exchange.addresses.rest
        options = ("--events", "--json", "--retry", "forever", "--tier", "pro")
        running = program.hurried(UNIT, *STREAMS[api], "--sandbox-url", base, *options)
        printed = Printed(running)
        wait_until(lambda: printed.live)
        unheard = 0
        for number in range(rounds):
            fault = dict(FAULTS[number % len(FAULTS)])
            if "channel" in fault and api == "v1":
                fault["channel"] = ("openOrders", "ownTrades")[number // len(FAULTS) % 2]
            answer = requests.post(f"{base}/sandbox/fault", json=fault, timeout=10)
            assert answer.status_code == 200, answer.text
            for _ in range(bot.rng.randint(2, 6)):
                before = len(bot.orders)
                bot.trade()
                unheard += 0 if printed.live else len(bot.orders) - before
            if number % len(FAULTS) < 3:
                wait_until(lambda: printed.live)
        bot.finish()
        due = bot.fills()
        wait_until(lambda: len(printed.fills()) >= len(due) and len(printed.ends()) >= len(bot.orders))
        running.kill()
        faults = Counter(one["name"] for one in exchange.entries if one["what"] == "fault")
    sys.stdout.write(f"{dict(faults)}; {dict(printed.news())}; {len(due)} fills, {unheard} unheard\n")
    by_time = sorted(due, key=lambda name: (due[name]["time"], due[name]["trade_id"]))
    assert printed.fills() == by_time
    assert Counter(printed.ends()) == Counter(bot.orders)
    assert printed.news()["gap"] == 0
    assert unheard >= rounds // 4
    assert faults["drop_connection"] > 0
    assert faults["lose_reports"] > 0


def wait_until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)


@pytest.mark.parametrize("api", STREAMS)
def test_an_account_in_chaos_loses_no_fill_and_no_end(program: Program, api: str) -> None:
    chaos(program, api, rounds=18, seed=7)


@pytest.mark.slow
@pytest.mark.parametrize("api", STREAMS)
@pytest.mark.parametrize("seed", range(3))
def test_an_account_in_long_chaos_loses_nothing(program: Program, api: str, seed: int) -> None:
    chaos(program, api, rounds=150, seed=seed)
