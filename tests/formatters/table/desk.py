"""A terminal with a shell on it and a live table as the shell's job: keys in, screen out.

Every wait is for something that must come; where it does not come in time the test fails.
"""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..kit import screen

HERE = Path(__file__).parent
PATIENCE = 30.0
MARK = b"<that was all>"


class Desk:
    """A terminal, a shell on it, and a table as the shell's job."""

    def __init__(self, lines: int = 24, columns: int = 80) -> None:
        self.master, self.slave = pty.openpty()
        self.resize(lines, columns)
        orders, self.orders = os.pipe()
        self.reports, reports = os.pipe()
        self.ticks, ticks = os.pipe()
        self.output = b""
        command = [
            HERE / "shell.py",
            *map(str, (orders, reports, ticks)),
            sys.executable,
            str(HERE / "job.py"),
        ]
        self.shell = subprocess.Popen(
            [sys.executable, *command],
            stdin=self.slave,
            stdout=self.slave,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(orders, reports, ticks),
            cwd=HERE.parents[2],
            env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(HERE.parents[2])},
        )
        for descriptor in (orders, reports, ticks):
            os.close(descriptor)
        self.before = self.report("ready")["mode"]

    def close(self) -> None:
        self.shell.kill()
        self.shell.wait()
        for descriptor in (self.master, self.slave, self.orders, self.reports, self.ticks):
            os.close(descriptor)

    def order(self, words: str) -> None:
        os.write(self.orders, words.encode() + b"\n")

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def resize(self, lines: int, columns: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def report(self, event: str) -> dict[str, Any]:
        """The next report, which must be of `event`."""
        line = b""
        while not line.endswith(b"\n"):
            line += self._next(self.reports, 1)
        report: dict[str, Any] = json.loads(line)
        assert report["event"] == event
        return report

    def turns(self, number: int) -> None:
        """Waits until the job has gone through `number` more turns."""
        self._drain(self.ticks)
        for _ in range(number):
            self._next(self.ticks, 1)

    def shows(self, condition: Callable[[list[str]], bool]) -> list[str]:
        """Waits until the screen meets the condition."""
        end = time.monotonic() + PATIENCE
        while not condition(lines := screen(self.output.decode(errors="replace"))):
            assert time.monotonic() < end, "the screen never showed it"
            self.output += self._next(self.master, 65536)
        return lines

    def everything(self) -> str:
        """All that was written before now: a terminal passes on late, but in order, what is written to it."""
        os.write(self.slave, MARK)
        while MARK not in self.output:
            self.output += self._next(self.master, 65536)
        before, _, after = self.output.partition(MARK)
        self.output = before + after
        return before.decode(errors="replace")

    def start(self, where: str = "fg") -> int:
        self.order(where)
        job: int = self.report("started")["job"]
        return job

    def end(self) -> dict[str, Any]:
        self.order("wait")
        return self.report("exited")

    def _next(self, descriptor: int, size: int) -> bytes:
        """The next bytes from the descriptor; the terminal is read meanwhile, its writer never waits."""
        end = time.monotonic() + PATIENCE
        while descriptor not in (ready := select.select([descriptor, self.master], [], [], PATIENCE)[0]):
            assert ready, "nothing came in time"
            assert time.monotonic() < end, "something else came all the time"
            self.output += os.read(self.master, 65536)
        data = os.read(descriptor, size)
        assert data, "the other end is gone"
        return data

    def _drain(self, descriptor: int) -> bytes:
        data = b""
        while select.select([descriptor], [], [], 0)[0]:
            data += os.read(descriptor, 65536)
        return data
