"""How many frames a second become lines, end to end, as a whole process.

    python tests/benchmarks/throughput.py [--frames N] [--runs R] [NAME ...]

A feed in another process sends N frames over loopback as fast as they are taken; the command's stdout is read
here. Time runs from the first byte of the flood to the end of the command, CPU time is that of the whole
command with its start. Prints the median of R runs as a Markdown table. Without NAMEs all are measured; the
client of python-kraken-sdk only where the [peers] extra is installed.
"""

# ruff: noqa: T201 - a script: printing is what it is for

import argparse
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median

import bench_kit


@dataclass(frozen=True)
class Case:
    """One row: what is streamed, how, and the arguments of the command ({url} and {n} are filled in)."""

    channel: str
    command: tuple[str, ...]
    tls: bool = False
    heading: int = 0


def _ours(channel: str, format_: str, *more: str, tls: bool = False) -> Case:
    name, _, depth = channel.partition("-")
    words = (*bench_kit.program(), name, "BTC/USD", "--url", "{url}", "-f", format_, "-n", "{n}", *more)
    return Case(channel, (*words, *(("-d", depth) if depth else ())), tls, heading=int(format_ == "csv"))


CASES = {
    "trade-jsonl": _ours("trade", "jsonl"),
    "ticker-jsonl": _ours("ticker", "jsonl"),
    "book-jsonl": _ours("book", "jsonl"),
    "book-1000-jsonl": _ours("book-1000", "jsonl"),
    "book-jsonl-unverified": _ours("book", "jsonl", "--no-verify", "-q"),
    "trade-jsonl-tls": _ours("trade", "jsonl", tls=True),
    "trade-csv": _ours("trade", "csv"),
    "ticker-csv": _ours("ticker", "csv"),
    "sdk-trade": Case("trade", (sys.executable, str(bench_kit.HERE / "sdk_client.py"), "{url}", "{n}")),
}


def measured(case: Case, frames: int, runs: int) -> list[bench_kit.Run]:
    """The runs of one case; ends the program where a line is missing."""
    with bench_kit.feed(case.channel, frames, tls=case.tls) as served:
        command = [word.format(url=served.url, n=served.records) for word in case.command]
        done = [bench_kit.measure(command, served) for _ in range(runs)]
    wrong = [run for run in done if run.status or run.lines != served.records + case.heading]
    if wrong:
        sys.exit(f"expected {served.records + case.heading} lines and status 0, got {wrong[0]}")
    return done


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--frames", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    names = options.names or [name for name in CASES if name != "sdk-trade" or find_spec("kraken")]
    if unknown := set(names) - set(CASES):
        parser.error(f"unknown: {', '.join(unknown)}")
    print(f"{bench_kit.machine()}; {options.frames} frames, median of {options.runs}\n")
    print("| what | frames/s | CPU µs a frame | peak MiB |\n|---|---:|---:|---:|")
    speeds = {}
    for name in names:
        done = measured(CASES[name], options.frames, options.runs)
        speeds[name] = options.frames / median(run.seconds for run in done)
        cpu = median(run.cpu_seconds for run in done) / options.frames * 1e6
        peak = max(run.peak_mib for run in done)
        print(f"| {name} | {speeds[name]:,.0f} | {cpu:.2f} | {peak:.0f} |", flush=True)
    if {"sdk-trade", "trade-jsonl"} <= set(speeds):
        print(
            f"\ntrade-jsonl is {speeds['trade-jsonl'] / speeds['sdk-trade']:.1f} times as fast as sdk-trade"
        )


if __name__ == "__main__":
    main()
