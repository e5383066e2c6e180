"""What the tests of REST and of trust share: a scripted HTTP server, a tunnelling proxy, certificates."""

import contextlib
import http.server
import json
import select
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEY = "PUBLICKEYpublickeyPUBLICKEYpublickeyPUBLICKEYpublickey00"
SECRET = "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg=="
"""The secret of the exchange's documented example."""


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    port: int
    """The client's, which tells connections apart."""


@dataclass(frozen=True)
class Answer:
    """What to answer; `hang` never does, `drop` closes the connection instead."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    drop: bool = False
    hop: bool = False
    """Close the connection after the headers, before the body is complete."""


def result(value: Any) -> Answer:
    return Answer(json.dumps({"error": [], "result": value}).encode())


def refused(*entries: str) -> Answer:
    return Answer(json.dumps({"error": list(entries)}).encode())


class Server:
    """Gives one answer after another, the last one for ever, and keeps what it was asked."""

    def __init__(self, *answers: Answer, context: ssl.SSLContext | None = None) -> None:
        self.answers = list(answers)
        self.seen: list[Seen] = []
        self.reply: Callable[[Seen], Answer] = self._next
        self.asked = threading.Event()
        self._leave = threading.Event()
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        if context:
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self._scheme = "https" if context else "http"
        self.port = self._http.server_port
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)

    @property
    def base(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leave.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _next(self, _: Seen) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                seen = Seen(self.command, self.path, dict(self.headers), body, self.client_address[1])
                owner.seen.append(seen)
                owner.asked.set()
                self.answer(owner.reply(seen))

            def do_POST(self) -> None:
                self.do_GET()

            def answer(self, answer: Answer) -> None:
                if answer.hang:
                    owner._leave.wait(30)
                if answer.hang or answer.drop:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.body) + answer.hop))
                self.end_headers()
                self.wfile.write(answer.body)
                self.close_connection = answer.hop

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class Tunnel:
    """A proxy that leads every CONNECT to one port, and keeps the names that were asked for."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        self.names: list[str] = []
        self._port = port
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Tunnel":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                self._lead(client)

    def _lead(self, client: socket.socket) -> None:
        if self._context:
            client = self._context.wrap_socket(client, server_side=True)
        with client, socket.create_connection(("127.0.0.1", self._port)) as server:
            self.names.append(client.recv(65536).split()[1].decode())
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            other = {client: server, server: client}
            while True:
                for source in select.select([client, server], [], [])[0]:
                    piece = source.recv(65536)  # a whole TLS record at least, so nothing waits unseen
                    if not piece:
                        return
                    other[source].sendall(piece)


@dataclass(frozen=True)
class Identity:
    """An authority's certificate as a file, and a server's context with a certificate of that authority."""

    ca_file: Path
    context: ssl.SSLContext


def identity(directory: Path, *names: str) -> Identity:
    """A new authority that has signed a certificate for `names` (127.0.0.1 and localhost unless given)."""
    directory.mkdir(exist_ok=True)
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _signed("authority", authority_key, "authority", authority_key, ())
    server = _signed("server", server_key, "authority", authority_key, names or ("127.0.0.1", "localhost"))
    ca_file, chain = directory / "ca.pem", directory / "server.pem"
    ca_file.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    chain.write_bytes(
        server.public_bytes(serialization.Encoding.PEM)
        + server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return Identity(ca_file, context)


def _signed(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    names: tuple[str, ...],
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
    )
    if names:
        general = [_general(name) for name in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _general(name: str) -> x509.GeneralName:
    return x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
