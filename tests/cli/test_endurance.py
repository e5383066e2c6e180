"""What a stream holds after millions of trades: no more than after the first ones, and nothing is lost."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from .proc import listed, resident
from .program import Program

HERE = Path(__file__).parent
MILLION = 1_000_000
MOST_GROWTH = 5.0
"""MiB."""
LOOK_EVERY = 50_000
"""Records between two looks at the memory."""


def soak(program: Program, *, first: int, last: int, symbols: tuple[str, ...]) -> None:
    """Stream trades to a reader that only counts; compare the memory at two numbers of records."""
    server = program.start_other([sys.executable, HERE / "flood.py", *symbols])
    running = program.start("trade", *symbols, "--url", server.line(), "--events", "--json")
    looks: dict[int, float] = {}
    lines, rest = 0, b""
    while piece := os.read(running.stdout, 1 << 20):
        lines, rest = lines + piece.count(b"\n"), (rest + piece)[-(1 << 16) :]
        if lines < last and lines // LOOK_EVERY > len(looks):
            looks[lines] = resident(running.pid)
        elif lines >= last and last not in looks:
            looks[last] = resident(running.pid)
            running.signal(signal.SIGTERM)
    assert running.ended().status == 143
    early, late = highest(looks, first), highest(looks, last)
    grown = f"{early:.1f} MiB at {first:,}, {late:.1f} MiB at {last:,}"
    sys.stdout.write(f"{len(symbols)} symbols, {lines:,} lines: {grown}\n")
    end = json.loads(rest.splitlines()[-1])
    figures = end["subscriptions"]
    assert (end["type"], len(figures)) == ("end", len(symbols))
    assert end["records"] >= last - 10
    assert all((one["missing"], one["gaps"], one["duplicates"]) == (0, 0, 0) for one in figures)
    assert max(one["records"] for one in figures) - min(one["records"] for one in figures) <= 1000
    assert late < early + MOST_GROWTH


def highest(looks: dict[int, float], mark: int) -> float:
    """The most memory that was seen in the last records before a mark."""
    return max(memory for lines, memory in looks.items() if mark - 4 * LOOK_EVERY <= lines <= mark)


@listed
def test_six_hundred_thousand_trades_leave_nothing_behind(program: Program) -> None:
    soak(program, first=200_000, last=600_000, symbols=("BTC/USD", "ETH/USD", "SOL/USD"))


@pytest.mark.slow
@listed
@pytest.mark.parametrize("symbols", [("BTC/USD",), ("BTC/USD", "ETH/USD", "SOL/USD", "XRP/USD")], ids=len)
def test_ten_million_trades_leave_nothing_behind(program: Program, symbols: tuple[str, ...]) -> None:
    soak(program, first=MILLION, last=10 * MILLION, symbols=symbols)
