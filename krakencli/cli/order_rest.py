"""REST for orders: the way beside the socket, and where it is looked what became of a lost answer.

A call runs in the background, so that a signal ends the wait at once.
"""

from collections.abc import Callable
from typing import Any

from krakencli.background import run as in_background
from krakencli.cli.exchange import Exchange

TIMEOUT = 15.0


def private(found: Exchange, timeout: float = TIMEOUT) -> Callable[..., Any]:
    """Calls signed methods. Raises StreamError where REST is off or no key is there."""
    _, credentials = found.rest, found.credentials()

    def ask(method: str, **fields: Any) -> Any:
        with found.client(timeout=(5.0, timeout)) as client:
            return client.private(method, credentials, **fields)

    return lambda method, **fields: in_background(lambda: ask(method, **fields))


def public(found: Exchange) -> Callable[..., Any]:
    """Calls methods without a key. Raises UsageError where REST is off."""
    _ = found.rest

    def ask(method: str, **fields: Any) -> Any:
        with found.client() as client:
            return client.public(method, **fields)

    return lambda method, **fields: in_background(lambda: ask(method, **fields))
