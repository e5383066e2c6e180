"""What keeping trades in order costs, a trade: decoded alone, and followed by `Continuity`.

    python tests/benchmarks/continuity.py

Frames of one trade each, shared out over 1, 20 and 1000 symbols, taken in batches of 64 as a busy socket
hands them over (design §3). `decoding alone` reads symbol and id, as the others do. `every tenth twice` and
`every tenth swapped` are streams with duplicates and with disorder. Every job runs once a turn, so that a
busy machine is busy for all; the last row is the median of `in order` less decoding within a turn.
"""

# ruff: noqa: T201 - a script: printing is what it is for

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
from bench_kit import machine
from msgspec import Raw, Struct

from krakencli.continuity import Continuity
from krakencli.model import Run

SYMBOLS = (1, 20, 1000)
TOGETHER = 64


class Trade(Struct, gc=False):
    symbol: str
    trade_id: int


@dataclass(frozen=True)
class Frame:
    type: str
    data: Sequence[Raw]


def frame(number: int, symbols: int) -> Frame:
    """The trade of its number: symbols take turns, ids are consecutive within each."""
    text = (
        f'{{"symbol":"S{number % symbols:04}/USD","side":"buy","price":64000.1,"qty":0.00100000,'
        f'"ord_type":"limit","trade_id":{90_000_000 + number // symbols},'
        f'"timestamp":"2026-11-22T17:00:{number % 60_000_000 / 1e6:09.6f}Z"}}'
    )
    return Frame("update", [Raw(text.encode())])


def batches(frames: list[Frame]) -> list[list[Frame]]:
    return [frames[start : start + TOGETHER] for start in range(0, len(frames), TOGETHER)]


def twice(frames: list[Frame]) -> list[Frame]:
    return [one for n, one in enumerate(frames) for _ in range(1 + (n % 10 == 0))]


def swapped(frames: list[Frame], symbols: int) -> list[Frame]:
    """Every tenth trade of a symbol changes places with the one behind it."""
    frames = list(frames)
    for n in range(symbols * 5, len(frames) - symbols):
        if n // symbols % 10 == 5:
            frames[n], frames[n + symbols] = frames[n + symbols], frames[n]
    return frames


def timed(work: Callable[[list[Frame]], int], frames: list[Frame], expected: int) -> float:
    """Microseconds a frame; AssertionError where not all trades came out."""
    parts = batches(frames)
    gc.collect()
    gc.disable()
    began = time.perf_counter()
    records = sum(map(work, parts))
    seconds = time.perf_counter() - began
    gc.enable()
    assert records == expected, f"{records} trades of {expected}"
    return seconds / len(frames) * 1e6


def decoding() -> Callable[[list[Frame]], int]:
    decode = msgspec.json.Decoder(Trade).decode

    def work(part: list[Frame]) -> int:
        for one in part:
            for item in one.data:
                decode(item)
        return len(part)

    return work


def following() -> Callable[[list[Frame]], int]:
    continuity = Continuity()

    def work(part: list[Frame]) -> int:
        outs = continuity.take(part, 0.0)
        return sum(len(out.records) for out in outs if isinstance(out, Run))

    return work


def jobs(symbols: int, count: int) -> dict[str, Callable[[], float]]:
    """What to time with so many symbols, by name."""
    frames = [frame(number, symbols) for number in range(count)]
    repeated, disordered = twice(frames), swapped(frames, symbols)
    return {
        "decoding alone": lambda: timed(decoding(), frames, count),
        "in order": lambda: timed(following(), frames, count),
        "every tenth twice": lambda: timed(following(), repeated, count),
        "every tenth swapped": lambda: timed(following(), disordered, count),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description="What keeping trades in order costs.")
    arguments.add_argument("--trades", type=int, default=60_000, help="trades in a stream (%(default)s)")
    arguments.add_argument("--turns", type=int, default=15, help="runs of each job (%(default)s)")
    arguments.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    options = arguments.parse_args()
    work = {(name, many): job for many in SYMBOLS for name, job in jobs(many, options.trades).items()}
    turns = [{key: job() for key, job in work.items()} for _ in range(options.turns)]
    report(turns, as_json=options.json)


def report(turns: list[dict[tuple[str, int], float]], *, as_json: bool) -> None:
    """Median and fastest run of each job, and what following adds to decoding."""
    names = list(dict.fromkeys(name for name, _ in turns[0]))
    rows = {}
    for name in names:
        runs = {many: [turn[name, many] for turn in turns] for many in SYMBOLS}
        rows[name] = {str(many): statistics.median(runs[many]) for many in SYMBOLS}
        rows[name] |= {f"{many} fastest": min(runs[many]) for many in SYMBOLS}
    added = {
        str(many): statistics.median(turn["in order", many] - turn["decoding alone", many] for turn in turns)
        for many in SYMBOLS
    }
    if as_json:
        print(json.dumps({"machine": machine(), "microseconds": rows, "added": added}))
        return
    print(machine())
    print(f"{'us a trade: median (fastest)':<32}" + "".join(f"{f'{many} symbols':>20}" for many in SYMBOLS))
    for name, row in rows.items():
        cells = (f"{row[str(many)]:.2f} ({row[f'{many} fastest']:.2f})" for many in SYMBOLS)
        print(f"{name:<32}" + "".join(f"{cell:>20}" for cell in cells))
    print(f"{'added to decoding, in order':<32}" + "".join(f"{added[str(many)]:>20.2f}" for many in SYMBOLS))


if __name__ == "__main__":
    main()
