"""Every way in which a link ends: told once, with what came before, and the thread is gone."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from rest.kit import Identity, identity

from krakencli.transport.link import Batch, Closed

from .server import CLOSE, PATIENCE, Client, Peer, Server, close, frame

DATA = [frame(b'{"n":%d}' % number) for number in range(5)]
MESSAGES = [b'{"n":%d}' % number for number in range(5)]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return identity(tmp_path_factory.mktemp("tls") / "own")


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1011, 1013, 3000, 4999])
def test_a_code_and_a_reason(code: int) -> None:
    def script(peer: Peer) -> tuple[int, bytes]:
        peer.accept()
        peer.send(*DATA, close(code, "CloudFlare proxy\nrestarting €"))
        return peer.receive()

    with Server(script) as server, Client(server.url) as client:
        found, end = client.open().rest()
        assert server.result()[0] == CLOSE
    assert found == MESSAGES
    assert (end.code, end.opened, end.permanent, end.garbage) == (code, True, False, False)
    assert str(code) in end.reason
    assert "restarting €" in end.reason


def test_without_a_code() -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.send(*DATA, close())

    with Server(script) as server, Client(server.url) as client:
        found, end = client.open().rest()
    assert (found, end.code) == (MESSAGES, None)
    assert end.reason == "the server closed the connection, closed without a code"


def wait_for_bytes(client: Client, count: int) -> None:
    """Until the client's kernel holds so many bytes that the link has not read."""
    deadline = threading.Event()
    peeked = client.link._socket.sock  # the only way to know that a segment has arrived
    for _ in range(1000):
        try:
            if len(socket.socket.recv(peeked, 1 << 16, socket.MSG_PEEK)) >= count:
                return
        except BlockingIOError:
            pass
        deadline.wait(0.005)
    pytest.fail("the bytes did not arrive")


def test_a_close_and_a_reset_at_once_keep_the_code() -> None:
    """The answer to the close frame finds a dead socket; the code that was read counts all the same."""
    last = close(1013, "Market data unavailable")
    gone = threading.Event()

    def script(peer: Peer) -> None:
        peer.accept(more=frame(b"x" * 100))
        assert start.wait(PATIENCE)
        peer.send(DATA[0], last)
        assert arrived.wait(PATIENCE)
        peer.reset()
        gone.set()

    start, arrived = threading.Event(), threading.Event()
    with Server(script) as server, Client(server.url, limit=10) as client:
        client.open()
        start.set()
        wait_for_bytes(client, len(DATA[0] + last))
        arrived.set()
        assert gone.wait(PATIENCE)
        found, end = client.rest()
    assert found == [b"x" * 100, MESSAGES[0]]
    assert (end.code, end.garbage) == (1013, False)


def test_a_reset() -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.send(*DATA)
        assert heard.wait(PATIENCE)
        peer.reset()

    heard = threading.Event()
    with Server(script) as server, Client(server.url) as client:
        found = client.open().messages(5)
        heard.set()
        _, end = client.rest()
    assert found == MESSAGES
    assert (end.opened, end.code, end.garbage, end.permanent) == (True, None, False, False)
    assert "reset" in end.reason


@pytest.mark.parametrize("more", [b"", frame(b"x" * 300)[:200], b"\x81"])
def test_an_end_without_goodbye(more: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.send(*DATA, more)

    with Server(script) as server, Client(server.url) as client:
        found, end = client.open().rest()
    assert found == MESSAGES
    assert (end.reason, end.garbage, end.code) == ("the connection was cut", False, None)


@pytest.mark.parametrize("how", ["close frame", "cut"])
def test_tls_ends(own: Identity, how: str) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.send(*DATA, *([close(1001)] if how == "close frame" else []))

    context = ssl.create_default_context(cafile=str(own.ca_file))
    with Server(script, own.context) as server, Client(server.url, context=context) as client:
        found, end = client.open().rest()
    assert (found, end.code) == (MESSAGES, 1001 if how == "close frame" else None)


def test_our_own_goodbye() -> None:
    def script(peer: Peer) -> tuple[int, bytes]:
        peer.accept()
        return peer.receive()

    with Server(script) as server, Client(server.url) as client:
        client.open().link.close(PATIENCE)
        assert not client.ended().is_alive()
        assert client.next() == Closed(client.link, "closed by this program", opened=True)
        assert server.result() == (CLOSE, b"\x03\xe8")
        client.link.close(PATIENCE)
        client.link.send(b"too late")


def test_goodbye_during_a_flood() -> None:
    def script(peer: Peer) -> bool:
        peer.accept()
        try:
            while True:
                peer.send(*DATA * 100)
        except ConnectionError:
            return True

    with Server(script) as server, Client(server.url, limit=1 << 30) as client:
        assert isinstance(client.open().next(), Batch)
        client.link.close(2.0)
        assert not client.ended().is_alive()
        assert server.result()


def test_goodbye_while_nobody_takes_what_was_read() -> None:
    def script(peer: Peer) -> bool:
        peer.accept(more=b"".join(DATA))
        return len(peer.receive_end()) > 0

    with Server(script) as server, Client(server.url, limit=10) as client:
        client.open()
        while client.inbox.wait_for_room(0):
            pass
        client.link.close(2.0)
        assert not client.ended().is_alive()
        assert server.result()
        assert client.rest()[0] == MESSAGES


def test_goodbye_to_a_server_that_takes_nothing() -> None:
    def script(peer: Peer) -> None:
        peer.accept(more=DATA[0])
        assert over.wait(PATIENCE)

    over = threading.Event()
    with Server(script) as server, Client(server.url) as client:
        client.open().messages(1)
        for _ in range(64):
            client.link.send(b"x" * (1 << 20))
        client.link.close(2.0)
        alive = client.ended().is_alive()
        over.set()
        assert not alive
        assert client.rest()[1].reason


def test_goodbye_to_a_server_that_never_answers() -> None:
    def script(peer: Peer) -> None:
        peer.request()
        assert asked.wait(PATIENCE)
        peer.receive_end()

    asked = threading.Event()
    with Server(script) as server, Client(server.url, timeout=0.3) as client:
        client.link.close()
        asked.set()
        client.ended().join(PATIENCE)
        _, end = client.rest()
    assert (end.opened, end.permanent, end.reason) == (False, False, "no answer in time")


def test_a_link_that_was_closed_before_it_opened_says_goodbye() -> None:
    def script(peer: Peer) -> tuple[int, bytes]:
        assert closed.wait(PATIENCE)
        peer.accept()
        return peer.receive()

    closed = threading.Event()
    with Server(script) as server, Client(server.url) as client:
        client.link.close()
        closed.set()
        assert server.result()[0] == CLOSE
        assert client.open().next() == Closed(client.link, "closed by this program", opened=True)


def count_open_files() -> int:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not list a process's open files")
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_stays_open_over_two_hundred_connections() -> None:
    """In turn: refused, closed by the server, closed by us, garbage, hung up."""

    def script(peer: Peer) -> None:
        kind = server.connections % 5
        if kind == 1:
            peer.request()
            peer.socket.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
        elif kind:
            peer.accept(more=b"".join(DATA) + {2: close(1001), 3: b"\xff\xff"}.get(kind, b""))
            peer.receive_end()

    with Server(script) as server:
        for number in range(201):
            with Client(server.url) as client:
                if number % 5 == 3:  # the server waits for it
                    client.link.close()
                client.rest()
            assert server.result() is None
            if number == 0:
                before = count_open_files()
    assert count_open_files() <= before
