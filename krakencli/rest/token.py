"""The token that private WebSocket subscriptions carry (protocol notes REST §3).

A token is for one connection: a new one is fetched for every attempt. It never appears in `repr`.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from krakencli.errors import RemoteError

if TYPE_CHECKING:
    from krakencli.credentials import Credentials
    from krakencli.rest.client import Client

LIFETIME = 900
MOST_CHARACTERS = 4096


@dataclass(frozen=True, slots=True)
class Token:
    """`value` goes into subscriptions; `expires` is in seconds from the fetch, in which it must be used."""

    value: str = field(repr=False)
    expires: int


def fetch_token(client: "Client", credentials: "Credentials") -> Token:
    """A fresh token. AuthError where the key is refused or lacks the WebSocket right; see also `Client`."""
    result = client.private("GetWebSocketsToken", credentials)
    value = result.get("token") if isinstance(result, dict) else None
    if not (isinstance(value, str) and is_token(value)):
        raise RemoteError("REST answered GetWebSocketsToken without a token", retryable=True)
    expires = result.get("expires")
    return Token(value, expires if type(expires) is int and expires > 0 else LIFETIME)


def is_token(value: str) -> bool:
    """Whether a text has a form that a token may have."""
    return (
        0 < len(value) <= MOST_CHARACTERS
        and value.isascii()
        and value.isprintable()
        and not set(value) & set(' "\\')
    )
