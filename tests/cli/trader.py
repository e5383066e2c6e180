"""A scripted private side: orders are placed or not, answered or not, and every request is counted.

`Trader` is one server with both ways in. Over the socket a `plan` says what happens to each request; REST
tells of the orders that are there, and places some itself.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from .program import Ended, Program, Running
from .server import Peer, Server

KEY = "KEYKEYKEYkeykeykey" * 3
SECRET = "c2VjcmV0" * 11
TOKEN = "TOKENtokenTOKEN/tokenTOKENtokenTOKENtokenTOK"
PAIR = {
    "altname": "XBTUSD", "wsname": "XBT/USD", "aclass_base": "currency", "base": "XXBT", "quote": "ZUSD",
    "pair_decimals": 1, "lot_decimals": 8, "ordermin": "0.00005", "costmin": "0.5", "tick_size": "0.1",
    "status": "online",
}  # fmt: skip
STAMPS = '"time_in":"2026-03-02T14:07:06.634870Z","time_out":"2026-03-02T14:07:06.637575Z"'
ORDER_ID = "O5ORI4-WNTKR-CHOYU2"
OTHER_ID = "OFIK6B-S15X0-DPJJTH"
LOST = ("--timeout", "5s")
"""How long a hurried program waits for an answer: half a second."""

Request = dict[str, Any]
Plan = Callable[["Trader", Peer, Request], None]


class Trader:
    """What the exchange did and was asked. Numbers of requests are kept as their texts."""

    def __init__(self, plan: Plan | None = None) -> None:
        self.plan = plan or placed_and_answered
        self.texts: list[str] = []
        self.requests: list[Request] = []
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.open: dict[str, dict[str, Any]] = {}
        self.closed: dict[str, dict[str, Any]] = {}
        self.rest: dict[str, Callable[[Peer, dict[str, str]], Any]] = {}
        self.timers: list[str] = []
        self.server = Server(self._socket, rest=self._rest)

    def __enter__(self) -> "Trader":
        self.server.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.__exit__(*error)

    @property
    def environ(self) -> dict[str, str]:
        return {
            "KRAKEN_API_KEY": KEY,
            "KRAKEN_API_SECRET": SECRET,
            "KRAKEN_SPOT_URL": self.server.rest,
            "KRAKEN_WS_AUTH_URL": self.server.url,
        }

    def run(self, program: Program, *words: str, env: Mapping[str, str] | None = None, **popen: Any) -> Ended:
        """Run `kraken-stream` against it; no secret may be in what it says."""
        return self.discreet(program.start(*words, env={**self.environ, **(env or {})}, **popen))

    def lose(
        self, program: Program, *words: str, env: Mapping[str, str] | None = None, **popen: Any
    ) -> Ended:
        """Run a command whose answer is lost: all that it waits for is over in a tenth of the time."""
        return self.hurried(program, 0.1, *words, *LOST, env=env, **popen)

    def hurried(
        self,
        program: Program,
        unit: float,
        *words: str,
        env: Mapping[str, str] | None = None,
        **popen: Any,
    ) -> Ended:
        """Run a command whose seconds are so long."""
        environ = {**self.environ, **(env or {})}
        return self.discreet(program.hurried(unit, *words, env=environ, **popen))

    @staticmethod
    def discreet(running: Running) -> Ended:
        """How it ended, once it is sure that it told no secret."""
        ended = running.ended()
        for secret in (KEY, SECRET, TOKEN, TOKEN.replace("/", "\\/")):
            assert secret not in ended.out + ended.err
        return ended

    @property
    def pings(self) -> int:
        return len(self.requests) - len(self.methods)

    @property
    def methods(self) -> list[str]:
        """What was asked over the socket, pings left out."""
        return [one["method"] for one in self.requests if one["method"] != "ping"]

    def called(self, method: str) -> list[dict[str, str]]:
        """The fields of each call of a REST method."""
        return [fields for name, fields in self.calls if name == method]

    # --- the socket

    def _socket(self, peer: Peer) -> None:
        peer.greet()
        while True:
            text = peer.receive_text()
            request = json.loads(text, parse_float=str)
            self.texts.append(text)
            self.requests.append(request)
            if request["method"] == "ping":
                peer.send(f'{{"method":"pong","req_id":{request["req_id"]},{STAMPS}}}')
            else:
                assert request["params"]["token"] == TOKEN
                self.plan(self, peer, request)

    def answer(self, peer: Peer, request: Request, result: object) -> None:
        peer.send(
            f'{{"method":"{request["method"]}","req_id":{request["req_id"]},"result":{json.dumps(result)},'
            f'"success":true,{STAMPS}}}'
        )

    def refuse(self, peer: Peer, request: Request, error: str) -> None:
        peer.send(
            f'{{"error":{json.dumps(error)},"method":"{request["method"]}","req_id":{request["req_id"]},'
            f'"success":false,{STAMPS}}}'
        )

    # --- what is done

    def place(self, params: Mapping[str, Any], order_id: str = ORDER_ID, **more: Any) -> dict[str, Any]:
        """Put an order on record, as REST tells of it."""
        kind = params.get("order_type", "limit")
        trigger = params.get("triggers", {}).get("price", "0")
        limit = params.get("limit_price", "0")
        first, second = (trigger, limit) if kind.startswith(("stop", "take", "trail")) else (limit, "0")
        self.open[order_id] = {
            "refid": None,
            "userref": params.get("order_userref", 0),
            "cl_ord_id": params.get("cl_ord_id"),
            "status": "open",
            "opentm": time.time(),
            "descr": {
                "pair": "XBTUSD", "type": params.get("side", "buy"), "ordertype": kind,
                "price": str(first), "price2": str(second),
            },
            "vol": str(params.get("order_qty", params.get("cash_order_qty", "0.01"))),
            "vol_exec": "0.00000000",
            **more,
        }  # fmt: skip
        return self.open[order_id]

    def cancel(self, order_id: str, status: str = "canceled") -> None:
        self.closed[order_id] = {**self.open.pop(order_id), "status": status}

    # --- REST

    def _rest(self, peer: Peer) -> None:
        method = peer.path.split("?")[0].rsplit("/", 1)[-1]
        fields = dict(parse_qsl(peer.body.decode()))
        self.calls.append((method, fields))
        if method in self.rest:
            result = self.rest[method](peer, fields)
        else:
            result = getattr(self, f"_{method.lower()}")(fields)
        peer.answer(result if "error" in result else {"error": [], "result": result})

    def _assetpairs(self, _fields: dict[str, str]) -> object:
        return {"XXBTZUSD": PAIR}

    def _getwebsocketstoken(self, _fields: dict[str, str]) -> object:
        return {"token": TOKEN, "expires": 900}

    def _time(self, _fields: dict[str, str]) -> object:
        return {"unixtime": int(time.time()), "rfc1123": ""}

    def _ticker(self, _fields: dict[str, str]) -> object:
        return {"XXBTZUSD": {"c": ["67310.0", "0.1"]}}

    def _openorders(self, fields: dict[str, str]) -> object:
        return {"open": _named(self.open, fields)}

    def _closedorders(self, fields: dict[str, str]) -> object:
        found = _named(self.closed, fields)
        return {"closed": found, "count": len(found)}

    def _queryorders(self, fields: dict[str, str]) -> object:
        every = {**self.closed, **self.open}
        found = {one: every[one] for one in fields["txid"].split(",") if one in every}
        return found or {"error": ["EOrder:Unknown order"]}


def _named(orders: dict[str, dict[str, Any]], fields: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {
        order_id: order
        for order_id, order in orders.items()
        if all(str(order[name]) == fields[name] for name in ("cl_ord_id", "userref") if name in fields)
    }


def placed_and_answered(trader: Trader, peer: Peer, request: Request) -> None:
    trader.place(request["params"])
    names = {k: v for k, v in request["params"].items() if k in ("cl_ord_id", "order_userref")}
    trader.answer(peer, request, {"order_id": ORDER_ID, **names})


def refused(error: str) -> Plan:
    return lambda trader, peer, request: trader.refuse(peer, request, error)


def silent(trader: Trader, peer: Peer, request: Request) -> None:
    """Neither done nor answered."""


def cut(trader: Trader, peer: Peer, request: Request) -> None:
    """Neither done nor answered, and the connection is gone."""
    peer.cut()


def then(*plans: Plan) -> Plan:
    """All of them, one after the other."""

    def plan(trader: Trader, peer: Peer, request: Request) -> None:
        for one in plans:
            one(trader, peer, request)

    return plan


def placed(trader: Trader, peer: Peer, request: Request) -> None:
    """Done, not answered."""
    trader.place(request["params"])
