"""Joining a served sandbox: its addresses and demo keys, or one clear error."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from krakencli.errors import RemoteError, UnreachableError, UsageError
from krakencli.rest.join import join
from krakencli.sandbox import Sandbox, Settings


def test_a_sandbox_tells_its_addresses_and_demo_keys() -> None:
    with Sandbox(Settings(rate=0)) as sandbox:
        joined = join(sandbox.addresses.rest + "/")
    assert joined.rest == sandbox.addresses.rest
    where = sandbox.addresses
    assert joined.ws == {
        "v2": {"public": where.ws_public, "level3": where.ws_l3, "private": where.ws_auth},
        "v1": {"public": where.ws_v1, "private": where.ws_v1_auth},
    }
    assert joined.credentials.key == sandbox.api_key
    assert joined.credentials.secret == sandbox.api_secret
    assert sandbox.api_secret not in repr(joined)


def test_over_tls_it_takes_the_sandbox_own_certificate_and_no_other() -> None:
    with Sandbox(Settings(rate=0, tls=True)) as sandbox:
        assert join(sandbox.addresses.rest, str(sandbox.ca_file)).ws["v2"]["public"].startswith("wss://")
        with pytest.raises(UnreachableError, match="certificate"):
            join(sandbox.addresses.rest)


@pytest.fixture
def other_server() -> Iterator[str]:
    """A web server that knows nothing of sandboxes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<html>hello</html>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_another_server_is_no_sandbox(other_server: str) -> None:
    with pytest.raises(RemoteError, match="is no sandbox"):
        join(other_server)


def test_nobody_there() -> None:
    with pytest.raises(UnreachableError, match="no sandbox at"):
        join("http://127.0.0.1:9")


def test_no_address() -> None:
    with pytest.raises(UsageError):
        join("nonsense")
