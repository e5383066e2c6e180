"""What the sandbox offers beside the exchange, for those who steer it: `/sandbox` and what lies below it.

Whoever may be steered by it, this machine alone may steer: other addresses are told no keys, and find neither
the log nor the faults.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from ipaddress import ip_address

from aiohttp import web

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.desk import FaultDesk
from krakencli.sandbox.faults.fault import Fault
from krakencli.sandbox.settings import Addresses


class Control:
    """The control endpoint of one exchange."""

    def __init__(self, exchange: Exchange, faults: FaultDesk) -> None:
        self._exchange = exchange
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """What it answers."""
        return [
            web.get("/sandbox", self._join),
            web.get("/sandbox/log", self._read_log),
            web.post("/sandbox/fault", self._set_fault),
        ]

    async def _join(self, request: web.Request) -> web.Response:
        """What another process needs to join; the demo keys go to this machine only."""
        settings = self._exchange.settings
        document: dict[str, object] = asdict(Addresses.of(request.host, request.secure))
        if is_loopback(request.remote):
            document |= {"api_key": settings.api_key, "api_secret": settings.api_secret}
            document["accounts"] = [
                {"api_key": one.key, "api_secret": one.secret, "rights": list(one.rights), "tier": one.tier}
                for one in settings.all_accounts()
            ]
        document |= {"seed": settings.seed, "symbols": list(self._exchange.listing.pairs)}
        return web.json_response(document)

    async def _read_log(self, request: web.Request) -> web.Response:
        """The kept log as JSON lines, for this machine only: it may hold tokens."""
        if not self._exchange.settings.keep_log or not is_loopback(request.remote):
            raise web.HTTPNotFound
        entries = self._exchange.log.entries
        lines = "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in entries)
        return web.Response(text=lines, content_type="application/jsonl")

    async def _set_fault(self, request: web.Request) -> web.Response:
        """Sets the fault that the body describes (see `Fault`) and answers with it and its number.

        The content type must say JSON, which no page in a browser can send to here unasked.
        """
        if not is_loopback(request.remote):
            raise web.HTTPNotFound
        if request.content_type != "application/json":
            return _mistake("the body must be application/json", 415)
        try:
            task = self._faults.set(Fault.read(json.loads(await request.read())))
        except (ValueError, RecursionError) as error:
            return _mistake(str(error), 400)
        return web.json_response(task.describe())


def is_loopback(remote: str | None) -> bool:
    """Whether a peer's address belongs to this machine's loopback interface."""
    return remote is not None and ip_address(remote.partition("%")[0]).is_loopback


def _mistake(error: str, status: int) -> web.Response:
    return web.json_response({"error": error}, status=status)
