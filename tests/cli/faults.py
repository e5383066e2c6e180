"""Runs of the whole program against a sandbox in which something goes wrong, and what both of them told.

The sandbox lives in the test's process, the program in one of its own, between them a real socket. Only time
is injected: `unit` is the length of a second, the program's and the sandbox's.
"""

import json
import re
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import requests

from krakencli.sandbox import Fault, Sandbox, Settings

from .program import PATIENCE, Ended, Program, Running, decoded

BTC, ETH = "BTC/USD", "ETH/USD"
BEGIN = ["connected", "subscribed"]
AGAIN = ["disconnected", "reconnecting", *BEGIN]
"""The news of a first connection, and of one that follows a loss."""
INCIDENTAL = ("lag", "backfilled")
"""News that depend on how fast the machine is; what was filled shows in the records."""

Record = dict[str, Any]
Until = Callable[[Record, Sequence[Record]], bool]
"""Whether this record, with the log as it is now, is the last that a test waits for."""


@dataclass
class Run:
    """What the program printed, and what the sandbox says that it sent and heard."""

    ended: Ended
    log: list[Record]

    @property
    def news(self) -> list[Record]:
        return [record for record in self.ended.records if record["channel"] == "_feed"]

    @property
    def records(self) -> list[Record]:
        return [record for record in self.ended.records if record["channel"] != "_feed"]

    def told(self, type_: str) -> list[Record]:
        return [one for one in self.news if one["type"] == type_]

    @property
    def course(self) -> list[str]:
        """The types of the news in their order, without the incidental ones."""
        return [one["type"] for one in self.news if one["type"] not in INCIDENTAL]

    @property
    def delays(self) -> list[float]:
        """What was waited before each new attempt."""
        return [float(one["delay"]) for one in self.told("reconnecting")]

    @property
    def figures(self) -> Record:
        """What the end says of the one subscription."""
        (figures,) = self.news[-1]["subscriptions"]
        return figures

    def entries(self, what: str) -> list[Record]:
        return [entry for entry in self.log if entry["what"] == what]

    def delivered(self, name: str) -> list[Record]:
        """What the sandbox's log tells of a fault."""
        return [entry for entry in self.entries("fault") if entry["name"] == name]

    def asked(self) -> list[tuple[int, str]]:
        """The requests that arrived, in their order, but for pings: connection and method."""
        return [(one["connection"], method(one)) for one in self.entries("receive") if method(one) != "ping"]

    def pings(self) -> list[Record]:
        return [one for one in self.entries("receive") if method(one) == "ping"]

    def ids(self, symbol: str = BTC) -> list[int]:
        """The printed trades of a symbol."""
        return [int(record["trade_id"]) for record in self.trades(symbol)]

    def filled(self, symbol: str = BTC) -> list[int]:
        """Those of them that are marked as REST's."""
        return [int(one["trade_id"]) for one in self.trades(symbol) if one.get("source") == "backfill"]

    def trades(self, symbol: str) -> list[Record]:
        return [one for one in self.records if one["channel"] == "trade" and one["symbol"] == symbol]

    def sent(self, symbol: str = BTC) -> set[int]:
        """The trades of a symbol that any socket was sent."""
        frames = [
            one["frame"] for one in self.entries("send") if one["frame"].startswith('{"channel":"trade"')
        ]
        return {int(number) for frame in frames if f'"{symbol}"' in frame for number in trade_ids(frame)}

    def calls(self, method: str = "Trades") -> list[Record]:
        """The calls of a method of REST that arrived."""
        return [one for one in self.entries("rest") if one["path"].endswith(f"/{method}")]


def run(
    program: Program,
    *arguments: str,
    faults: Sequence[Fault] = (),
    unit: float = 1.0,
    rate: float = 4000,
    until: Until | None = None,
) -> Run:
    """Run the program to its end, or interrupt it after the first record for which `until` is true."""
    settings = Settings(symbols=(BTC, ETH), rate=rate, keep_log=True, second=unit, faults=tuple(faults))
    with Sandbox(settings) as exchange:
        open_markets(exchange.addresses.rest)
        command = [*arguments, "--sandbox-url", exchange.addresses.rest, "--events", "--json"]
        running = program.start(*command) if unit == 1.0 else program.hurried(unit, *command)
        ended = (
            running.ended()
            if until is None
            else interrupted(running, lambda record: until(record, exchange.entries))
        )
        return Run(ended, list(exchange.entries))


def open_markets(rest: str) -> None:
    """A market comes into being when it is first asked for, and nobody hears a heartbeat meanwhile."""
    for pair in ("XBTUSD", "ETHUSD"):
        answer = requests.get(f"{rest}/0/public/OHLC", params={"pair": pair}, timeout=30)
        assert answer.json()["error"] == []


def interrupted(running: Running, until: Callable[[Record], bool]) -> Ended:
    lines, end = [running.line()], time.monotonic() + PATIENCE
    while not until(decoded(lines[-1:])[0]):
        assert time.monotonic() < end, "what the test waits for never came"
        lines.append(running.line())
    running.signal(signal.SIGINT)
    ended = running.ended()
    return replace(ended, out="".join(f"{line}\n" for line in lines) + ended.out)


def news(type_: str) -> Until:
    """Until news of this type."""
    return lambda record, _: record["channel"] == "_feed" and record["type"] == type_


def method(received: Record) -> str:
    """What a request that arrived asks for."""
    return str(json.loads(received["frame"])["method"])


def trade_ids(frame: str) -> list[int]:
    return [int(number) for number in re.findall(r'"trade_id":(\d+)', frame)]


def assert_unbroken(result: Run, symbol: str = BTC) -> None:
    """Every trade once, in order, without a hole; what no socket was sent is marked as REST's."""
    ids = result.ids(symbol)
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    assert set(ids) - result.sent(symbol) <= set(result.filled(symbol))
    assert result.told("gap") == []
