"""stdout as a pipe, a file, a socket, nothing at all: a reader may leave, and a slow one loses nothing."""

import fcntl
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from .program import COMMAND, Program, Running, decoded, eventually
from .server import Peer, Server, message, streams, trade

SMALL = 4096
LINE = 400
"""More than the longest line of these tests."""


def numbered(count: int, start: int = 0) -> list[str]:
    return [message("trade", trade(number)) for number in range(start, start + count)]


def ids(lines: list[str]) -> list[int]:
    return [int(record["trade_id"]) for record in decoded(lines)]


def into_head(program: Program, url: str, *more: str) -> Running:
    """`kraken-stream trade … | head -1`: the program, whose `stdout` here is what head lets through."""
    reading, writing = os.pipe()
    head = program.start_other(["head", "-1"], stdin=reading)
    running = program.start("trade", "BTC/USD", "--url", url, *more, stdout=writing)
    os.close(reading)
    os.close(writing)
    running.process.stdout = head.process.stdout
    return running


@pytest.mark.parametrize("more", [(), ("--events",), ("-f", "csv"), ("-f", "raw"), ("-f", "table")])
def test_head_takes_what_it_wants_and_nobody_complains(program: Program, more: tuple[str, ...]) -> None:
    def flood(peer: Peer) -> None:
        while True:
            peer.send(*numbered(100))

    with Server(streams(then=flood)) as server:
        ended = into_head(program, server.url, *more).ended()
    assert (ended.status, ended.err) == (0, "")
    assert len(ended.lines) == 1


def test_head_is_missed_also_when_the_next_record_never_comes(program: Program) -> None:
    with Server(streams(*numbered(1))) as server:
        ended = into_head(program, server.url).ended()
    assert (ended.status, ended.err) == (0, "")
    assert ids(ended.lines) == [0]


def test_a_reader_that_leaves_while_nothing_has_come_yet(program: Program) -> None:
    with Server(streams()) as server:
        running = program.start("trade", "BTC/USD", "--url", server.url)
        eventually(lambda: server.peers and server.peers[0].requests, "the subscription")
        assert running.process.stdout is not None
        running.process.stdout.close()
        running.process.stdout = None
        ended = running.ended()
    assert (ended.status, ended.err) == (0, "")


@pytest.mark.parametrize("line", ["--help", "pairs --sandbox-url {rest}", "completion bash"])
def test_a_list_whose_reader_is_gone(program: Program, sandbox: dict[str, str], line: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    running = program.start(*line.format(**sandbox).split(), stdout=writing)
    os.close(writing)
    ended = running.ended()
    assert (ended.status, ended.err) == (0, "")


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"trade BTC/USD --url {{url}} -n 1 -f {format_}"
            for format_ in ("auto", "jsonl", "csv", "raw", "table")
        ),
        "ticker BTC/USD --sandbox -n 1",
        "pairs --sandbox",
        "token --sandbox",
        "sandbox",
        "--help",
    ],
)
def test_a_closed_stdout(program: Program, line: str) -> None:
    with Server(streams(*numbered(2))) as server:
        ended = program.shell(f"kraken-stream {line.format(url=server.url)} >&-")
        assert server.peers == []
    assert ended.status == 2
    assert "stdout is closed" in ended.error


def two_and_cut(peer: Peer) -> None:
    """Two trades more on each connection."""
    streams(*numbered(2, 2 * (peer.number - 1)), then=Peer.cut)(peer)


def test_a_closed_stderr(program: Program) -> None:
    with Server(two_and_cut) as server:
        ended = program.shell(f"kraken-stream trade BTC/USD --url {server.url} -n 4 2>&-")
        refused = program.shell(f"kraken-stream trade --url {server.url} 2>&-")
    assert (ended.status, len(ended.lines), ended.err) == (0, 4, "")
    assert (refused.status, refused.out, refused.err) == (2, "", "")


def test_a_stderr_that_nobody_reads_any_more(program: Program) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with Server(two_and_cut) as server:
        ended = program.run("trade", "BTC/USD", "--url", server.url, "-n", "4", stderr=writing)
    os.close(writing)
    assert (ended.status, len(ended.lines)) == (0, 4)


@pytest.mark.parametrize(
    "line",
    [
        "trade BTC/USD --url {url} -n 2",
        "trade BTC/USD --url {url} -n 2 -f table",
        "--help",
        "pairs --sandbox-url {rest}",
        "token --sandbox-url {rest}",
    ],
)
def test_a_full_disk(program: Program, sandbox: dict[str, str], line: str) -> None:
    with Server(streams(*numbered(2))) as server, Path("/dev/full").open("wb") as full:
        ended = program.run(*line.format(url=server.url, **sandbox).split(), stdout=full)
    assert ended.status == 74
    assert "no space left" in ended.error.lower()


def test_a_slow_reader_loses_nothing_and_makes_the_sender_wait(program: Program) -> None:
    count, sent = 60_000, threading.Event()

    def flood(peer: Peer) -> None:
        for start in range(0, count, 1000):
            peer.send(*numbered(1000, start))
        sent.set()
        peer.hang()

    with Server(streams(then=flood)) as server:
        running = program.start("trade", "BTC/USD", "--url", server.url, "-n", str(count), pipesize=SMALL)
        eventually(lambda: running.piped() > SMALL - LINE, "a pipe without room for a line")
        assert not sent.wait(0.5), "all of it found room somewhere"
        ended = running.ended()
    assert ids(ended.lines) == list(range(count))
    assert (ended.status, ended.err) == (0, "")


def test_stdout_is_a_file(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "trades.jsonl"
    path.write_text("before\n")
    with Server(streams(*numbered(1000))) as server, path.open("ab") as file:
        ended = program.run("trade", "BTC/USD", "--url", server.url, "-n", "1000", stdout=file)
    assert (ended.status, ended.err) == (0, "")
    before, *lines = path.read_text().splitlines()
    assert before == "before"
    assert ids(lines) == list(range(1000))


def test_stdout_is_a_fifo(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with Server(streams(*numbered(1000))) as server:
        running = program.start_other(
            [
                "sh",
                "-c",
                'exec "$@" > "$FIFO"',
                "sh",
                *COMMAND,
                "trade",
                "BTC/USD",
                "--url",
                server.url,
                "-n",
                "1000",
            ],
            env={"FIFO": str(path)},
            stdout=subprocess.DEVNULL,
        )
        lines = path.read_text().splitlines()
        assert running.ended().status == 0
    assert ids(lines) == list(range(1000))


def test_stdout_is_a_socket(program: Program) -> None:
    ours, theirs = socket.socketpair()
    with ours, Server(streams(*numbered(20_000))) as server:
        running = program.start("trade", "BTC/USD", "--url", server.url, "-n", "20000", stdout=theirs)
        theirs.close()
        with ours.makefile("rb") as reader:
            lines = reader.read().decode().splitlines()
        ended = running.ended()
    assert (ended.status, ended.err) == (0, "")
    assert ids(lines) == list(range(20_000))


def test_a_socket_whose_other_end_leaves(program: Program) -> None:
    ours, theirs = socket.socketpair()
    with Server(streams(*numbered(1))) as server:
        running = program.start("trade", "BTC/USD", "--url", server.url, stdout=theirs)
        theirs.close()
        assert ours.recv(65536)
        ours.close()
        ended = running.ended()
    assert (ended.status, ended.err) == (0, "")


def test_a_pipe_that_does_not_block_is_waited_for(program: Program) -> None:
    """`O_NONBLOCK` belongs to the pipe, so another program that shares it may have set it."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, SMALL)
    os.set_blocking(writing, False)
    with Server(streams(*numbered(2000))) as server:
        running = program.start("trade", "BTC/USD", "--url", server.url, "-n", "2000", stdout=writing)
        os.close(writing)
        with os.fdopen(reading) as reader:
            lines = reader.read().splitlines()
        ended = running.ended()
    assert (ended.status, ended.err) == (0, "")
    assert ids(lines) == list(range(2000))


def test_several_streams_into_one_pipe_keep_their_lines_whole(program: Program) -> None:
    with Server(streams(*numbered(3000))) as server:
        ended = program.shell(
            f"for i in 1 2 3; do kraken-stream trade BTC/USD --url {server.url} -n 3000 & done | cat; wait"
        )
    assert sorted(ids(ended.lines)) == sorted([*range(3000)] * 3)


class Stamped:
    """Sends trades whose prices are the sender's clock in nanoseconds; the machine has one such clock."""

    def __init__(self, bursts: int, size: int, pause: float) -> None:
        self.bursts, self.size, self.pause = bursts, size, pause

    def __call__(self, peer: Peer) -> None:
        due = time.monotonic()
        for burst in range(self.bursts):
            price = str(time.monotonic_ns())
            ids = range(burst * self.size, (burst + 1) * self.size)
            peer.send(*(message("trade", trade(number, price=price)) for number in ids))
            due += self.pause
            time.sleep(max(0.0, due - time.monotonic()))  # the pace is what is sent, not what is hoped for
        peer.hang()


@pytest.mark.parametrize(
    ("kind", "sender"),
    [
        ("quiet", Stamped(bursts=40, size=1, pause=0.025)),
        ("flood", Stamped(bursts=100, size=300, pause=0.01)),
    ],
)
def test_a_record_is_in_the_pipe_within_fifty_milliseconds(
    program: Program, kind: str, sender: Stamped
) -> None:
    count = sender.bursts * sender.size
    with Server(streams(then=sender)) as server:
        running = program.start("trade", "BTC/USD", "--url", server.url, "-n", str(count))
        pieces = []
        while piece := os.read(running.stdout, 1 << 20):
            pieces.append((time.monotonic_ns(), piece))
    ages, rest = [], b""
    for read_at, piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        ages += [(read_at - int(line.split(b'"price":')[1].split(b",")[0])) / 1e6 for line in lines]
    assert len(ages) == count
    median, *_ = statistics.quantiles(ages, n=2)
    sys.stdout.write(f"{kind}: median {median:.2f} ms, 99 % {statistics.quantiles(ages, n=100)[98]:.2f} ms\n")
    assert median < 50
