"""Which proxy a connection takes, by the environment's usual variables. Pure."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from krakencli.errors import UsageError
from krakencli.loopback import is_loopback


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that is asked to CONNECT; `user` and `password` are never shown."""

    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def choose(url: str, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for a WebSocket address, or None for a direct connection.

    `https_proxy` (or `all_proxy`) serves wss, `http_proxy` serves ws, upper case as well; `no_proxy` lists
    hosts, domains and networks that go directly. Loopback always does. Raises UsageError for one that cannot
    be used.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    name = "https_proxy" if parts.scheme == "wss" else "http_proxy"
    address = _first(environ, name, "all_proxy")
    if not address or is_loopback(host) or _excepted(host, _first(environ, "no_proxy")):
        return None
    try:
        proxy = urlsplit(address if "://" in address else f"http://{address}")
        port = proxy.port or 80
    except ValueError:
        proxy, port = urlsplit(""), 0
    if proxy.scheme != "http" or not proxy.hostname:
        raise UsageError(
            f"the proxy in {name} is no http:// address",
            suggestion="use an HTTP proxy, or unset the variable",
        )
    return Proxy(proxy.hostname, port, unquote(proxy.username or ""), unquote(proxy.password or ""))


def _first(environ: Mapping[str, str], *names: str) -> str:
    values = (environ.get(spelled, "").strip() for name in names for spelled in (name, name.upper()))
    return next(filter(None, values), "")


def _excepted(host: str, no_proxy: str) -> bool:
    return any(_covers(entry.strip().lower(), host) for entry in no_proxy.split(",") if entry.strip())


def _covers(entry: str, host: str) -> bool:
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        domain = entry.lstrip("*").lstrip(".")
        return host == domain or host.endswith("." + domain)
