"""The faults of the private side, on real sockets: what the client is told, what the exchange has done all
the same, and what the log says.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
import requests
import websocket

from krakencli.sandbox import Sandbox

from .sockets import Socket, delivered, faulty

GONE = (websocket.WebSocketConnectionClosedException, ConnectionResetError, json.JSONDecodeError)
NONCES = count(time.time_ns())


def call(sandbox: Sandbox, name: str, account: int = 0, **params: Any) -> Any:
    """A private call over HTTP."""
    one, path, nonce = sandbox.accounts[account], f"/0/private/{name}", str(next(NONCES))
    body = "&".join([f"nonce={nonce}", *(f"{key}={value}" for key, value in params.items())])
    digest = hashlib.sha256((nonce + body).encode()).digest()
    code = hmac.new(base64.b64decode(one.secret), path.encode() + digest, hashlib.sha512).digest()
    headers = {
        "API-Key": one.key,
        "API-Sign": base64.b64encode(code).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return requests.post(sandbox.addresses.rest + path, data=body, headers=headers, timeout=10).json()


class Account(Socket):
    """A client on the private host, subscribed to its orders."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox.addresses.ws_auth)
        self.token = call(sandbox, "GetWebSocketsToken")["result"]["token"]
        self.ask("subscribe", channel="executions")

    def ask(self, method: str, **params: Any) -> None:
        self.send(method=method, params={**params, "token": self.token}, req_id=1)

    def add(self, **params: Any) -> None:
        usual = {"order_type": "limit", "side": "buy", "symbol": "BTC/USD", "order_qty": 0.001}
        self.ask("add_order", **{**usual, "limit_price": 50000.0, **params})

    def report(self) -> Any:
        """The next report's frame."""
        return self.next(channel="executions", type="update")


@contextmanager
def trading(*specs: str, **settings: Any) -> Iterator[tuple[Sandbox, Account]]:
    with faulty(*specs, rate=50, synthetic=0, **settings) as sandbox, Account(sandbox) as client:
        client.next(channel="executions", type="snapshot")
        yield sandbox, client


def open_orders(sandbox: Sandbox) -> dict[str, Any]:
    return dict(call(sandbox, "OpenOrders")["result"]["open"])


def test_an_order_whose_answer_is_lost_has_been_placed() -> None:
    with trading("lose_answer:method=add_order") as (sandbox, client):
        client.add(cl_ord_id="mine")
        assert client.report()["data"][0]["exec_type"] == "pending_new"
        client.ask("cancel_all_orders_after", timeout=0)
        assert client.next(req_id=1)["method"] == "cancel_all_orders_after"
        (order,) = open_orders(sandbox).values()
        assert order["cl_ord_id"] == "mine"
        (fault,) = delivered(sandbox)
        assert (fault["name"], fault["sent"]) == ("lose_answer", [])
        client.add()
        assert client.next(method="add_order")["success"]


def test_an_answer_that_is_late() -> None:
    with trading("delay_answer:seconds=4") as (sandbox, client):
        began = time.monotonic()
        client.add()
        client.report()
        client.report()
        assert client.next(method="add_order")["success"]
        assert time.monotonic() - began >= 0.2
        assert [fault["name"] for fault in delivered(sandbox)] == ["delay_answer"]


def test_a_connection_that_is_cut_in_the_place_of_an_answer() -> None:
    with trading("cut_answer:method=add_order") as (sandbox, client):
        client.add()
        with pytest.raises(GONE):
            client.next(method="add_order")
        assert len(open_orders(sandbox)) == 1
        with Account(sandbox) as again:
            assert len(again.next(channel="executions", type="snapshot")["data"]) == 1


def test_reports_that_are_lost_leave_a_gap() -> None:
    with trading("lose_reports:channel=executions,at=2") as (sandbox, client):
        client.add()
        assert [client.report()["sequence"]] == [2]
        client.ask("cancel_all")
        frame = client.report()
        assert (frame["sequence"], frame["data"][0]["exec_type"]) == (4, "canceled")
        (fault,) = delivered(sandbox)
        assert json.loads(fault["frame"])["data"][0]["exec_type"] == "new"
        assert fault["channel"] == "executions"
        (closed,) = call(sandbox, "ClosedOrders")["result"]["closed"].values()
        assert closed["status"] == "canceled"


def test_a_channel_that_falls_silent_for_good() -> None:
    with trading("no_reports:channel=executions,at=2") as (sandbox, client):
        client.add()
        client.next(method="add_order")
        client.ask("unsubscribe", channel="executions")
        client.next(method="unsubscribe")
        client.ask("subscribe", channel="executions")
        assert len(client.next(channel="executions")["data"]) == 1
        assert len(delivered(sandbox)) == 1


def test_a_token_that_has_ended_is_good_nowhere() -> None:
    with trading("expire_token:method=add_order") as (sandbox, client):
        client.add()
        assert client.next(method="add_order")["error"] == "EAPI:Invalid token"
        client.ask("cancel_all")
        assert client.next(method="cancel_all")["error"] == "EAPI:Invalid token"
        client.token = call(sandbox, "GetWebSocketsToken")["result"]["token"]
        client.add()
        assert client.next(method="add_order")["success"]
        assert len(open_orders(sandbox)) == 1
        (fault,) = delivered(sandbox)
        assert '"token": "***"' in fault["frame"]


def test_a_session_that_is_invalid_once() -> None:
    with trading("invalid_session:method=subscribe,connection=2") as (sandbox, _), Account(sandbox) as second:
        answer = second.next(method="subscribe")
        assert answer["error"] == "ESession:Invalid session"
        assert (answer["channel"], answer["status"], answer["req_id"]) == ("executions", "error", 1)
        second.ask("subscribe", channel="executions")
        assert second.next(method="subscribe")["success"]


@pytest.mark.parametrize(
    ("spec", "count"),
    [("rest_lost:path=/0/private/AddOrder", 1), ("rest_status:path=/0/private/AddOrder", 1)],
)
def test_a_call_whose_answer_is_lost_has_been_carried_out(spec: str, count: int) -> None:
    order = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "0.001", "price": "50000"}
    with faulty(spec, rate=50, synthetic=0) as sandbox:
        with pytest.raises((requests.ConnectionError, requests.JSONDecodeError)):
            call(sandbox, "AddOrder", **order)
        assert len(open_orders(sandbox)) == count
        assert call(sandbox, "AddOrder", **order)["error"] == []
        asked = [one["method"] for one in sandbox.entries if one["what"] == "private"]
        assert asked == ["AddOrder", "OpenOrders", "AddOrder"]


def test_a_call_that_is_refused_has_not() -> None:
    order = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "0.001", "price": "50000"}
    with faulty("rest_error:error=EService:Busy,path=/0/private/AddOrder", rate=50, synthetic=0) as sandbox:
        assert call(sandbox, "AddOrder", **order) == {"error": ["EService:Busy"]}
        assert open_orders(sandbox) == {}
        asked = [(one["method"], one["error"]) for one in sandbox.entries if one["what"] == "private"]
        assert asked == [("AddOrder", "EService:Busy"), ("OpenOrders", None)]


@pytest.mark.parametrize("spec", ["close:after=6,code=1012", "drop_connection:after=6"])
def test_the_connection_s_own_faults_are_the_same(spec: str) -> None:
    with trading(spec) as (sandbox, client):
        for _ in range(4):
            client.add()
        with pytest.raises(GONE):
            client.next(nothing="ever")
        assert len(delivered(sandbox)) == 1


@pytest.mark.parametrize(
    "spec",
    [
        "stall:after=5,seconds=1",
        "stall:after=5",
        "garbage:after=5",
        "huge:after=5",
        "fragmented:channel=executions,after=5",
        "system:after=5,seconds=1",
        "delay_ack:channel=balances",
        "no_reports:channel=balances",
        "exceed_rate:at=2",
    ],
)
def test_every_fault_of_connections_acts_here(spec: str) -> None:
    with trading(spec) as (sandbox, client):
        client.ask("subscribe", channel="balances")
        client.add(order_type="limit", limit_price=90000.0)
        deadline = time.monotonic() + 10
        while not delivered(sandbox) and time.monotonic() < deadline:
            client.send(method="ping")
            time.sleep(0.02)
        assert [fault["name"] for fault in delivered(sandbox)][:1] == [spec.partition(":")[0]]


def test_the_private_host_may_refuse_a_handshake() -> None:
    with faulty("refuse_handshake:path=/auth/v2", rate=50, synthetic=0) as sandbox:
        with pytest.raises(websocket.WebSocketBadStatusException):
            Account(sandbox)
        Account(sandbox).socket.shutdown()  # type: ignore[no-untyped-call] # the library's


@pytest.mark.parametrize("spec", ["lose_ack:channel=executions", "truncated:channel=executions"])
def test_subscriptions_and_frames_are_touched_as_elsewhere(spec: str) -> None:
    with faulty(spec, rate=50, synthetic=0) as sandbox, Account(sandbox) as client:
        frames = [client.text() for _ in range(3)]
        assert len(delivered(sandbox)) == 1
        good = [frame for frame in frames if frame.endswith("}")]
        assert len(good) == (3 if spec.startswith("lose") else 2)


def test_the_log_counts_requests_and_keeps_secrets() -> None:
    with trading() as (sandbox, client):
        client.add()
        client.next(method="add_order")
        requested = [
            (one["api"], one["method"], one["account"]) for one in sandbox.entries if one["what"] == "private"
        ]
        assert requested == [
            ("rest", "GetWebSocketsToken", 1),
            ("ws", "subscribe", 1),
            ("ws", "add_order", 1),
        ]
        told = json.dumps(sandbox.entries)
        assert client.token not in told
        assert sandbox.api_secret not in told
        document = requests.get(f"{sandbox.addresses.rest}/sandbox", timeout=10).json()
        assert [one["api_key"] for one in document["accounts"]] == [one.key for one in sandbox.accounts]
        assert document["accounts"][1]["api_secret"] == sandbox.accounts[1].secret
