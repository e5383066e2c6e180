"""A server that cuts every connection after a few trades: files and threads stay as they were, and no trade
is lost. Seconds are a hundredth of real ones.
"""

import json
import sys
import threading
from collections import defaultdict
from pathlib import Path

import pytest

from .proc import descriptors, listed, resident, threads
from .program import Program, Running, eventually
from .server import Gone, Peer, Server, message, trade

UNIT = 0.01
SYMBOLS = [f"S{number:02}/USD" for number in range(10)]
"""One connection each."""
NEW, KNOWN = 3, 50
"""Trades that a connection brings, and those that the exchange shows in a snapshot."""


class Cutting:
    """Each connection brings three new trades and is cut, but those behind the first so many are held."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.opened = 0
        self._most = 0
        self._latest: defaultdict[str, int] = defaultdict(int)
        self._changed = threading.Condition()

    def cut_until(self, connections: int) -> None:
        """Let go what is held, until so many connections have been opened."""
        with self._changed:
            self._most = connections
            self._changed.notify_all()

    @property
    def all_held(self) -> bool:
        return self.held == set(SYMBOLS) and self.opened >= self._most + len(SYMBOLS)

    def __call__(self, peer: Peer) -> None:
        with self._changed:
            self.opened += 1
            number = self.opened
        peer.greet()
        (symbol,) = peer.grant()
        latest = self._latest[symbol]
        if peer.requests[0]["params"].get("snapshot"):
            known = (trade(one, symbol) for one in range(max(1, latest - KNOWN + 1), latest + 1))
            peer.send(message("trade", *known, type_="snapshot"))
        self._latest[symbol] = latest + NEW
        peer.send(*(message("trade", trade(latest + more, symbol)) for more in range(1, NEW + 1)))
        self._hold(peer, symbol, number)
        peer.cut()

    def _hold(self, peer: Peer, symbol: str, number: int) -> None:
        with self._changed:
            while number > self._most:
                self.held.add(symbol)
                try:
                    peer.send('{"channel":"heartbeat"}')
                except Gone:
                    self.held.remove(symbol)
                    raise
                self._changed.wait(5 * UNIT)
            self.held.discard(symbol)


def settled(running: Running, cutting: Cutting) -> tuple[int, int]:
    """Files and threads once every symbol has its connection, and each connection its one thread."""
    eventually(lambda: cutting.all_held, "a connection for each symbol")
    eventually(lambda: threads(running.pid) == 1 + len(SYMBOLS), "one thread a connection")
    return descriptors(running.pid), threads(running.pid)


def reconnect(program: Program, folder: Path, looks: range) -> None:
    """Compare what the program has open after so many reconnects."""
    cutting, path = Cutting(), folder / "trades.jsonl"
    with Server(cutting) as server, path.open("wb") as stdout:
        options = ["--per-connection", "1", "--retry", "forever", "--events", "--json", "-q"]
        running = program.hurried(UNIT, "trade", *SYMBOLS, "--url", server.url, *options, stdout=stdout)
        opened = []
        for reconnects in looks:
            cutting.cut_until(len(SYMBOLS) + reconnects)
            opened.append((*settled(running, cutting), resident(running.pid), cutting.opened))
        ended = program.interrupt(running)
    for one in opened:
        sys.stdout.write("{} files, {} threads, {:.1f} MiB after {} connections\n".format(*one))
    assert (ended.status, ended.err) == (130, "")
    early, late = opened[0], opened[-1]
    assert {one[:2] for one in opened} == {early[:2]}
    assert late[2] < early[2] + 5
    assert late[3] - len(SYMBOLS) >= looks[-1]
    check(path)


def check(path: Path) -> None:
    """Every trade of each symbol once, in order, and no gap."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    ids = defaultdict(list)
    for record in records:
        if record["channel"] == "trade":
            ids[record["symbol"]].append(record["trade_id"])
    assert set(ids) == set(SYMBOLS)
    for one in ids.values():
        assert one == list(range(1, len(one) + 1))
    kinds = {record["type"] for record in records if record["channel"] == "_feed"}
    assert kinds == {"connected", "disconnected", "reconnecting", "subscribed", "end"}


@listed
def test_sixty_reconnects_leave_nothing_open(program: Program, tmp_path: Path) -> None:
    reconnect(program, tmp_path, range(20, 61, 40))


@pytest.mark.slow
@listed
def test_a_thousand_reconnects_leave_nothing_open(program: Program, tmp_path: Path) -> None:
    reconnect(program, tmp_path, range(50, 1001, 190))
