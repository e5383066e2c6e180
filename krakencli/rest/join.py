"""Joining an exchange that `kraken-stream sandbox` serves: its addresses and demo keys, from its own page."""

from dataclasses import dataclass

import msgspec
from requests import Request

from krakencli.credentials import Credentials
from krakencli.errors import RemoteError, UnreachableError
from krakencli.model import Api, Host
from krakencli.rest import address
from krakencli.rest.adapter import Problem, TrustedAdapter, send
from krakencli.trust import context


class _Page(msgspec.Struct):
    rest: str
    ws_public: str
    ws_l3: str = ""
    ws_auth: str = ""
    ws_v1: str = ""
    ws_v1_auth: str = ""
    api_key: str = ""
    api_secret: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Where a served sandbox answers: REST, and WebSocket by protocol and host; the keys are demo keys, which
    it gives to this machine only.
    """

    rest: str
    ws: dict[Api, dict[Host, str]]
    credentials: Credentials


def join(base: str, ca_file: str | None = None) -> Joined:
    """Ask the sandbox at `base` who it is.

    Raises UsageError, UnreachableError, or RemoteError where another server answers.
    """
    where = address.parse(base)
    adapter = TrustedAdapter(None if where.plain else context(ca_file))
    request = Request("GET", f"{where.base}/sandbox").prepare()
    reply = send(adapter, request, timeout=(5.0, 5.0), most=65536, direct=where.loopback)
    adapter.close()
    if isinstance(reply, Problem):
        raise UnreachableError(
            f"no sandbox at {where.base}: {reply.reason}", suggestion="start one with: kraken-stream sandbox"
        )
    try:
        page = msgspec.json.decode(reply.body or b"", type=_Page)
    except msgspec.DecodeError:
        raise RemoteError(
            f"{where.base} is no sandbox of kraken-stream", suggestion="start one with: kraken-stream sandbox"
        ) from None
    sockets: dict[Api, dict[Host, str]] = {
        "v2": {"public": page.ws_public, "level3": page.ws_l3, "private": page.ws_auth},
        "v1": {"public": page.ws_v1, "private": page.ws_v1_auth},
    }
    return Joined(page.rest.rstrip("/"), sockets, Credentials(page.api_key, page.api_secret))
