"""Where to connect: flag before environment before default, checked before anything is dialled. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from krakencli.errors import UsageError
from krakencli.loopback import is_loopback
from krakencli.model import Api, Host

REST = "https://api.kraken.com"
WS: dict[Api, dict[Host, str]] = {
    "v2": {
        "public": "wss://ws.kraken.com/v2",
        "level3": "wss://ws-l3.kraken.com/v2",
        "private": "wss://ws-auth.kraken.com/v2",
    },
    "v1": {"public": "wss://ws.kraken.com", "private": "wss://ws-auth.kraken.com"},
}
"""The WebSocket addresses, by protocol and host (protocol notes v2 §1, v1 §1)."""
WS_VARIABLES = {
    "public": "KRAKEN_WS_PUBLIC_URL",
    "level3": "KRAKEN_WS_L3_URL",
    "private": "KRAKEN_WS_AUTH_URL",
}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The addresses of one run. `rest` is None where REST is off: nothing falls back to the real exchange."""

    ws: str
    rest: str | None


def endpoints(
    environ: Mapping[str, str],
    *,
    host: Host = "public",
    url: str | None = None,
    plaintext: bool = False,
    api: Api = "v2",
) -> Endpoints:
    """The addresses to use for a host's channels. `url` is `--url`, `plaintext` is `--insecure-plaintext`,
    which never holds where a token is sent.

    Variables are those of Kraken's own client; an empty one counts as unset. Raises UsageError.
    """
    ws = (url or environ.get(WS_VARIABLES[host]) or WS[api][host]).strip()
    if host != "public" and plaintext:
        raise UsageError(
            "--insecure-plaintext would show the token to the network",
            suggestion="use wss:// without it; ws:// to this machine needs no option",
        )
    check_websocket(ws, plaintext=plaintext, api=api)
    ws = urlsplit(ws).geturl()  # its scheme in lower case, as the socket wants it
    rest = environ.get("KRAKEN_SPOT_URL")
    if not rest and is_loopback(urlsplit(ws).hostname or ""):
        return Endpoints(ws, None)
    check_rest(rest or REST, plaintext=plaintext)
    return Endpoints(ws, (rest or REST).rstrip("/"))


def check_rest(base: str, *, plaintext: bool = False) -> None:
    """Raises UsageError for a REST address that is not encrypted; its form is the REST client's to judge."""
    try:
        host = urlsplit(base).hostname or ""
    except ValueError:
        return
    if base.lower().startswith("http://") and not is_loopback(host) and not plaintext:
        raise UsageError(
            f"{base} is not encrypted",
            suggestion="use https://, or --insecure-plaintext if you know the network",
        )


def check_websocket(url: str, *, plaintext: bool = False, api: Api = "v2") -> None:
    """Raises UsageError for an address that the protocol cannot be at, or that is not safe."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(f"{url!r} is no address: {error}", suggestion="write wss://host/v2") from None
    if "@" in parts.netloc:
        raise UsageError("the WebSocket address holds a user name", suggestion="take it out of the address")
    if parts.scheme not in ("ws", "wss") or not host:
        raise UsageError(f"{url!r} is no WebSocket address", suggestion="write wss://host/v2")
    if parts.scheme == "ws" and not is_loopback(host) and not plaintext:
        raise UsageError(
            f"{url} is not encrypted",
            suggestion="use wss://, or --insecure-plaintext if you know the network",
        )
    if api == "v2" and parts.path in ("", "/"):
        raise UsageError(
            f"{url} is an address of API v1, and this stream speaks v2",
            suggestion=f"add /v2: {url.rstrip('/')}/v2, or --api v1",
        )
    if api == "v1" and parts.path.rstrip("/").endswith("/v2"):
        raise UsageError(
            f"{url} is an address of API v2, and --api v1 speaks v1",
            suggestion="take /v2 away, or leave out --api v1",
        )
