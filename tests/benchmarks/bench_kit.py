"""What the benchmarks share: the feed as a process, the machine in words, a command measured."""

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

HERE = Path(__file__).parent


def program() -> list[str]:
    """The `kraken-stream` beside this interpreter, or else the module."""
    script = Path(sys.executable).with_name("kraken-stream")
    return [str(script)] if script.exists() else [sys.executable, "-m", "krakencli"]


def machine() -> str:
    """One line that says where and when."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
        model = names[0].partition(": ")[2] if names else model
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, {python}, {datetime.now(UTC):%Y-%m-%d}"


@dataclass(frozen=True)
class Feed:
    """A feed that is being served; `moments` has a line for each flood, when it began."""

    url: str
    records: int
    environ: dict[str, str]
    moments: IO[str]


@contextmanager
def feed(channel: str, frames: int, *, tls: bool = False) -> Iterator[Feed]:
    """Serve a feed from a process of its own."""
    command = [sys.executable, str(HERE / "bench_feed.py"), "--channel", channel, "--frames", str(frames)]
    with subprocess.Popen([*command, *["--tls"][:tls]], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            hello = json.loads(server.stdout.readline())
            trusted = {"SSL_CERT_FILE": hello["ca_file"]} if tls else {}
            yield Feed(hello["url"], hello["records"], {**os.environ, **trusted}, server.stdout)
        finally:
            server.terminate()


@dataclass(frozen=True)
class Run:
    """What one run of a command took, from the first byte of the flood to its end."""

    lines: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    status: int


def measure(command: Sequence[str], served: Feed) -> Run:
    """Run a command to its end, reading all that it prints."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env=served.environ)
    assert child.stdout is not None
    lines = 0
    while received := os.read(child.stdout.fileno(), 1 << 20):
        lines += received.count(b"\n")
    _, status, usage = os.wait4(child.pid, 0)
    ended = time.monotonic()
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    peak = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    began = float(served.moments.readline())
    return Run(lines, ended - began, usage.ru_utime + usage.ru_stime, peak, child.returncode)
