"""Opening a link: what it asks for, and what a refusal means for the next attempt."""

import socket
import threading
import time
from typing import Any

import pytest

from krakencli import __version__
from krakencli.errors import AuthError, RemoteError, StreamError
from krakencli.transport.link import Closed, Opened, Postponed

from .server import PATIENCE, Client, Peer, Server, close

IPV6 = socket.has_ipv6


def refusal(answer: bytes, **options: Any) -> Closed:
    """How an attempt ends that is answered with these bytes."""

    def script(peer: Peer) -> None:
        peer.request()
        peer.socket.sendall(answer)

    with Server(script) as server, Client(server.url, **options) as client:
        found, end = client.rest()
        assert (found, server.connections) == ([], 1)
    assert not end.opened
    return end


def http(status: str, body: bytes = b"", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_what_is_asked_for() -> None:
    with Server(lambda peer: peer.accept(close())) as server, Client(server.url + "?a=b") as client:
        client.rest()
        asked = server.result()
    assert asked[""] == "GET /v2?a=b HTTP/1.1"
    assert asked["host"] == f"127.0.0.1:{server.port}"
    assert asked["user-agent"] == f"kraken-stream/{__version__}"
    assert (asked["upgrade"], asked["connection"], asked["sec-websocket-version"]) == (
        "websocket",
        "Upgrade",
        "13",
    )
    assert not {"origin", "cookie", "sec-websocket-extensions", "sec-websocket-protocol"} & asked.keys()


def test_over_ipv6() -> None:
    try:
        probe = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    done = threading.Event()

    def serve() -> None:
        connection, _ = probe.accept()
        with connection:
            Peer(connection).accept(close(1001))
            done.wait(PATIENCE)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with probe, Client(f"ws://[::1]:{probe.getsockname()[1]}/v2") as client:
        assert client.open().rest()[1].code == 1001
        done.set()
        thread.join(PATIENCE)


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (200, True),
        (400, True),
        (401, True),
        (403, True),
        (404, True),
        (429, False),
        (500, False),
        (502, False),
        (503, False),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>" * 9000])
def test_a_refused_handshake(status: int, permanent: bool, body: bytes) -> None:
    end = refusal(http(f"{status} No", body))
    assert (end.http_status, end.permanent, end.garbage) == (status, permanent, False)
    assert end.reason == f"the server answered HTTP {status} instead of opening a WebSocket"


@pytest.mark.parametrize("status", ["301", "302", "307", "308"])
@pytest.mark.parametrize("target", ["ws://127.0.0.1:{port}/v2", "wss://127.0.0.1:{port}/v2", "/v2", ""])
def test_redirects_are_not_followed(status: str, target: str) -> None:
    with Server(lambda peer: peer.accept(close())) as other:
        location = f"Location: {target.format(port=other.port)}\r\n" if target else ""
        end = refusal(http(f"{status} Moved", headers=location))
        assert other.connections == 0
    assert (end.permanent, end.garbage) == (True, False)


@pytest.mark.parametrize(
    "answer",
    [
        b"220 mail.example ESMTP\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
        b"HTTP/1.1 101 S\r\nno header\r\n\r\n",
        b"\xff\xfe\r\n\r\n",
        b"HTTP/1.1 404 No\r\nContent-Length: many\r\n\r\n",
    ],
)
def test_a_server_that_speaks_something_else(answer: bytes) -> None:
    end = refusal(answer)
    assert (end.permanent, end.http_status, end.reason) == (True, None, "the server does not speak WebSocket")


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 101", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: web"]
)
def test_a_server_that_hangs_up(answer: bytes) -> None:
    end = refusal(answer)
    assert (end.permanent, end.garbage, end.reason) == (
        False,
        False,
        "the server hung up during the handshake",
    )


def test_a_server_that_closes_at_once() -> None:
    with Server(lambda peer: peer.reset()) as server, Client(server.url) as client:
        _, end = client.rest()
    assert (end.opened, end.permanent) == (False, False)
    assert end.reason


def test_a_server_that_never_answers() -> None:
    with Server(lambda peer: peer.receive_end()) as server, Client(server.url, timeout=0.2) as client:
        _, end = client.rest()
    assert (end.reason, end.opened, end.permanent) == ("no answer in time", False, False)


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Client(f"ws://127.0.0.1:{port}/v2") as client:
        _, end = client.rest()
    assert (end.reason, end.permanent, end.http_status) == ("connection refused", False, None)


@pytest.mark.parametrize("name", ["no-such-host.invalid", "a" * 64 + ".invalid", "xn--.invalid"])
def test_a_name_that_cannot_be_resolved(name: str) -> None:
    with Client(f"wss://{name}/v2", timeout=5.0) as client:
        _, end = client.rest()
    assert not end.opened
    assert end.reason


@pytest.mark.parametrize("cookie", ["a/b=1; Domain=127.0.0.1", "session=1", "=; ;;", "path=/"])
def test_cookies_of_any_form_do_no_harm(cookie: str) -> None:
    """The library keeps cookies with a parser that raises; the link must end, or open, all the same."""

    def script(peer: Peer) -> None:
        peer.accept(close(1001), headers=f"Set-Cookie: {cookie}\r\n")
        peer.receive_end()

    with Server(script) as server, Client(server.url) as client:
        _, end = client.rest()
    assert end.opened == (end.code == 1001)
    assert end.reason
    assert not end.permanent


def test_a_token_is_fetched_before_anything_is_dialled_and_comes_with_the_opening() -> None:
    order: list[str] = []

    def fetch() -> str:
        order.append("token")
        return "TOKEN-OF-THIS-CONNECTION"

    def script(peer: Peer) -> None:
        order.append("handshake")
        peer.accept(close())

    with Server(script) as server, Client(server.url, fetch_token=fetch) as client:
        opened = client.next()
        client.rest()
    assert isinstance(opened, Opened)
    assert opened.token == "TOKEN-OF-THIS-CONNECTION"
    assert "TOKEN" not in repr(opened)
    assert order == ["token", "handshake"]


@pytest.mark.parametrize(
    ("error", "permanent"),
    [(AuthError("EAPI:Invalid key"), True), (RemoteError("EService:Busy", retryable=True), False)],
)
def test_without_a_token_nothing_is_dialled(error: StreamError, permanent: bool) -> None:
    def fetch() -> str:
        raise error

    with Server(lambda peer: peer.accept(close())) as server, Client(server.url, fetch_token=fetch) as client:
        found, end = client.rest()
        assert server.connections == 0
    assert (found, end.error, end.permanent, end.opened) == ([], error, permanent, False)


def test_an_attempt_waits_until_it_is_admitted() -> None:
    began = time.monotonic()
    with Server(lambda peer: peer.accept(close())) as server, Client(server.url, admit=lambda: 0.2) as client:
        postponed, opened = client.next(), client.next()
        client.rest()
    assert isinstance(postponed, Postponed)
    assert postponed.seconds == 0.2
    assert isinstance(opened, Opened)
    assert time.monotonic() - began >= 0.2


def test_one_that_waits_can_be_called_off() -> None:
    with Server(lambda peer: peer.accept(close())) as server:
        with Client(server.url, admit=lambda: 3600.0) as client:
            assert isinstance(client.next(), Postponed)
            client.link.close()
            found, end = client.rest()
        assert (found, end.opened, server.connections) == ([], False, 0)
