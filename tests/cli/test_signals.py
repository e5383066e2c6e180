"""SIGINT ends with 130, SIGTERM with 143, at once, without a word, from every state that a run can be in.

The promise is half a second; the bound here is what a loaded machine meets too, and the time is printed.
"""

import json
import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from .certificates import Authority
from .kit import Shims
from .program import COMMAND, Ended, Program, Running, decoded, eventually
from .server import Peer, Server, message, streams, trade

BOUND = 2.0
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}
KEYS = {"KRAKEN_API_KEY": "k" * 56, "KRAKEN_API_SECRET": "c2VjcmV0" * 11}
SMALL = 4096
LINE = 400
"""More than the longest line of these tests."""


@dataclass
class Stage:
    """What a state needs to be reached."""

    program: Program
    shims: Shims
    folder: Path
    keep: ExitStack

    def server(self, *args: object, **settings: object) -> Server:
        return self.keep.enter_context(Server(*args, **settings))  # type: ignore[arg-type]

    def start(self, line: str, **more: object) -> Running:
        return self.program.start(*line.split(), **more)  # type: ignore[arg-type]


@pytest.fixture
def stage(program: Program, shims: Shims, tmp_path: Path) -> Iterator[Stage]:
    with ExitStack() as keep:
        yield Stage(program, shims, tmp_path, keep)
        program.end_all()


def loading(stage: Stage) -> Running:
    """The interpreter runs, the program is still being imported."""
    stage.shims.slow_import("click")
    running = stage.start("ticker BTC/USD", env=stage.shims.environ)
    eventually(stage.shims.mark.exists, "the import")
    return running


def starting_the_sandbox(stage: Stage) -> Running:
    stage.shims.slow_import("aiohttp")
    running = stage.start("ticker BTC/USD --sandbox", env=stage.shims.environ)
    eventually(stage.shims.mark.exists, "the import")
    return running


def asking_rest(line: str) -> Callable[[Stage], Running]:
    def reach(stage: Stage) -> Running:
        server = stage.server(Peer.hang)
        environ = {"KRAKEN_SPOT_URL": server.rest, "KRAKEN_WS_PUBLIC_URL": server.url, **KEYS}
        running = stage.start(line, env=environ)
        eventually(lambda: server.peers, "the request")
        return running

    return reach


def joining_a_sandbox(stage: Stage) -> Running:
    server = stage.server(Peer.hang)
    running = stage.start(f"ticker BTC/USD --sandbox-url {server.rest}")
    eventually(lambda: server.peers, "the request")
    return running


def looking_up_a_host(line: str) -> Callable[[Stage], Running]:
    def reach(stage: Stage) -> Running:
        stage.shims.names_hang()
        environ = {**stage.shims.environ, "KRAKEN_SPOT_URL": "https://example.invalid", **KEYS}
        running = stage.start(line, env=environ)
        eventually(stage.shims.mark.exists, "the look-up")
        return running

    return reach


def connecting(stage: Stage) -> Running:
    """The listener's queue is full, so the kernel leaves the client's SYN unanswered."""
    listener = stage.keep.enter_context(socket.socket())
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    port: int = listener.getsockname()[1]
    while not syn_sent(port):
        client = stage.keep.enter_context(socket.socket())
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", port))
    before = syn_sent(port)
    running = stage.start(f"ticker BTC/USD --url ws://127.0.0.1:{port}/v2")
    eventually(lambda: syn_sent(port) > before, "the program's SYN")
    return running


def syn_sent(port: int) -> int:
    """How many connections to the port wait for an answer, as the kernel lists them."""
    table = Path("/proc/net/tcp").read_text()
    return len(re.findall(rf" [0-9A-F]{{8}}:{port:04X} 02 ", table))


def shaking_hands_by_tls(stage: Stage) -> Running:
    said_hello = []

    def script(peer: Peer) -> None:
        peer.wait_for_bytes()
        said_hello.append(True)
        peer.hang()

    server = stage.server(script, raw=True)
    authority = Authority(stage.folder / "authority")
    url = server.url.replace("ws:", "wss:")
    running = stage.start(f"ticker BTC/USD --url {url} --ca-file {authority.ca_file}")
    eventually(lambda: said_hello, "the client's hello")
    return running


def shaking_hands_by_websocket(stage: Stage) -> Running:
    server = stage.server(Peer.hang)
    running = stage.start(f"ticker BTC/USD --url {server.url}")
    eventually(lambda: server.peers, "the request")
    return running


def waiting_for_the_acknowledgement(stage: Stage) -> Running:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.receive()
        peer.hang()

    server = stage.server(script)
    running = stage.start(f"ticker BTC/USD --url {server.url}")
    eventually(lambda: server.peers and server.peers[0].requests, "the subscription")
    return running


def streaming(stage: Stage) -> Running:
    server = stage.server(streams(then=flood))
    running = stage.start(f"trade BTC/USD --url {server.url}")
    assert running.record()["channel"] == "trade"
    return running


def silent(stage: Stage) -> Running:
    server = stage.server(streams(message("trade", trade(0))))
    running = stage.start(f"trade BTC/USD --url {server.url}")
    assert running.record()["channel"] == "trade"
    return running


def with_a_full_pipe(stage: Stage) -> Running:
    server = stage.server(streams(then=flood))
    running = stage.start(f"trade BTC/USD --url {server.url}", pipesize=SMALL)
    eventually(lambda: running.piped() > SMALL - LINE, "a pipe without room for a line")
    return running


def serving_a_sandbox(stage: Stage) -> Running:
    running = stage.start("sandbox")
    assert running.record()["rest"]
    return running


def streaming_from_its_own_sandbox(stage: Stage) -> Running:
    running = stage.start("ticker BTC/USD --sandbox")
    assert running.record()["symbol"] == "BTC/USD"
    return running


def flood(peer: Peer) -> None:
    number = 0
    while True:
        peer.send(*(message("trade", trade(number + more)) for more in range(100)))
        number += 100


STATES = {
    "loading": loading,
    "sandbox start": starting_the_sandbox,
    "joining": joining_a_sandbox,
    "look-up of a symbol": asking_rest("ticker btcusd"),
    "pairs": asking_rest("pairs"),
    "token": asking_rest("token"),
    "name of the REST host": looking_up_a_host("pairs"),
    "name of the WebSocket host": looking_up_a_host("ticker BTC/USD --url wss://example.invalid/v2"),
    "connect": connecting,
    "TLS handshake": shaking_hands_by_tls,
    "WebSocket handshake": shaking_hands_by_websocket,
    "acknowledgement": waiting_for_the_acknowledgement,
    "streaming": streaming,
    "silence": silent,
    "full pipe": with_a_full_pipe,
    "serving": serving_a_sandbox,
    "streaming from its own sandbox": streaming_from_its_own_sandbox,
}


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("state", STATES)
def test_it_ends_at_once_and_without_a_word(stage: Stage, state: str, number: signal.Signals) -> None:
    if state == "connect" and not Path("/proc/net/tcp").exists():
        pytest.skip("only Linux lists its connections in /proc/net/tcp")
    ended = stage.program.interrupt(STATES[state](stage), number)
    assert ended.status == SIGNALS[number]
    assert ended.err == ""
    assert ended.seconds < BOUND


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_it_ends_while_it_waits_to_connect_again(stage: Stage, number: signal.Signals) -> None:
    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        server.stop_listening()
        peer.cut()

    server = stage.server(script)
    running = stage.start(f"ticker BTC/USD --url {server.url} --events")
    while (news := running.record())["type"] != "reconnecting" or float(news["delay"]) < 1:
        assert news["channel"] == "_feed"
    ended = stage.program.interrupt(running, number)
    assert ended.status == SIGNALS[number]
    assert all("connection lost" in line for line in ended.err.splitlines())
    assert ended.records[-1]["type"] == "end"
    assert ended.seconds < BOUND


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_lines_are_whole_and_the_end_is_told(stage: Stage, number: signal.Signals) -> None:
    server = stage.server(streams(then=flood))
    running = stage.start(f"trade BTC/USD --url {server.url} --events")
    first = [running.line() for _ in range(1000)]
    running.signal(number)
    ended = running.ended()
    assert ended.out.endswith("\n")
    records = decoded(first) + ended.records
    numbers = [int(record["trade_id"]) for record in records if record["channel"] == "trade"]
    assert numbers == list(range(len(numbers)))
    end = records[-1]
    assert (end["channel"], end["type"]) == ("_feed", "end")
    assert end["reason"] == {130: "interrupted", 143: "terminated"}[ended.status]
    assert int(end["records"]) == len(numbers)


def test_what_a_full_pipe_took_is_intact(stage: Stage) -> None:
    ended: Ended = stage.program.interrupt(with_a_full_pipe(stage), signal.SIGTERM)
    *lines, _ = ended.out.split("\n")
    assert [json.loads(line)["trade_id"] for line in lines] == list(range(len(lines)))
    assert len(lines) > 10


def test_a_full_pipe_is_left_at_the_end_of_a_line(stage: Stage) -> None:
    ended = stage.program.interrupt(with_a_full_pipe(stage), signal.SIGTERM)
    assert ended.out.endswith("\n")


def test_a_second_signal_ends_it_too(stage: Stage) -> None:
    running = with_a_full_pipe(stage)
    running.signal(signal.SIGINT)
    running.signal(signal.SIGTERM)
    assert running.left().status in (130, 143)


def test_an_interrupt_that_the_parent_ignores_stays_ignored(stage: Stage) -> None:
    """`nohup`, and `&` in a shell without job control, start programs so."""
    served = []

    def script(peer: Peer) -> None:
        peer.greet()
        peer.grant()
        peer.send(message("trade", trade(0)))
        eventually(lambda: served, "the signal")
        peer.send(message("trade", trade(1)))
        peer.hang()

    server = stage.server(script)
    command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *COMMAND]
    running = stage.program.start_other([*command, "trade", "BTC/USD", "--url", server.url])
    assert running.record()["trade_id"] == "0"
    running.signal(signal.SIGINT)
    served.append(True)
    assert running.record()["trade_id"] == "1"
    assert stage.program.interrupt(running, signal.SIGTERM).status == 143


def test_an_ignored_interrupt_stays_ignored_while_loading(stage: Stage) -> None:
    stage.shims.slow_import("click")
    command = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *COMMAND, "ticker", "BTC/USD"]
    running = stage.program.start_other(command, env=stage.shims.environ)
    eventually(stage.shims.mark.exists, "the import")
    running.signal(signal.SIGINT)
    assert stage.program.interrupt(running, signal.SIGTERM).status == 143
