"""How soon the program is there: medians over runs, taken in turn, and ratios to the interpreter's own start.

python tests/benchmarks/startup.py [--runs R]
"""

# ruff: noqa: T201 - a script: printing is what it is for

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import bench_kit

PYTHON = (sys.executable, "-c")


def whole(*command: str) -> Callable[[], float]:
    """Seconds until the command has ended."""

    def run() -> float:
        began = time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began

    return run


def first_line(*command: str) -> Callable[[], float]:
    """Seconds until the first line of the command is there."""

    def run() -> float:
        began = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            taken = time.monotonic() - began
            child.stdout.read()
        return taken

    return run


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    ours = bench_kit.program()
    with bench_kit.feed("ticker", 10) as served:
        cases = {
            "python -c pass": whole(*PYTHON, "pass"),
            "python -c 'import click'": whole(*PYTHON, "import click"),
            "kraken-stream --version": whole(*ours, "--version"),
            "kraken-stream --help": whole(*ours, "--help"),
            "kraken-stream completion bash": whole(*ours, "completion", "bash"),
            "first line of ticker BTC/USD --url (loopback)": first_line(
                *ours, "ticker", "BTC/USD", "--url", served.url, "-n", "1", "-f", "jsonl"
            ),
            "first line of ticker BTC/USD --sandbox": first_line(
                *ours, "ticker", "BTC/USD", "--sandbox", "-n", "1", "-f", "jsonl"
            ),
        }
        seconds: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(options.runs):
            for name, run in cases.items():
                seconds[name].append(run())
    bare, click = (median(seconds[name]) for name in list(cases)[:2])
    print(f"{bench_kit.machine()}; median of {options.runs}\n")
    print(
        "| what | ms | after the interpreter's own start, ms | times 'import click' |\n|---|---:|---:|---:|"
    )
    for name, taken in seconds.items():
        middle = median(taken)
        print(f"| {name} | {middle * 1e3:.0f} | {(middle - bare) * 1e3:.0f} | {middle / click:.2f} |")


if __name__ == "__main__":
    main()
