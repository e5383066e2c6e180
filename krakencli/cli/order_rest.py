"""REST for orders: the way beside the socket, and where it is looked what became of a lost answer.

A call runs in the background, so that a signal ends the wait at once.
"""

from collections.abc import Callable
from typing import Any

from krakencli.background import run as in_background
from krakencli.cli.exchange import Exchange
from krakencli.errors import UsageError

TIMEOUT = 15.0


def base_of(found: Exchange) -> str:
    """The address of REST. Raises UsageError where it is off."""
    if found.endpoints.rest is None:
        raise UsageError("REST is off beside a local WebSocket address", suggestion="set KRAKEN_SPOT_URL")
    return found.endpoints.rest


def private(found: Exchange, timeout: float = TIMEOUT) -> Callable[..., Any]:
    """Calls signed methods. Raises StreamError where REST is off or no key is there."""
    base, credentials = base_of(found), found.credentials()

    def ask(method: str, **fields: Any) -> Any:
        from krakencli.rest.client import Client

        with Client(base, ca_file=found.ca_file, timeout=(5.0, timeout)) as client:
            return client.private(method, credentials, **fields)

    return lambda method, **fields: in_background(lambda: ask(method, **fields))


def public(found: Exchange) -> Callable[..., Any]:
    """Calls methods without a key. Raises UsageError where REST is off."""
    base = base_of(found)

    def ask(method: str, **fields: Any) -> Any:
        from krakencli.rest.client import Client

        with Client(base, ca_file=found.ca_file) as client:
            return client.public(method, **fields)

    return lambda method, **fields: in_background(lambda: ask(method, **fields))
