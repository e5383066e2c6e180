"""A reader that does not read: nothing is lost, memory stays, no connection of our own making is renewed."""

import json
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest

from krakencli.sandbox import Sandbox, Settings

from .proc import resident
from .program import Program, eventually

STUCK = 5.0
"""Seconds for which nobody reads: longer than the lag that is worth a word, much longer than a pipe holds."""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_slow_reader_loses_nothing_and_hears_of_its_lag(program: Program) -> None:
    with Sandbox(Settings(symbols=("BTC/USD", "ETH/USD"), rate=6000, keep_log=True)) as exchange:
        running = program.start(
            "trade", "BTC/USD", "ETH/USD", "--sandbox-url", exchange.addresses.rest,
            "--events", "--json", "--duration", f"{STUCK + 4}s",
        )  # fmt: skip
        running.line()
        began = time.monotonic()
        eventually(lambda: time.monotonic() - began > STUCK, "the time for which nobody reads")
        memory = resident(running.pid)
        ended = running.ended()
        sent = sum(entry["what"] == "open" and entry["path"] == "/v2" for entry in exchange.entries)
    assert (ended.status, sent) == (0, 1)
    assert memory < 100
    records = [json.loads(line) for line in ended.lines]
    ids = defaultdict(list)
    for record in records:
        if record["channel"] == "trade":
            ids[record["symbol"]].append(record["trade_id"])
    assert set(ids) == {"BTC/USD", "ETH/USD"}
    for one in ids.values():
        assert all(after == before + 1 for before, after in pairwise(one))
    assert sum(map(len, ids.values())) > 2000
    kinds = [record["type"] for record in records if record["channel"] == "_feed"]
    assert set(kinds) <= {"subscribed", "lag", "end"}
    lags = [record for record in records if record["type"] == "lag"]
    assert max(record["seconds"] for record in lags) > 2
    behind, *_ = [line for line in ended.err.splitlines() if "behind the exchange" in line]
    assert behind.startswith("kraken-stream: ")
