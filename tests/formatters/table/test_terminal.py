"""The terminal is taken, and given back as it was found whatever happens: a real one, with job control."""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..kit import Board, screen, ticker

HERE = Path(__file__).parent
PATIENCE = 30.0
TAKEN, GIVEN_BACK = "\x1b[?1049h\x1b[?25l\x1b[?7l", "\x1b[?7h\x1b[?25h\x1b[?1049l"


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
        while not condition(lines := screen(self.output.decode())):
            self.output += self._next(self.master, 65536)
        return lines

    def everything(self) -> str:
        """All that has been written so far."""
        self.output += self._drain(self.master)
        return self.output.decode()

    def start(self, where: str = "fg") -> int:
        self.order(where)
        job: int = self.report("started")["job"]
        return job

    def end(self) -> dict[str, Any]:
        self.order("wait")
        return self.report("exited")

    def _next(self, descriptor: int, size: int) -> bytes:
        end = time.monotonic() + PATIENCE
        while descriptor not in select.select([descriptor, self.master], [], [], PATIENCE)[0]:
            self.output += os.read(self.master, 65536)
            assert time.monotonic() < end, "nothing came in time"
        data = os.read(descriptor, size)
        assert data, "the other end is gone"
        return data

    def _drain(self, descriptor: int) -> bytes:
        data = b""
        while select.select([descriptor], [], [], 0)[0]:
            data += os.read(descriptor, 65536)
        return data


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


def given_back(output: str) -> bool:
    """Whether the terminal has been given back as often as it was taken, the last word being the giving."""
    marks = re.findall("|".join(map(re.escape, (TAKEN, GIVEN_BACK))), output)
    controls = re.findall(r"\x1b\[\?(\d+)([hl])", output)
    balanced = all(
        [state for mode, state in controls if mode == wanted][::2] == [first] * (len(marks) // 2)
        for wanted, first in (("1049", "h"), ("25", "l"), ("7", "l"))
    )
    return balanced and marks == [TAKEN, GIVEN_BACK] * (len(marks) // 2) and output.endswith(GIVEN_BACK)


def full(lines: list[str]) -> bool:
    return len(lines) == 24 and "more" in lines[-1]


@pytest.mark.parametrize("key", [b"q", b"Q", b"\x1b[Azxq"])
def test_q_ends_it_and_gives_the_terminal_back(desk: Desk, key: bytes) -> None:
    desk.start()
    desk.shows(full)
    desk.type(key)
    ended = desk.end()
    assert ended["status"] == 0
    assert ended["mode"] == desk.before
    assert given_back(desk.everything())


@pytest.mark.parametrize(("number", "status"), [("SIGTERM", 143), ("SIGUSR1", 1), ("SIGINT", -signal.SIGINT)])
def test_an_exception_gives_the_terminal_back(desk: Desk, number: str, status: int) -> None:
    desk.start()
    desk.shows(full)
    desk.order(f"kill {number}")
    ended = desk.end()
    assert ended["status"] == status
    assert ended["mode"] == desk.before
    assert given_back(desk.everything())


def test_while_it_shows_keys_are_neither_echoed_nor_left_to_the_shell(desk: Desk) -> None:
    desk.start()
    desk.shows(full)
    mode = termios.tcgetattr(desk.slave)
    assert not mode[3] & (termios.ICANON | termios.ECHO)
    assert mode[3] & termios.ISIG
    desk.type(b"secret words\n")
    desk.turns(3)
    desk.type(b"q")
    desk.end()
    assert "secret" not in desk.everything()
    desk.type(b"next\n")
    assert os.read(desk.slave, 100) == b"next\n"


def test_control_z_stops_with_the_terminal_given_back_and_fg_takes_it_again(desk: Desk) -> None:
    desk.start()
    desk.shows(full)
    for _ in range(2):
        desk.type(b"\x1a")
        desk.order("wait")
        assert desk.report("stopped")["mode"] == desk.before
        assert given_back(desk.everything())
        desk.output = b""
        desk.order("fg")
        desk.shows(full)
        assert desk.output.decode().count(TAKEN) == 1
        desk.output = TAKEN.encode()
    desk.type(b"q")
    assert desk.end()["mode"] == desk.before
    assert given_back(desk.everything())


def test_in_the_background_it_neither_draws_nor_reads(desk: Desk) -> None:
    desk.start()
    desk.shows(full)
    desk.type(b"\x1a")
    desk.order("wait")
    desk.report("stopped")
    written = desk.everything()
    desk.order("bg")
    desk.turns(3)
    desk.type(b"q for the shell\n")
    desk.turns(5)
    desk.order("read")
    assert desk.report("read")["line"] == "q for the shell\n"
    assert desk.everything().removeprefix(written) == "q for the shell\r\n"
    desk.output = b""
    desk.order("fg")
    desk.shows(full)
    desk.type(b"q")
    assert desk.end()["mode"] == desk.before


def test_started_in_the_background_it_waits_for_the_foreground(desk: Desk) -> None:
    desk.start("bg")
    desk.turns(5)
    assert desk.everything() == ""
    desk.order("fg")
    desk.shows(full)
    desk.type(b"q")
    assert desk.end() == {"event": "exited", "mode": desk.before, "status": 0}
    assert given_back(desk.everything())


def test_ended_in_the_background_it_leaves_the_terminal_alone(desk: Desk) -> None:
    desk.start("bg")
    desk.turns(2)
    desk.order("kill SIGTERM")
    assert desk.end()["status"] == 143
    assert desk.everything() == ""


def test_after_a_stop_that_nobody_can_catch_it_paints_anew(desk: Desk) -> None:
    desk.start()
    desk.shows(full)
    desk.order("kill SIGSTOP")
    desk.order("wait")
    desk.report("stopped")
    desk.everything()
    termios.tcsetattr(desk.slave, termios.TCSANOW, eval(desk.before))  # what a shell does
    desk.output = b""
    desk.order("fg")
    desk.shows(full)
    desk.turns(1)
    assert not termios.tcgetattr(desk.slave)[3] & termios.ECHO
    desk.type(b"q")
    assert desk.end()["mode"] == desk.before


def test_it_follows_the_windows_size(desk: Desk) -> None:
    desk.start()
    desk.shows(full)
    for lines, columns in ((10, 40), (3, 20), (1, 1), (50, 132), (24, 80)):
        desk.resize(lines, columns)
        desk.output = b""
        desk.turns(2)
        shown = screen(desk.everything()[desk.everything().rindex("\x1b[2J") :])
        assert [len(line) for line in shown] == [columns] * lines
    desk.type(b"q")
    assert desk.end()["status"] == 0


def test_keys_scroll_to_the_rows_that_do_not_fit(desk: Desk) -> None:
    desk.start()
    desk.shows(lambda lines: full(lines) and "+178 more" in lines[-1])
    desk.type(b"G")
    bottom = desk.shows(lambda lines: "179-200 of 200" in lines[-1])
    assert bottom[22].startswith("C0/USD")
    desk.type(b"k\x1b[5~")
    desk.shows(lambda lines: "156-177 of 200" in lines[-1])
    desk.type(b"gjj")
    desk.shows(lambda lines: "3-24 of 200" in lines[-1])
    desk.type(b"q")
    assert desk.end()["status"] == 0


def test_signal_handlers_are_put_back() -> None:
    def mine(*_: object) -> None:
        """Somebody's own handler."""

    before = signal.signal(signal.SIGCONT, mine)
    try:
        stop = signal.getsignal(signal.SIGTSTP)
        with Board().table:
            assert signal.getsignal(signal.SIGCONT) is not mine
            assert signal.getsignal(signal.SIGTSTP) is not stop
        assert signal.getsignal(signal.SIGCONT) is mine
        assert signal.getsignal(signal.SIGTSTP) is stop
    finally:
        signal.signal(signal.SIGCONT, before)


def test_a_handler_of_sigcont_is_still_called() -> None:
    called: list[int] = []
    before = signal.signal(signal.SIGCONT, lambda number, _: called.append(number))
    try:
        with Board().table:
            os.kill(os.getpid(), signal.SIGCONT)
        assert called == [signal.SIGCONT]
    finally:
        signal.signal(signal.SIGCONT, before)


def test_an_ignored_stop_stays_ignored() -> None:
    before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    try:
        with Board().table:
            assert signal.getsignal(signal.SIGTSTP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGTSTP, before)


def test_a_stdin_that_is_no_terminal_is_never_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"q")
    board = Board(stdin=reader)
    with board.table:
        board.table.add("update", ticker("A/USD"))
        board.draw()
        assert not board.table.quit_requested()
    assert os.read(reader, 10) == b"q"
    os.close(reader)
    os.close(writer)
