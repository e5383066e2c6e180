"""TLS: whom a link trusts, what it says of itself, and data in records of every size."""

import socket
import ssl
import threading
from pathlib import Path

import pytest
from rest.kit import Identity, identity

from krakencli.transport.link import Closed
from krakencli.trust import context

from .server import PATIENCE, Client, Peer, Server, close, frame


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def own(folder: Path) -> Identity:
    return identity(folder / "own")


def end(server: Server, trusted: ssl.SSLContext, url: str | None = None) -> Closed:
    with Client(url or server.url, context=trusted, timeout=5.0) as client:
        return client.rest()[1]


def test_the_right_authority(own: Identity) -> None:
    with Server(lambda peer: peer.accept(close(1001)), own.context) as server:
        assert end(server, context(str(own.ca_file))).code == 1001


def test_another_authority(own: Identity, folder: Path) -> None:
    other = identity(folder / "other")
    with Server(lambda peer: peer.accept(), own.context) as server:
        found = end(server, context(str(other.ca_file)))
    assert (found.permanent, found.opened, found.garbage) == (True, False, False)
    assert found.reason.startswith("the server's certificate cannot be trusted (unable to get local issuer")


def test_another_name(folder: Path) -> None:
    elsewhere = identity(folder / "elsewhere", "kraken.example")
    with Server(lambda peer: peer.accept(), elsewhere.context) as server:
        found = end(server, context(str(elsewhere.ca_file)))
    assert found.permanent
    assert "certificate is not valid for '127.0.0.1'" in found.reason


def test_the_name_is_sent(own: Identity) -> None:
    names: list[str | None] = []
    own.context.sni_callback = lambda _socket, name, _context: names.append(name)
    with Server(lambda peer: peer.accept(close()), own.context) as server:
        url = f"wss://localhost:{server.port}/v2"
        assert end(server, context(str(own.ca_file)), url).opened
    own.context.sni_callback = None
    assert names == ["localhost"]


def test_a_server_without_tls(own: Identity) -> None:
    with Server(
        lambda peer: peer.socket.recv(1) and peer.socket.sendall(b"HTTP/1.1 400 No\r\n\r\n")
    ) as server:
        found = end(server, context(str(own.ca_file)), f"wss://127.0.0.1:{server.port}/v2")
    assert (found.opened, found.permanent) == (False, False)
    assert found.reason.startswith("TLS failed")


def test_a_tls_server_asked_without_tls(own: Identity) -> None:
    with (
        Server(lambda peer: peer.accept(), own.context) as server,
        Client(f"ws://127.0.0.1:{server.port}/v2", timeout=5.0) as client,
    ):
        found, closed = client.rest()
    assert (found, closed.opened) == ([], False)
    assert closed.reason


def test_a_server_that_never_shakes_hands(own: Identity) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"wss://127.0.0.1:{silent.getsockname()[1]}/v2"
        with Client(url, context=context(str(own.ca_file)), timeout=0.2) as client:
            _, found = client.rest()
    assert (found.reason, found.opened, found.permanent) == ("no answer in time", False, False)


def test_messages_in_the_record_of_the_handshake(own: Identity) -> None:
    """They are decrypted with it, so that `select` says nothing of them."""
    done = threading.Event()

    def script(peer: Peer) -> bool:
        peer.accept(more=frame(b"1") + frame(b"2" * 300))
        return done.wait(PATIENCE)

    with (
        Server(script, own.context) as server,
        Client(server.url, context=context(str(own.ca_file))) as client,
    ):
        assert client.open().messages(2) == [b"1", b"2" * 300]
        done.set()


@pytest.mark.parametrize("size", [100, 16_384, 16_385, 100_000, 3 << 20])
def test_messages_over_many_records(own: Identity, size: int) -> None:
    def script(peer: Peer) -> None:
        peer.accept()
        peer.send(*[frame(b"%d" % number * size) for number in range(3)], close(1000))
        peer.receive_end()

    with (
        Server(script, own.context) as server,
        Client(server.url, context=context(str(own.ca_file))) as client,
    ):
        found, closed = client.open().rest()
    assert found == [b"%d" % number * size for number in range(3)]
    assert closed.code == 1000


def test_sending_while_receiving_a_flood(own: Identity) -> None:
    def script(peer: Peer) -> list[bytes]:
        peer.accept()
        stop, found = threading.Event(), []

        def flood() -> None:
            while not stop.is_set():
                peer.send(*[frame(b'{"n":1}' * 30)] * 200)

        sender = threading.Thread(target=flood, daemon=True)
        sender.start()
        found = [peer.receive()[1] for _ in range(50)]
        stop.set()
        sender.join(PATIENCE)
        peer.send(close(1000))
        return found

    plain = Server(script)
    with plain as server, Client(server.url, limit=1 << 30) as client:
        client.open()
        for number in range(50):
            client.link.send(b"%d" % number * 1000)
        assert server.result() == [b"%d" % number * 1000 for number in range(50)]
        found, closed = client.rest()
    assert closed.code == 1000
    assert set(found) == {b'{"n":1}' * 30}
