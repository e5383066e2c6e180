"""What stops a stream from outside: a disk that fills up, a reader that leaves many connections behind, and
SIGSTOP for longer than any watchdog waits.
"""

import json
import os
import signal
import threading
import time
from collections import defaultdict
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from .program import COMMAND, PATIENCE, Program, Running, eventually
from .server import Peer, Server, message, streams, trade

UNIT = 0.02
STOPPED_FOR = 30 * UNIT
"""Longer than the twenty seconds after which a silent connection is given up."""
SYMBOLS = [f"S{number:02}/USD" for number in range(20)]
ROOM = 16 * 1024
"""Bytes that a file may have."""


def flood(peer: Peer) -> None:
    for start in count(0, 100):
        peer.send(*(message("trade", trade(number)) for number in range(start, start + 100)))


def failure(err: str, *, as_json: bool) -> str:
    """The message of the one line that ended it."""
    (line,) = err.splitlines()
    return str(json.loads(line)["message"]) if as_json else line


@pytest.mark.parametrize("more", ["", "--json", "-q", "-q -f csv", "-f raw", "--events", "-f table"])
def test_a_disk_that_is_full_from_the_start(program: Program, more: str) -> None:
    with Server(streams(then=flood)) as server, Path("/dev/full").open("wb") as full:
        ended = program.run("trade", "BTC/USD", "--url", server.url, *more.split(), stdout=full)
    assert ended.status == 74
    assert "cannot write the output: no space left" in failure(ended.err, as_json=more == "--json")


@pytest.mark.parametrize("more", ["", "--json", "-q", "-f csv", "-f raw", "--events", "-f table"])
def test_a_disk_that_fills_up(program: Program, tmp_path: Path, more: str) -> None:
    """A limit of the file's size stands for it: the kernel takes a part of the last write, then none."""
    path = tmp_path / "trades"
    limited = ["sh", "-c", f'ulimit -f {ROOM // 512}; exec "$@" > "$FILE"', "sh", *COMMAND]
    with Server(streams(then=flood)) as server:
        line = ["trade", "BTC/USD", "--url", server.url, *more.split()]
        ended = program.start_other([*limited, *line], env={"FILE": str(path)}).ended()
    assert ended.status == 74
    assert "cannot write the output: file too large" in failure(ended.err, as_json=more == "--json")
    assert path.stat().st_size == ROOM
    if more in ("", "--json", "-q"):
        *lines, _ = path.read_text().split("\n")
        assert [json.loads(line)["trade_id"] for line in lines] == list(range(len(lines)))


def test_head_leaves_many_connections(program: Program) -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        (symbol,) = peer.grant()
        for number in count():
            peer.send(message("trade", trade(number, symbol)))

    with Server(script) as server:
        stream = f"kraken-stream trade {' '.join(SYMBOLS)} --per-connection 1 --url {server.url}"
        ended = program.shell(f"{stream} | head -3; echo ${{PIPESTATUS[0]}}")
    assert (ended.lines[-1], ended.err) == ("0", "")
    assert len(ended.lines) == 4


class Steady:
    """One trade a unit of time on each connection, a snapshot where it is asked for; numbered on, but between
    two connections ten trades are made.
    """

    def __init__(self, known: int = 50) -> None:
        self.latest = 0
        self.known = known
        self.cut, self.gone = threading.Event(), threading.Event()

    def __call__(self, peer: Peer) -> None:
        peer.greet()
        peer.grant()
        if peer.number > 1:
            self.latest += 10
        if peer.requests[0]["params"].get("snapshot"):
            known = map(trade, range(max(1, self.latest - self.known + 1), self.latest + 1))
            peer.send(message("trade", *known, type_="snapshot"))
        while not (peer.number == 1 and self.cut.is_set()):
            self.latest += 1
            peer.send(message("trade", trade(self.latest)))
            time.sleep(UNIT)  # the pace is what is sent
        self.gone.set()
        peer.cut()


def stop(running: Running) -> None:
    """SIGSTOP; returns when the process stands still."""
    running.signal(signal.SIGSTOP)
    os.waitid(os.P_PID, running.pid, os.WSTOPPED | os.WNOWAIT)


def stand_still(running: Running) -> None:
    stop(running)
    began = time.monotonic()
    eventually(lambda: time.monotonic() - began > STOPPED_FOR, "the time for which it stands still")
    running.signal(signal.SIGCONT)


def hurried(program: Program, *arguments: str) -> Running:
    return program.hurried(UNIT, *arguments, "--events", "--json", "-q")


def read_until(running: Running, number: int) -> list[dict[str, Any]]:
    """Records up to that trade."""
    records = [json.loads(running.line())]
    while records[-1].get("trade_id", 0) < number:
        records.append(json.loads(running.line()))
    return records


def by_kind(records: list[dict[str, Any]]) -> tuple[list[int], dict[str, list[dict[str, Any]]]]:
    """The ids of the trades, and the news by type."""
    news = defaultdict(list)
    for record in records:
        if record["channel"] == "_feed":
            news[record["type"]].append(record)
    return [record["trade_id"] for record in records if record["channel"] == "trade"], news


def test_a_stream_that_stood_still_goes_on(program: Program) -> None:
    """The server has sent on meanwhile: nobody was silent, so the connection is kept."""
    steady = Steady()
    with Server(steady) as server:
        running = hurried(program, "trade", "BTC/USD", "--url", server.url)
        records = read_until(running, 1)
        for _ in range(5):
            stand_still(running)
            records += read_until(running, steady.latest)
        ended = program.interrupt(running)
    ids, news = by_kind(records)
    assert ids == list(range(1, len(ids) + 1))
    assert set(news) - {"lag"} == {"connected", "subscribed"}
    assert (ended.status, ended.err) == (130, "")


def cut_while_standing_still(program: Program, steady: Steady) -> tuple[list[int], dict[str, list[Any]]]:
    with Server(steady) as server:
        running = hurried(program, "trade", "BTC/USD", "--url", server.url)
        records = read_until(running, 1)
        stop(running)
        steady.cut.set()
        assert steady.gone.wait(PATIENCE)
        stand_still(running)
        eventually(lambda: len(server.peers) == 2 and server.peers[1].requests, "the next connection")
        records += read_until(running, steady.latest + 10)
        assert program.interrupt(running).status == 130
    return by_kind(records)


def test_what_a_cut_took_meanwhile_is_filled(program: Program) -> None:
    ids, news = cut_while_standing_still(program, Steady(known=200))
    assert ids == list(range(1, len(ids) + 1))
    assert {kind: len(told) for kind, told in news.items() if kind != "lag"} == {
        "connected": 2,
        "subscribed": 2,
        "disconnected": 1,
        "reconnecting": 1,
    }


def test_what_a_cut_took_for_good_is_named(program: Program) -> None:
    ids, news = cut_while_standing_still(program, Steady(known=2))
    (gap,) = news["gap"]
    missing = range(gap["first_id"], gap["last_id"] + 1)
    assert gap["missing"] == len(missing) >= 8
    assert sorted([*ids, *missing]) == list(range(1, ids[-1] + 1))
    assert ids == sorted(ids)
    assert "stall" not in news


def test_snapshots_that_came_while_it_stood_still_are_no_stalls(program: Program) -> None:
    standing = threading.Event()

    def script(peer: Peer) -> None:
        peer.greet()
        (symbol,) = peer.grant()
        standing.wait()
        peer.send(message("ticker", f'{{"symbol":"{symbol}","last":64000.1}}', type_="snapshot"))
        peer.hang()

    with Server(script) as server:
        running = hurried(program, "ticker", *SYMBOLS, "--per-connection", "1", "--url", server.url)
        records: list[dict[str, Any]] = []
        while [record["type"] for record in records].count("subscribed") < len(SYMBOLS):
            records.append(running.record())
        stop(running)
        standing.set()
        stand_still(running)
        later = [running.record() for _ in SYMBOLS]
        ended = program.interrupt(running)
    assert {record["type"] for record in records} == {"connected", "subscribed"}
    assert sorted(record.get("symbol", "") for record in later) == SYMBOLS
    assert {record["type"] for record in later} == {"snapshot"}
    assert [record["type"] for record in ended.records] == ["end"]
    assert (ended.status, ended.err) == (130, "")
