"""On a terminal the program shows a live table, listens to keys, and gives the terminal back as it was."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .program import COMMAND, ROOT, Program, decoded, eventually
from .server import Peer, Server, message, streams, trade
from .terminal import ENTER_SCREEN, HIDE_CURSOR, LEAVE_SCREEN, SHOW_CURSOR, Terminal, plain


@pytest.fixture
def terminal(program: Program) -> Iterator[Terminal]:
    with Terminal(program) as terminal:
        yield terminal


def given_back(terminal: Terminal) -> None:
    """Settings as before; alternate screen left, cursor shown, each after it was entered or hidden."""
    assert terminal.mode() == terminal.before
    text = terminal.text
    assert text.count(ENTER_SCREEN) == text.count(LEAVE_SCREEN)
    assert text.rfind(LEAVE_SCREEN) >= text.rfind(ENTER_SCREEN)
    assert text.rfind(SHOW_CURSOR) >= text.rfind(HIDE_CURSOR)


@pytest.mark.parametrize(("keys", "status"), [("q", 0), ("\x03", 130)])
def test_a_table_from_the_sandbox_and_its_end(terminal: Terminal, keys: str, status: int) -> None:
    terminal.start([*COMMAND, "ticker", "XBT/USD", "ETH/USD", "--sandbox"])
    terminal.shows("BTC/USD")
    terminal.shows("ETH/USD")
    assert ENTER_SCREEN in terminal.text
    assert HIDE_CURSOR in terminal.text
    assert terminal.mode() != terminal.before
    terminal.type(keys)
    ended = terminal.ended()
    assert ended.status == status
    assert "Traceback" not in ended.out
    given_back(terminal)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_from_elsewhere_gives_the_terminal_back(
    terminal: Terminal, sandbox: dict[str, str], number: int, status: int
) -> None:
    terminal.start([*COMMAND, "trade", "BTC/USD", "--url", sandbox["ws_public"]])
    terminal.shows("BTC/USD")
    os.kill(terminal.running.pid, number)
    assert terminal.ended().status == status
    given_back(terminal)


@pytest.mark.parametrize("more", [("-n", "3"), ("--duration", "1s")])
def test_a_table_that_is_done_leaves_its_rows(
    terminal: Terminal, sandbox: dict[str, str], more: tuple[str, ...]
) -> None:
    terminal.start([*COMMAND, "ticker", "BTC/USD", "ETH/USD", "--url", sandbox["ws_public"], *more])
    ended = terminal.ended()
    assert ended.status == 0
    given_back(terminal)
    _, _, left = ended.out.rpartition(LEAVE_SCREEN)
    assert "BTC/USD" in plain(left)


def test_an_error_comes_after_the_table(terminal: Terminal, sandbox: dict[str, str]) -> None:
    terminal.start([*COMMAND, "ticker", "BTC/USD", "NO/SUCH", "--url", sandbox["ws_public"]])
    ended = terminal.ended()
    assert ended.status == 64
    given_back(terminal)
    _, _, left = ended.out.rpartition(LEAVE_SCREEN)
    assert "NO/SUCH" in plain(left)
    assert "kraken-stream: " in plain(left)


def test_a_lost_connection_is_told_by_the_table(terminal: Terminal) -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(message("trade", trade(peer.number)))
        server.stop_listening()
        peer.cut()

    with Server(script) as server:
        terminal.start([*COMMAND, "trade", "BTC/USD", "--url", server.url])
        terminal.shows("reconnecting")
        terminal.type("q")
        assert terminal.ended().status == 0
    given_back(terminal)
    assert "connection lost" not in terminal.text


def test_what_is_typed_for_others_is_left_alone(terminal: Terminal) -> None:
    """jsonl on a terminal is a stream as any other: keys are the shell's, and are not read."""
    with Server(streams(message("trade", trade(1)))) as server:
        terminal.start([*COMMAND, "trade", "BTC/USD", "--url", server.url, "-f", "jsonl", "--duration", "1s"])
        terminal.shows('"trade_id":1')
        terminal.type("quit\n")
        ended = terminal.ended()
    assert ended.status == 0
    assert os.read(terminal.slave, 100) == b"quit\n"
    assert terminal.mode() == terminal.before


def test_a_loop_that_reads_loses_nothing(terminal: Terminal, sandbox: dict[str, str]) -> None:
    """The table is on a terminal, stdin belongs to the loop."""
    script = (
        "printf 'BTC/USD\\nETH/USD\\nSOL/USD\\n' | while read -r symbol; do"
        f' "$@" ticker "$symbol" --url {sandbox["ws_public"]} -n 1 || exit 9; echo "done with $symbol";'
        " done; echo all"
    )
    terminal.start(["bash", "-c", script, "bash", *COMMAND])
    ended = terminal.ended()
    assert ended.status == 0
    told = [line for line in plain(ended.out).split("\n") if line.startswith(("done", "all"))]
    assert told == ["done with BTC/USD", "done with ETH/USD", "done with SOL/USD", "all"]
    given_back(terminal)


@pytest.mark.parametrize("format_", ["jsonl", "table"])
def test_in_the_background_of_a_shell(terminal: Terminal, sandbox: dict[str, str], format_: str) -> None:
    """With job control the shell keeps the terminal; who reads or sets it from behind is stopped."""
    script = (
        f'set -m; "$@" ticker BTC/USD --url {sandbox["ws_public"]} -n 3 -f {format_} & job=$!;'
        ' read -r line; echo "read $line"; wait $job; echo "status $?"'
    )
    terminal.start(["bash", "-c", script, "bash", *COMMAND])
    terminal.type("what I typed\n")
    terminal.shows("read what I typed")
    terminal.shows("status 0")
    assert terminal.ended().status == 0
    assert terminal.mode() == terminal.before


def test_into_a_pipe_on_a_terminal_there_are_only_records_and_in_the_end_a_line(
    terminal: Terminal, sandbox: dict[str, str]
) -> None:
    script = f'"$@" ticker BTC/USD --url {sandbox["ws_public"]} -n 2 | cat'
    terminal.start(["bash", "-c", script, "bash", *COMMAND])
    ended = terminal.ended()
    lines = [line for line in plain(ended.out).splitlines() if not line.startswith("kraken-stream: ")]
    assert [record["symbol"] for record in decoded(lines)] == ["BTC/USD"] * 2
    assert "kraken-stream: 2 records in " in ended.out
    assert terminal.mode() == terminal.before


def test_a_thousand_symbols_in_one_table(terminal: Terminal) -> None:
    symbols = [f"S{number:04}/USD" for number in range(1000)]

    def script(peer: Peer) -> None:
        peer.greet()
        granted: list[str] = []
        while len(granted) < len(symbols):
            granted += peer.grant()
        peer.send(*(message("ticker", f'{{"symbol":"{symbol}","last":1.0}}') for symbol in granted))
        peer.hang()

    with Server(script) as server:
        terminal.start([*COMMAND, "ticker", *symbols, "--per-connection", "1000", "--url", server.url])
        terminal.shows("S0000/USD")
        terminal.shows("1,000")
        terminal.type("q")
        assert terminal.ended().status == 0
    given_back(terminal)


@pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")
def test_the_prompt_comes_back_clean_in_tmux(program: Program, tmp_path: Path) -> None:
    socket = tmp_path / "tmux"

    def tmux(*words: str) -> str:
        ended = program.start_other(["tmux", "-S", str(socket), "-f", "/dev/null", *words]).ended()
        assert ended.status == 0, ended.err
        return ended.out

    def on_screen(words: str) -> bool:
        return words in tmux("capture-pane", "-p")

    shell = [
        "env",
        "-i",
        f"HOME={tmp_path}",
        f"PATH={os.environ['PATH']}",
        f"PYTHONPATH={ROOT}",
        "PS1=ready> ",
    ]
    tmux(
        "new-session",
        "-d",
        "-x",
        "100",
        "-y",
        "24",
        " ".join(f"'{word}'" for word in [*shell, "TERM=screen", "sh", "-i"]),
    )
    try:
        eventually(lambda: on_screen("ready>"), "the prompt")
        tmux("send-keys", "-l", "echo before")
        tmux("send-keys", "Enter")
        for key, status in (("q", 0), ("C-c", 130)):
            line = " ".join([*COMMAND, "ticker", "XBT/USD", "ETH/USD", "--sandbox"])
            tmux("send-keys", "-l", f"clear; {line}; echo status $?")
            tmux("send-keys", "Enter")
            eventually(
                lambda: on_screen("BTC/USD") and on_screen("bid") and on_screen("ETH/USD"), "the table"
            )
            tmux("send-keys", key)
            eventually(lambda status=status: on_screen(f"status {status}"), "the end")
            screen = tmux("capture-pane", "-p")
            assert "Traceback" not in screen
            assert screen.rstrip().endswith("ready>")
            assert tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").split() == ["0", "1"]
    finally:
        subprocess.run(["tmux", "-S", str(socket), "kill-server"], check=False, capture_output=True)
