"""A terminal of 24 lines with the program, or a shell, as the leader of its session."""

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .program import PATIENCE, Ended, Program

ENTER_SCREEN, LEAVE_SCREEN = "\x1b[?1049h", "\x1b[?1049l"
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_CODES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r")


def plain(text: str) -> str:
    """The text without what steers a terminal."""
    return _CODES.sub("", text)


class Terminal:
    """`start` one command on it, `shows` waits for words, `type` presses keys. Use as a context manager."""

    def __init__(self, program: Program, lines: int = 24, columns: int = 100) -> None:
        self._program = program
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.text = ""
        self.before = self.mode()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        self._program.end_all()
        os.close(self.master)
        os.close(self.slave)

    def mode(self) -> list[Any]:
        """The terminal's settings, as `stty` would show them."""
        return termios.tcgetattr(self.slave)

    def start(
        self, command: Sequence[str | Path], env: Mapping[str, str] | None = None, **popen: Any
    ) -> None:
        """Start a command in a session of its own, whose terminal this becomes because it is opened first."""
        script = 'exec "$@" <> "$TTY" >&0 2>&0'
        environ = {"TERM": "xterm-256color", "TTY": os.ttyname(self.slave), **(env or {})}
        self.running = self._program.start_other(
            ["sh", "-c", script, "sh", *command],
            env=environ,
            stdout=self.slave,
            stderr=self.slave,
            **popen,
        )

    def shows(self, words: str, after: int = 0) -> None:
        """Wait until the words have been written, codes left out, somewhere behind `after`."""
        end = time.monotonic() + PATIENCE
        while words not in plain(self.text[after:]):
            assert time.monotonic() < end, f"{words!r} not in {plain(self.text)!r}"
            self._read(0.05)

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def ended(self) -> Ended:
        """The end of the command, with all that it wrote."""
        end = time.monotonic() + PATIENCE
        began = time.monotonic()
        while self.running.process.poll() is None:
            assert time.monotonic() < end, f"it does not end: {plain(self.text)!r}"
            self._read(0.01)
        seconds = time.monotonic() - began
        while self._read(0.0):
            pass
        return Ended(self.running.process.returncode, self.text, "", seconds)

    def _read(self, timeout: float) -> bool:
        if not select.select([self.master], [], [], timeout)[0]:
            return False
        self.text += os.read(self.master, 65536).decode(errors="replace")
        return True
