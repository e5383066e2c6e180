"""REST trusts what the program trusts, directly and through a proxy, and nothing besides."""

from pathlib import Path

import pytest
import requests.adapters

from krakencli.errors import UnreachableError
from krakencli.rest.client import Client

from .kit import Identity, Server, Tunnel, identity, result


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path / "own", "127.0.0.1", "kraken.invalid")


@pytest.fixture
def other(tmp_path: Path) -> Identity:
    return identity(tmp_path / "other")


def test_a_file_that_signed_the_server_is_enough(own: Identity) -> None:
    with Server(result(1), context=own.context) as server:
        with Client(server.base, ca_file=str(own.ca_file)) as rest:
            assert rest.public("Time") == 1
        assert len(server.seen) == 1


def test_the_systems_store_follows_the_environment(own: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own.ca_file))
    with Server(result(1), context=own.context) as server, Client(server.base) as rest:
        assert rest.public("Time") == 1


@pytest.mark.parametrize("given", [True, False])
def test_nothing_else_is_trusted(
    own: Identity, other: Identity, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own.ca_file))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(own.ca_file))
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(own.ca_file))
    monkeypatch.setenv("SSL_CERT_FILE", str(other.ca_file))
    monkeypatch.setenv("SSL_CERT_DIR", str(other.ca_file.parent / "none"))
    slept: list[float] = []
    ca_file = str(other.ca_file) if given else None
    with (
        Server(result(1), context=own.context) as server,
        Client(server.base, ca_file=ca_file, sleep=slept.append) as rest,
    ):
        with pytest.raises(UnreachableError, match="its certificate is not trusted") as caught:
            rest.public("Time")
        assert not server.seen
    assert not caught.value.retryable
    assert slept == []
    assert "--ca-file" in caught.value.suggestion


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    elsewhere = identity(tmp_path / "elsewhere", "kraken.invalid")
    with (
        Server(result(1), context=elsewhere.context) as server,
        Client(server.base, ca_file=str(elsewhere.ca_file)) as rest,
        pytest.raises(UnreachableError, match="not trusted: IP address mismatch"),
    ):
        rest.public("Time")


@pytest.mark.parametrize("secure", [False, True])
def test_through_a_tunnel_the_same_certificates_count(
    own: Identity, other: Identity, secure: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = own.context if secure else None
    with Server(result(1), context=own.context) as server, Tunnel(server.port, proxy) as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", tunnel.url)
        with Client("https://kraken.invalid", ca_file=str(own.ca_file)) as rest:
            assert rest.public("Time") == 1
        assert tunnel.names == ["kraken.invalid:443"]
        with (
            Client("https://kraken.invalid", ca_file=str(other.ca_file)) as rest,
            pytest.raises(UnreachableError, match="not trusted"),
        ):
            rest.public("Time")
        assert len(server.seen) == 1


def test_a_plain_call_uses_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with Server(result(1)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.base)
        with Client("http://kraken.invalid") as rest:
            assert rest.public("Time") == 1
        assert proxy.seen[0].path == "http://kraken.invalid/0/public/Time"
        monkeypatch.setenv("no_proxy", "kraken.invalid")
        with (
            Client("http://kraken.invalid", delays=()) as rest,
            pytest.raises(UnreachableError, match="resolved"),
        ):
            rest.public("Time")


def test_loopback_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with Server(result(1)) as server, Client(server.base, delays=()) as rest:
        assert rest.public("Time") == 1
