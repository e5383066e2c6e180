"""The scripted private side as API v1 speaks: the same plans, in its own words on the wire."""

import json
from collections.abc import Mapping
from typing import Any

from .server import Peer
from .trader import TOKEN, Request, Trader

GREETING = '{"connectionID":13688620010177543517,"event":"systemStatus","status":"online","version":"1.9.1"}'
_MODERN = {
    "ordertype": "order_type",
    "type": "side",
    "volume": "order_qty",
    "price": "limit_price",
    "userref": "order_userref",
    "orderid": "order_id",
}
_OLDER = {"order_id": "txid", "original_order_id": "originaltxid"}


class TraderV1(Trader):
    """`requests` are as they came; a plan finds their fields by v2's names under `params` as well."""

    @property
    def environ(self) -> dict[str, str]:
        return {**super().environ, "KRAKEN_WS_AUTH_URL": self.server.url.removesuffix("/v2")}

    @property
    def methods(self) -> list[str]:
        return [one["event"] for one in self.requests if one["event"] != "ping"]

    def _socket(self, peer: Peer) -> None:
        assert peer.path == "/"
        peer.accept()
        peer.send(GREETING)
        while True:
            text = peer.receive_text()
            request = json.loads(text)
            self.texts.append(text)
            self.requests.append(request)
            if request["event"] == "ping":
                peer.send(f'{{"event":"pong","reqid":{request["reqid"]}}}')
                continue
            assert request["token"] == TOKEN
            self.plan(self, peer, {**request, "params": _modern(request)})

    def answer(self, peer: Peer, request: Request, result: object) -> None:
        """A cancellation's answer never says which order it is about."""
        assert isinstance(result, Mapping)
        named = {} if request["event"] == "cancelOrder" else result
        told = {_OLDER.get(name, name): value for name, value in named.items()}
        self._status(peer, request, {**told, "status": "ok"})

    def refuse(self, peer: Peer, request: Request, error: str) -> None:
        self._status(peer, request, {"errorMessage": error, "status": "error"})

    @staticmethod
    def _status(peer: Peer, request: Request, fields: Mapping[str, Any]) -> None:
        status = {**fields, "event": f"{request['event']}Status", "reqid": request["reqid"]}
        peer.send(json.dumps(dict(sorted(status.items())), separators=(",", ":")))


def _modern(request: Request) -> dict[str, Any]:
    fields = {_MODERN.get(name, name): value for name, value in request.items()}
    if "order_userref" in fields:  # text on the wire, a number on record
        fields["order_userref"] = int(fields["order_userref"])
    return fields
