"""What many connections cost: the same frames over twenty and over one, as a whole process.

    python tests/benchmarks/shards.py [--symbols N] [--frames M] [--pairs P] [--mixed]

`kraken-stream watch 'ticker:*' 'trade:*'` of a thousand pairs: two thousand subscriptions, a hundred a
connection, and then all on one. A feed in another process grants them all and sends M frames as fast as they
are taken; stdout is read here, and every record counted by its channel. Time runs from the first byte of the
flood to the end of the command. Runs alternate. --mixed sends the frames of a connection in a random order of
its subscriptions, where otherwise a thousand tickers and a thousand trades take turns on the one connection.
"""

# ruff: noqa: T201 - a script: printing is what it is for

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from statistics import median

import bench_kit

WORDS = {
    "ticker": b'\n{"channel":"ticker"',
    "trade": b'\n{"channel":"trade"',
    "subscribed": b'"type":"subscribed"',
    "connected": b'"type":"connected"',
}


@dataclass(frozen=True)
class Size:
    symbols: int
    frames: int
    mixed: bool

    @property
    def expected(self) -> dict[str, int]:
        """What has to be printed: of tickers a snapshot each as well."""
        updates = self.frames // 2
        channels = {"ticker": updates + self.symbols, "trade": updates}
        return {**channels, "subscribed": 2 * self.symbols}


def count(child: "subprocess.Popen[bytes]", found: Counter[str]) -> None:
    """Count the lines of each kind until the command ends its output."""
    assert child.stdout is not None
    rest = b"\n"
    while piece := os.read(child.stdout.fileno(), 1 << 20):
        lines, end, rest = (rest + piece).rpartition(b"\n")
        rest = end + rest
        for name, word in WORDS.items():
            found[name] += lines.count(word)
    child.stdout.close()


def measure(size: Size, per_connection: int) -> bench_kit.Run:
    """One run; ends the program where anything is missing."""
    options = ["--symbols", str(size.symbols), "--frames", str(size.frames), *["--mixed"][: size.mixed]]
    server = [sys.executable, str(bench_kit.HERE / "bench_many.py"), *options]
    total = size.expected["ticker"] + size.expected["trade"]
    command = [*bench_kit.program(), "watch", "ticker:*", "trade:*", "--events", "--json", "-q"]
    command += ["--per-connection", str(per_connection), "-n", str(total)]
    found: Counter[str] = Counter()
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as feed:
        assert feed.stdout is not None
        try:
            hello = json.loads(feed.stdout.readline())
            environ = {**os.environ, "KRAKEN_SPOT_URL": hello["rest"], "KRAKEN_WS_PUBLIC_URL": hello["ws"]}
            child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environ)
            count(child, found)
            _, status, usage = os.wait4(child.pid, 0)
            ended = time.monotonic()
            child.returncode = os.waitstatus_to_exitcode(status)
            began = float(feed.stdout.readline())
        finally:
            feed.terminate()
    connections = -(-2 * size.symbols // per_connection)
    expected = {**size.expected, "connected": connections}
    if child.returncode or found != expected:
        sys.exit(f"expected {expected} and status 0, got {dict(found)} and {child.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return bench_kit.Run(total, ended - began, cpu, usage.ru_maxrss / 1024, child.returncode)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--symbols", type=int, default=1000)
    parser.add_argument("--frames", type=int, default=400_000)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--mixed", action="store_true")
    options = parser.parse_args()
    size = Size(options.symbols, options.frames // (2 * options.symbols) * 2 * options.symbols, options.mixed)
    limits = {"many": max(1, options.symbols // 10), "one": 2 * options.symbols}
    print(f"{bench_kit.machine()}; {size.frames} frames of {2 * size.symbols} subscriptions\n")
    print("| connections | frames/s | CPU s | peak MiB |\n|---:|---:|---:|---:|")
    speeds: dict[str, list[float]] = {name: [] for name in limits}
    for _ in range(options.pairs):
        for name, limit in limits.items():
            run = measure(size, limit)
            speeds[name].append(size.frames / run.seconds)
            connections = 2 * size.symbols // limit
            print(
                f"| {connections} | {speeds[name][-1]:,.0f} | {run.cpu_seconds:.2f} | {run.peak_mib:.0f} |",
                flush=True,
            )
    ratios = [over_many / over_one for over_many, over_one in zip(speeds["many"], speeds["one"], strict=True)]
    many, one = (median(found) for found in speeds.values())
    pairs = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(f"\nmedians {many:,.0f} and {one:,.0f} frames/s, ratio {many / one:.2f}; of each pair {pairs}")


if __name__ == "__main__":
    main()
