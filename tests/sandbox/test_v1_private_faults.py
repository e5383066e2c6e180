"""The faults of the private side over v1, on real sockets: what the client is told, what the exchange has
done all the same, and what the log says.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import websocket

from krakencli.sandbox import Sandbox

from .sockets import Socket, delivered, faulty
from .test_private_faults import GONE, call, open_orders
from .v1_traders import usual


class Account(Socket):
    """A client on v1's private host, subscribed to its orders."""

    def __init__(self, sandbox: Sandbox, name: str = "openOrders") -> None:
        super().__init__(sandbox.addresses.ws_v1_auth)
        self.token = call(sandbox, "GetWebSocketsToken")["result"]["token"]
        self.name = name
        self.subscription("subscribe")

    def subscription(self, event: str, name: str | None = None) -> None:
        subscription = {"name": name or self.name, "token": self.token}
        self.send(event=event, reqid=1, subscription=subscription)

    def ask(self, event: str, **fields: Any) -> None:
        self.send(event=event, token=self.token, reqid=1, **fields)

    def add(self, **fields: Any) -> None:
        self.ask("addOrder", **{**usual(), "volume": "0.001", "price": "50000", **fields})

    def array(self) -> tuple[list[Any], int]:
        """The next array of the channel: what its items tell, and its number."""
        while True:
            frame = json.loads(self.text())
            if isinstance(frame, list) and frame[1] == self.name:
                return [fields for item in frame[0] for fields in item.values()], frame[2]["sequence"]

    def event(self, name: str) -> Any:
        """The next frame of this event."""
        while True:
            frame = json.loads(self.text())
            if isinstance(frame, dict) and frame.get("event") == name:
                return frame


@contextmanager
def trading(*specs: str, name: str = "openOrders") -> Iterator[tuple[Sandbox, Account]]:
    with faulty(*specs, rate=50, synthetic=0) as sandbox, Account(sandbox, name) as client:
        assert client.array() == ([], 1)
        yield sandbox, client


def names(sandbox: Sandbox) -> list[str]:
    return [fault["name"] for fault in delivered(sandbox)]


def test_an_order_lives_and_its_frames_come_after_the_answer() -> None:
    with trading() as (sandbox, client):
        client.add()
        assert client.event("addOrderStatus")["status"] == "ok"
        told = [client.array() for _ in range(2)]
        assert [(fields["status"], number) for (fields,), number in told] == [("pending", 2), ("open", 3)]
        client.ask("cancelAll")
        assert client.event("cancelAllStatus")["count"] == 1
        ((fields,), number) = client.array()
        assert (fields["status"], number) == ("canceled", 4)
        requested = [
            (one["api"], one["method"], one["account"]) for one in sandbox.entries if one["what"] == "private"
        ]
        assert requested[1:] == [("ws", "subscribe", 1), ("ws", "addOrder", 1), ("ws", "cancelAll", 1)]
        assert client.token not in json.dumps(sandbox.entries)


def test_an_order_whose_answer_is_lost_has_been_placed() -> None:
    with trading("lose_answer:method=add_order") as (sandbox, client):
        client.add(cl_ord_id="mine")
        ((fields,), _) = client.array()
        assert fields["status"] == "pending"
        client.ask("cancelAllOrdersAfter", timeout=0)
        seen = []
        while "cancelAllOrdersAfterStatus" not in seen:
            frame = json.loads(client.text())
            seen += [frame["event"]] if isinstance(frame, dict) else []
        assert "addOrderStatus" not in seen
        (order,) = open_orders(sandbox).values()
        assert order["cl_ord_id"] == "mine"
        (fault,) = delivered(sandbox)
        assert (fault["name"], fault["sent"]) == ("lose_answer", [])
        client.add()
        assert client.event("addOrderStatus")["status"] == "ok"


def test_an_answer_that_is_late() -> None:
    with trading("delay_answer:seconds=4,method=add_order") as (sandbox, client):
        began = time.monotonic()
        client.add()
        assert [client.array()[1] for _ in range(2)] == [2, 3]
        assert client.event("addOrderStatus")["status"] == "ok"
        assert time.monotonic() - began >= 0.2
        assert names(sandbox) == ["delay_answer"]


def test_a_connection_that_is_cut_in_the_place_of_an_answer() -> None:
    with trading("cut_answer:method=cancel_all") as (sandbox, client):
        client.add()
        client.event("addOrderStatus")
        client.ask("cancelAll")
        with pytest.raises(GONE):
            client.event("cancelAllStatus")
        assert open_orders(sandbox) == {}
        assert names(sandbox) == ["cut_answer"]


@pytest.mark.parametrize("channel", ["openOrders", "ownTrades"])
def test_reports_that_are_lost_leave_a_gap(channel: str) -> None:
    with trading(f"lose_reports:channel={channel}", name=channel) as (sandbox, client):
        for _ in range(2):
            client.add(ordertype="market", price="")
        told, number = client.array()
        assert (len(told), number) == (1, 3)
        (fault,) = delivered(sandbox)
        assert (fault["channel"], json.loads(fault["frame"])[2]) == (channel, {"sequence": 2})
        assert len(call(sandbox, "TradesHistory")["result"]["trades"]) == 2


def test_a_channel_that_falls_silent_for_good() -> None:
    with trading("no_reports:channel=openOrders,at=2") as (sandbox, client):
        client.add()
        client.event("addOrderStatus")
        client.subscription("unsubscribe")
        while client.event("subscriptionStatus")["status"] != "unsubscribed":
            pass
        client.subscription("subscribe")
        told, number = client.array()
        assert (len(told), number) == (1, 1)
        assert names(sandbox) == ["no_reports"]


def test_a_token_that_ends() -> None:
    with trading("expire_token:method=add_order") as (sandbox, client):
        client.add()
        refusal = client.event("addOrderStatus")
        assert (refusal["status"], refusal["errorMessage"]) == ("error", "Token is expired")
        assert open_orders(sandbox) == {}
        client.token = call(sandbox, "GetWebSocketsToken")["result"]["token"]
        client.add()
        assert client.event("addOrderStatus")["status"] == "ok"
        (fault,) = delivered(sandbox)
        assert '"token": "***"' in fault["frame"]


def test_a_session_that_is_invalid_once() -> None:
    with trading("invalid_session:method=subscribe,connection=2") as (sandbox, _), Account(sandbox) as second:
        refusal = second.event("subscriptionStatus")
        assert (refusal["status"], refusal["errorMessage"]) == ("error", "ESession:Invalid session")
        assert (refusal["reqid"], refusal["subscription"]["token"]) == (1, second.token)
        second.subscription("subscribe")
        assert second.array() == ([], 1)
        assert second.token not in json.dumps(sandbox.entries)


def test_a_trading_request_may_be_the_one_that_is_invalid() -> None:
    with trading("invalid_session:method=add_order") as (sandbox, client):
        client.add()
        refusal = client.event("addOrderStatus")
        assert refusal == {
            "errorMessage": "ESession:Invalid session",
            "event": "addOrderStatus",
            "reqid": 1,
            "status": "error",
        }
        client.add()
        assert client.event("addOrderStatus")["status"] == "ok"
        assert names(sandbox) == ["invalid_session"]


@pytest.mark.parametrize("spec", ["lose_ack:channel=openOrders", "truncated:channel=openOrders"])
def test_subscriptions_and_frames_are_touched_as_elsewhere(spec: str) -> None:
    with faulty(spec, rate=50, synthetic=0) as sandbox, Account(sandbox) as client:
        for _ in range(3):
            client.text()
        assert names(sandbox) == [spec.partition(":")[0]]


@pytest.mark.parametrize(
    "spec",
    ["garbage:after=4", "huge:after=4", "stall:after=4", "system:after=4,seconds=1", "exceed_rate:at=2"],
)
def test_every_fault_of_connections_acts_here(spec: str) -> None:
    with trading(spec) as (sandbox, client):
        client.subscription("subscribe", "ownTrades")
        client.add()
        deadline = time.monotonic() + 10
        while not delivered(sandbox) and time.monotonic() < deadline:
            client.send(event="ping")
            client.is_readable() or time.sleep(0.01)
        assert names(sandbox)[:1] == [spec.partition(":")[0]]


def test_the_private_host_may_refuse_a_handshake() -> None:
    with faulty("refuse_handshake:path=/auth", rate=50, synthetic=0) as sandbox:
        with pytest.raises(websocket.WebSocketBadStatusException):
            Account(sandbox)
        Account(sandbox).socket.shutdown()  # type: ignore[no-untyped-call] # the library's
