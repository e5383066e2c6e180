"""What is trusted, proved by handshakes; and one clear line where nothing can be."""

import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

import certifi
import pytest
from rest.kit import Identity, identity

from krakencli.errors import UsageError
from krakencli.trust import context


@pytest.fixture
def own(tmp_path: Path) -> Identity:
    return identity(tmp_path / "own")


@pytest.fixture
def no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An OpenSSL that finds neither its file nor an entry in its directory."""
    empty = tmp_path / "empty"
    empty.mkdir()
    paths = ssl.DefaultVerifyPaths(None, str(empty), "SSL_CERT_FILE", "", "SSL_CERT_DIR", "")
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str | None:
    """Both sides of one handshake; the protocol that they settled on, or what the client raises."""
    here, there = socket.socketpair()

    def serve() -> None:
        try:
            with server.wrap_socket(there, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError:
            there.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        with here, client.wrap_socket(here, server_hostname=name) as wrapped:
            return wrapped.version()
    finally:
        thread.join(10)


def test_a_file_of_ones_own(own: Identity) -> None:
    assert handshake(own.context, context(str(own.ca_file)), "localhost") == "TLSv1.3"


def test_the_host_name_counts(own: Identity) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(own.context, context(str(own.ca_file)), "kraken.invalid")


def test_a_file_of_ones_own_replaces_the_systems_store(
    own: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(own.ca_file))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "missing"))
    other = identity(tmp_path / "other")
    assert handshake(own.context, context(), "localhost") == "TLSv1.3"
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(own.context, context(str(other.ca_file)), "localhost")


def test_a_directory_of_the_environment(own: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["openssl", "x509", "-hash", "-noout", "-in", str(own.ca_file)]
    try:
        digest = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except FileNotFoundError:
        pytest.skip("openssl's program, which names the files of such a directory, is missing")
    (own.ca_file.parent / f"{digest}.0").symlink_to(own.ca_file)
    monkeypatch.setenv("SSL_CERT_FILE", str(own.ca_file.parent / "missing"))
    monkeypatch.setenv("SSL_CERT_DIR", str(own.ca_file.parent))
    assert handshake(own.context, context(), "localhost") == "TLSv1.3"


def test_nothing_older_than_tls_1_2() -> None:
    trusted = context()
    assert trusted.minimum_version == ssl.TLSVersion.TLSv1_2
    assert trusted.verify_mode == ssl.CERT_REQUIRED
    assert trusted.check_hostname


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "does not exist"),
        (b"", "holds no certificate"),
        (b"hello\n", "holds no certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds no certificate"),
        (b"\x30\x82\x00\x01\x00", "holds no certificate"),
    ],
)
def test_a_file_that_is_no_use(content: bytes | None, problem: str, tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)
    with pytest.raises(UsageError, match=problem) as caught:
        context(str(ca_file))
    assert str(ca_file) in caught.value.message
    assert len(caught.value.message.splitlines()) == 1
    assert "--ca-file" in caught.value.suggestion


@pytest.mark.parametrize("path", ["/", "", "a\x00b", "a\nb"])
def test_a_path_that_is_no_file(path: str) -> None:
    with pytest.raises(UsageError, match="the CA file") as caught:
        context(path)
    assert caught.value.message.isprintable()


def test_certifis_bundle_where_the_system_has_no_store(
    no_store: None, own: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certifi, "where", lambda: str(own.ca_file))
    assert handshake(own.context, context(), "localhost") == "TLSv1.3"


def test_a_store_that_was_named_and_is_not_there_is_not_replaced(
    no_store: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(UsageError, match=r"SSL_CERT_FILE names '/nowhere/ca\.pem'"):
        context()


def test_without_certifi_the_lack_is_told(no_store: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "certifi", None)
    with pytest.raises(UsageError, match="no store of trusted certificates"):
        context()


def test_the_module_loads_no_tls() -> None:
    program = "import sys, krakencli.trust; print('ssl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
