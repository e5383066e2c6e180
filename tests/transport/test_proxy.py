"""Which proxy is chosen, and a tunnel through a real one."""

import base64
import socket
import threading
from pathlib import Path

import pytest
from rest.kit import identity

from krakencli.errors import UsageError
from krakencli.transport.proxy import Proxy, choose
from krakencli.trust import context

from .server import PATIENCE, Client, Peer, Server, close, frame

WSS, WS = "wss://ws.kraken.com/v2", "ws://far.example:8080/v2"


@pytest.mark.parametrize(
    ("url", "environ", "expected"),
    [
        (WSS, {}, None),
        (WSS, {"https_proxy": "http://p:3128"}, Proxy("p", 3128)),
        (WSS, {"HTTPS_PROXY": "http://p:3128"}, Proxy("p", 3128)),
        (WSS, {"https_proxy": "p:3128"}, Proxy("p", 3128)),
        (WSS, {"https_proxy": "http://p"}, Proxy("p", 80)),
        (WSS, {"https_proxy": "http://[::1]:3128/"}, Proxy("::1", 3128)),
        (WSS, {"all_proxy": "http://all:1"}, Proxy("all", 1)),
        (WSS, {"all_proxy": "http://all:1", "https_proxy": "http://p:2"}, Proxy("p", 2)),
        (WSS, {"https_proxy": "", "HTTPS_PROXY": " ", "all_proxy": ""}, None),
        (WSS, {"http_proxy": "http://p:3128"}, None),
        (WS, {"http_proxy": "http://p:3128"}, Proxy("p", 3128)),
        (WS, {"https_proxy": "http://p:3128"}, None),
        (WSS, {"https_proxy": "http://us%40er:p%3Aw@p:1"}, Proxy("p", 1, "us@er", "p:w")),
        ("ws://localhost:1/v2", {"http_proxy": "http://p:1"}, None),
        ("wss://127.1.2.3/v2", {"https_proxy": "http://p:1"}, None),
        ("wss://[::1]/v2", {"all_proxy": "http://p:1"}, None),
    ],
)
def test_choice(url: str, environ: dict[str, str], expected: Proxy | None) -> None:
    assert choose(url, environ) == expected


@pytest.mark.parametrize(
    ("url", "no_proxy", "direct"),
    [
        (WSS, "ws.kraken.com", True),
        (WSS, "example.com, kraken.com ,", True),
        (WSS, ".kraken.com", True),
        (WSS, "*.kraken.com", True),
        (WSS, "*", True),
        (WSS, "KRAKEN.com", True),
        (WSS, "aken.com", False),
        (WSS, "kraken.co", False),
        (WSS, "xws.kraken.com", False),
        ("wss://10.1.2.3/v2", "10.0.0.0/8", True),
        ("wss://10.1.2.3/v2", "10.1.2.3", True),
        ("wss://11.1.2.3/v2", "10.0.0.0/8", False),
        ("wss://[fd00::1]/v2", "fd00::/8", True),
        ("wss://10.1.2.3/v2", "fd00::/8", False),
        (WSS, "10.0.0.0/33", False),
    ],
)
def test_exceptions(url: str, no_proxy: str, direct: bool) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        chosen = choose(url, {"all_proxy": "http://p:1", name: no_proxy})
        assert chosen == (None if direct else Proxy("p", 1))


@pytest.mark.parametrize(
    "address",
    ["socks5://p:1", "https://p:1", "http://", "http://p:99999", "http://p:port", "http://[::1", "://"],
)
def test_a_proxy_that_cannot_be_used(address: str) -> None:
    with pytest.raises(UsageError, match="https_proxy"):
        choose(WSS, {"https_proxy": address})


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(Proxy("p", 1, "user", "secret"))
    with pytest.raises(UsageError) as caught:
        choose(WSS, {"https_proxy": "socks5://user:secret@p:1"})
    assert "secret" not in caught.value.message + caught.value.suggestion


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def tunnel_to(port: int) -> Server:
    """A proxy that leads every CONNECT to this port of loopback, whatever name was asked for."""

    def script(peer: Peer) -> dict[str, str]:
        asked = peer.request()
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as onward:
            peer.socket.sendall(b"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n")
            back = threading.Thread(target=pump, args=(onward, peer.socket), daemon=True)
            back.start()
            pump(peer.socket, onward)
            back.join(PATIENCE)
        return asked

    return Server(script)


def exchange(peer: Peer) -> dict[str, str]:
    asked = peer.accept(more=frame(b"hello"))
    peer.receive()
    peer.send(close(1000))
    return asked


@pytest.mark.parametrize("secure", [False, True])
def test_a_tunnel(tmp_path: Path, secure: bool) -> None:
    """The name is far away: only the proxy can lead there, and it must be asked for it by name."""
    own = identity(tmp_path / "own", "far.example")
    trusted = context(str(own.ca_file)) if secure else None
    with Server(exchange, own.context if secure else None) as server, tunnel_to(server.port) as between:
        url = f"{'wss' if secure else 'ws'}://far.example:{server.port}/v2"
        proxy = choose(url, {"all_proxy": f"http://us%40er:p%3Aw@127.0.0.1:{between.port}"})
        with Client(url, proxy=proxy, context=trusted) as client:
            assert client.open().messages(1) == [b"hello"]
            client.link.send(b"thanks")
            assert client.rest()[1].code == 1000
        asked = between.result()
        assert asked[""] == f"CONNECT far.example:{server.port} HTTP/1.1"
        assert base64.b64decode(asked["proxy-authorization"].removeprefix("Basic ")) == b"us@er:p:w"
        seen = server.result()
        assert "proxy-authorization" not in seen
        assert seen["host"] == f"far.example:{server.port}"


def test_a_proxy_without_a_password_is_not_told_one() -> None:
    with Server(exchange) as server, tunnel_to(server.port) as between:
        with Client(f"ws://far.example:{server.port}/v2", proxy=Proxy("127.0.0.1", between.port)) as client:
            client.open().link.send(b"thanks")
            client.rest()
        assert "proxy-authorization" not in between.result()


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 407 Who are you\r\n\r\n", b"HTTP/1.1 502 No\r\n\r\n", b"SSH-2.0\r\n\r\n"]
)
def test_a_proxy_that_refuses(answer: bytes) -> None:
    def script(peer: Peer) -> None:
        peer.request()
        peer.socket.sendall(answer)

    with Server(script) as between:
        proxy = Proxy("127.0.0.1", between.port, "user", "secret")
        with Client("ws://far.example/v2", proxy=proxy) as client:
            _, end = client.rest()
    assert (end.opened, end.permanent, end.http_status) == (False, False, None)
    assert "secret" not in end.reason
    assert end.reason


def test_without_a_proxy_the_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library looks for variables by itself; what was decided here stands."""
    with Server(lambda peer: peer.accept(close(1000))) as server:
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        with Client(f"ws://localhost:{server.port}/v2") as client:
            assert client.open().rest()[1].code == 1000
