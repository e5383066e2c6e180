"""A hundred books of a hundred levels at once: nothing unverified, memory that stays where it was."""

import json
import sys
from pathlib import Path

import pytest

from krakencli.sandbox import Sandbox, Settings

from .program import Program

SYMBOLS, DEPTH = 100, 100
LOOK_EVERY = 1000


def resident(pid: int) -> float:
    """MiB of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def stream(program: Program, seconds: int) -> None:
    settings = Settings(symbols=("ETH/USD",), synthetic=SYMBOLS, rate=2000, seed=3)
    memory, last, lines = [], b"", 0
    with Sandbox(settings) as exchange:
        running = program.start(
            "book", *(f"S{number:04}/USD" for number in range(1, SYMBOLS + 1)), "-d", str(DEPTH),
            "--sandbox-url", exchange.addresses.rest, "--events", "--json", "--duration", f"{seconds}s",
        )  # fmt: skip
        assert running.process.stdout is not None
        with open(running.process.stdout.fileno(), "rb", closefd=False) as stdout:
            for line in stdout:
                last, lines = line, lines + 1
                if lines % LOOK_EVERY == 0:
                    memory.append(resident(running.pid))
        status = running.process.wait(30)
    end = json.loads(last)
    figures = end["subscriptions"]
    warm = memory[2 * len(memory) // 3 :]
    sys.stdout.write(
        f"{lines:,} lines of {len(figures)} books in {seconds} s, {warm[0]:.1f} to {warm[-1]:.1f} MiB\n"
    )
    assert (status, end["reason"], len(figures)) == (0, "duration", SYMBOLS)
    assert all(one["verified"] == one["updates"] == one["records"] > 5 for one in figures)
    assert max(warm) < warm[0] + 2  # the market's own books still gain levels
    assert running.err == ""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_hundred_books_for_ten_seconds(program: Program) -> None:
    stream(program, 10)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_hundred_books_for_a_minute(program: Program) -> None:
    stream(program, 60)
