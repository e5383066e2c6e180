"""The terminal is taken, and given back as it was found whatever happens: a real one, with job control."""

import os
import pty
import re
import signal
import termios
from collections.abc import Iterator

import pytest

from ..kit import Board, screen, ticker
from .desk import Desk

TAKEN, GIVEN_BACK = "\x1b[?1049h\x1b[?25l\x1b[?7l", "\x1b[?7h\x1b[?25h\x1b[?1049l"


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


def given_back(output: str) -> bool:
    """Whether screen, cursor and wrapping were each taken and given back in turn, the giving last."""
    controls = re.findall(r"\x1b\[\?(\d+)([hl])", output)
    turns = [
        [state for mode, state in controls if mode == wanted] == states * output.count(TAKEN)
        for wanted, states in (("1049", ["h", "l"]), ("25", ["l", "h"]), ("7", ["l", "h"]))
    ]
    return all(turns) and TAKEN in output and output.endswith(GIVEN_BACK)


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


def test_keys_that_nobody_read_are_not_left_to_the_shell(desk: Desk) -> None:
    desk.start()
    desk.shows(full)
    desk.order("kill SIGSTOP")
    desk.order("wait")
    desk.report("stopped")
    desk.type(b"left over\n")
    desk.order("kill SIGTERM")
    desk.order("fg")
    assert desk.end()["status"] == 143
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
        output = desk.everything()
        shown = screen(output[output.rindex("\x1b[2J") :])
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


def test_control_l_paints_anew(desk: Desk) -> None:
    desk.start()
    desk.shows(full)
    desk.output = b""
    desk.type(b"\x0c")
    desk.shows(lambda lines: full(lines) and lines[0].startswith("symbol"))
    assert desk.output.count(b"\x1b[2J") == 1
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


def test_a_terminal_that_is_not_ours_is_never_read() -> None:
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    board = Board(stdin=slave)
    with board.table:
        os.write(master, b"q\n")
        board.draw()
        assert not board.table.quit_requested()
        assert termios.tcgetattr(slave) == before
    assert os.read(slave, 10) == b"q\n"
    os.close(master)
    os.close(slave)
