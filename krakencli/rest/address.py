"""The address of a REST API, taken apart and judged. Values in, values out."""

from typing import NamedTuple
from urllib.parse import urlsplit

from krakencli.errors import UsageError
from krakencli.loopback import is_loopback

HOW = "check KRAKEN_SPOT_URL"


class Address(NamedTuple):
    """`base` has no slash at its end; `host` is for messages, with the port where one was given."""

    base: str
    host: str
    plain: bool
    loopback: bool


def parse(base: str) -> Address:
    """The parts of `https://api.kraken.com`; UsageError, without its text, where it has another form."""
    try:
        parts = urlsplit(base.strip())
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise UsageError("the REST address is not of the form https://HOST", suggestion=HOW)
    if "@" in parts.netloc:
        raise UsageError("the REST address holds a user name", suggestion="take it out of KRAKEN_SPOT_URL")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = f"{host}:{port}" if port else host
    plain = parts.scheme == "http"
    return Address(
        f"{parts.scheme}://{host}{parts.path.rstrip('/')}", host, plain, is_loopback(parts.hostname)
    )
