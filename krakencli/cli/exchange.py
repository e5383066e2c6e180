"""Which exchange a command talks to: Kraken's own, an embedded one, or a sandbox that is served elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from krakencli.background import run as in_background
from krakencli.cli.credential_options import Keys, credentials_of
from krakencli.cli.state import State
from krakencli.clock import Clock
from krakencli.config import Endpoints, check_rest, endpoints
from krakencli.credentials import Credentials
from krakencli.errors import RemoteError, UsageError
from krakencli.loopback import is_loopback
from krakencli.model import Api, Host
from krakencli.symbols import Directory

if TYPE_CHECKING:
    from krakencli.rest.client import Client


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange's addresses, the certificates to trust, and where its keys are.

    `credentials` looks for the key when it is called. `socket` tells the WebSocket address of a host, which
    is checked when it is asked for; `demo` says that it brought keys of its own: no others are to be shown
    to it. `api` is the protocol that its WebSocket addresses speak. `clock` says how long the seconds
    last by which the calls of its keys are counted.
    """

    endpoints: Endpoints
    ca_file: str | None
    credentials: Callable[[], Credentials]
    socket: Callable[[Host], str]
    demo: bool = False
    api: Api = "v2"
    clock: Clock = field(default_factory=Clock)

    @property
    def cached(self) -> bool:
        """Whether its list of pairs is worth keeping: not that of an exchange that lives on this machine."""
        return self.endpoints.rest is not None and not is_loopback(
            urlsplit(self.endpoints.rest).hostname or ""
        )

    @property
    def rest(self) -> str:
        """The address of its REST. Raises UsageError where that is off."""
        if self.endpoints.rest is None:
            raise UsageError("REST is off beside a local WebSocket address", suggestion="set KRAKEN_SPOT_URL")
        return self.endpoints.rest

    def client(self, say: Callable[[str], None] = lambda _: None, **settings: Any) -> "Client":
        """A client of its REST; `say` is told when a call must wait, `settings` are the client's. Raises
        UsageError where REST is off.
        """
        from krakencli.rest.client import Client

        clock = self.clock
        paced: dict[str, Any] = {
            "wall": lambda: clock.wall() / clock.unit,
            "sleep": lambda seconds: time.sleep(seconds * clock.unit),
        }
        return Client(self.rest, ca_file=self.ca_file, say=say, **{**paced, **settings})

    def directory(self, state: State) -> Directory:
        """Its pairs. Raises UsageError where REST is off, and what REST raises."""
        base, wall = self.endpoints.rest, state.clock.wall()
        if base is None:
            raise UsageError(
                "REST is off beside a local --url, so only BASE/QUOTE symbols are understood",
                suggestion="write BTC/USD, or set KRAKEN_SPOT_URL",
            )
        return in_background(lambda: _load(base, self.ca_file, wall, cached=self.cached))


def _load(base: str, ca_file: str | None, wall: float, *, cached: bool) -> Directory:
    from krakencli.rest.client import Client
    from krakencli.rest.pairs import load, parse

    if cached:
        return load(lambda: Client(base, ca_file=ca_file), base, None, wall)
    with Client(base, ca_file=ca_file) as client:
        pairs = parse(client.public("AssetPairs"))
    if not pairs:
        raise RemoteError(f"{base} lists no pair that can be streamed", suggestion="check KRAKEN_SPOT_URL")
    return Directory(pairs)


@contextmanager
def exchange(
    state: State,
    *,
    host: Host = "public",
    sandbox: bool,
    sandbox_url: str | None,
    url: str | None = None,
    insecure_plaintext: bool = False,
    ca_file: str | None = None,
    api: Api = "v2",
    credentials: Keys | None = None,
    **of_keys: Any,
) -> Iterator[Exchange]:
    """The exchange that the options name, as long as the command runs; `host` is where its channel is.

    `credentials` comes from `credentials_of`, for commands that have its options; without them the key is the
    environment's, or that of the default profile. A sandbox brings keys of its own.

    Raises UsageError, and what REST raises.
    """
    if sum(map(bool, (sandbox, sandbox_url, url))) > 1:
        raise UsageError(
            "--sandbox, --sandbox-url and --url exclude one another", suggestion="keep one of them"
        )
    keys = credentials or credentials_of(state, of_keys)
    if keys.given and (sandbox or sandbox_url):
        raise UsageError(
            f"a sandbox has keys of its own, which {keys.given} does not change",
            suggestion=f"leave out {keys.given}",
        )
    if sandbox:
        with _embedded(host, api) as embedded:
            yield replace(embedded, clock=state.clock)
    elif sandbox_url:
        joined = in_background(lambda: _joined(sandbox_url, ca_file, host, api, plaintext=insecure_plaintext))
        yield replace(joined, clock=state.clock)
    else:
        found = endpoints(state.environ, host=host, url=url, plaintext=insecure_plaintext, api=api)

        def socket(other: Host) -> str:
            if other == host:
                return found.ws
            return endpoints(state.environ, host=other, plaintext=insecure_plaintext, api=api).ws

        yield Exchange(found, ca_file, keys, socket, api=api, clock=state.clock)


def require_sandbox() -> None:
    """Raises UsageError with the command to run where the `[sandbox]` extra is not installed."""
    if find_spec("aiohttp") is None or find_spec("cryptography") is None:
        raise UsageError(
            "the embedded exchange needs the [sandbox] extra",
            suggestion="pip install 'kraken-stream[sandbox]'",
        )


@contextmanager
def _embedded(host: Host, api: Api) -> Iterator[Exchange]:
    require_sandbox()
    from krakencli.sandbox import Sandbox

    with Sandbox() as server:
        keys = Credentials(server.api_key, server.api_secret)
        addresses = server.addresses
        sockets: dict[Api, dict[Host, str]] = {
            "v2": {
                "public": addresses.ws_public,
                "level3": addresses.ws_l3,
                "private": addresses.ws_auth,
            },
            "v1": {"public": addresses.ws_v1, "private": addresses.ws_v1_auth},
        }
        found = Endpoints(sockets[api][host], addresses.rest)
        yield Exchange(found, None, lambda: keys, sockets[api].__getitem__, demo=True, api=api)


def _joined(sandbox_url: str, ca_file: str | None, host: Host, api: Api, *, plaintext: bool) -> Exchange:
    from krakencli.rest.join import join

    check_rest(sandbox_url, plaintext=plaintext)
    joined = join(sandbox_url, ca_file)
    environ = {"KRAKEN_SPOT_URL": joined.rest}
    sockets = joined.ws[api]
    found = endpoints(environ, host=host, url=sockets[host], plaintext=plaintext, api=api)
    return Exchange(found, ca_file, lambda: joined.credentials, sockets.__getitem__, demo=True, api=api)
