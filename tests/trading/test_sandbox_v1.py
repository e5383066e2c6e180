"""What a desk says over API v1, judged by the embedded exchange, which has its own reading of v1's notes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from krakencli.clock import Clock
from krakencli.credentials import Credentials
from krakencli.protocol.trading import Answer, Number, Params
from krakencli.protocol.trading_v1 import TradingV1
from krakencli.rest.client import Client
from krakencli.rest.token import fetch_token
from krakencli.sandbox import Sandbox, Settings
from krakencli.trading.desk import Desk
from krakencli.trading.order import Conditional, Order, Triggers
from krakencli.trading.request import Request
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Link

N = Number
FAR = N("30000.0")
"""A price at which nothing trades."""
LIMIT = Order(side="buy", qty=N("0.00100000"), symbol="BTC/USD", limit_price=FAR)
MARKET = replace(LIMIT, order_type="market", limit_price=None)
SOON = (datetime.now(UTC) + timedelta(days=7)).isoformat(timespec="seconds")
NOWHERE = "OABCDE-FGHIJ-KLMNOP"


class Counter:
    """One connection to the sandbox's private side of v1."""

    def __init__(self, sandbox: Sandbox) -> None:
        keys = Credentials(sandbox.api_key, sandbox.api_secret)
        client = Client(sandbox.addresses.rest)

        def connect(to: Inbox[Arrival]) -> Link:
            url = sandbox.addresses.ws_v1_auth
            return Link(url, to, fetch_token=lambda: fetch_token(client, keys).value)

        self.desk = Desk(connect, Clock(), dialect=TradingV1())
        self.desk.open()

    def ask(self, method: str, params: Params, expected: int = 1) -> list[Answer]:
        """Its answers, all of which come."""
        request = Request(method=method, params=dict(params))
        dated = request.dated(Clock().wall())
        heard = self.desk.ask(method, lambda: dated, within=30.0, expected=expected)
        assert heard.lost == ""
        return heard.answers

    def done(self, method: str, params: Params) -> dict[str, Any]:
        (answer,) = self.ask(method, params)
        assert (answer.success, answer.error) == (True, "")
        return answer.result

    def refused(self, method: str, params: Params) -> str:
        (answer,) = self.ask(method, params)
        assert not answer.success
        return answer.error

    def add(self, **more: Any) -> str:
        order_id = self.done("add_order", replace(LIMIT, **more).params())["order_id"]
        assert isinstance(order_id, str)
        return order_id


@pytest.fixture(scope="module")
def open_counter() -> Iterator[Counter]:
    with Sandbox(Settings(seed=7)) as sandbox:
        counter = Counter(sandbox)
        yield counter
        counter.desk.close()


@pytest.fixture
def counter(open_counter: Counter) -> Iterator[Counter]:
    """The same connection for all tests, without orders."""
    yield open_counter
    open_counter.ask("cancel_all", {})


@pytest.mark.parametrize(
    "order",
    [
        LIMIT,
        MARKET,
        replace(MARKET, qty=N("100"), cash=True),
        replace(LIMIT, time_in_force="ioc", fee_preference="base"),
        replace(LIMIT, time_in_force="gtd", expire_time=SOON, order_userref=7),
        replace(LIMIT, post_only=True, stp_type="cancel_both", sender_sub_id="desk-1"),
        replace(LIMIT, cl_ord_id="mine", fee_preference="quote"),
        replace(LIMIT, conditional=Conditional(order_type="limit", limit_price=N("90000.0"))),
        replace(
            LIMIT,
            conditional=Conditional(
                order_type="stop-loss-limit",
                limit_price=N("19000.0"),
                trigger_price=N("20000.0"),
            ),
        ),
        replace(MARKET, order_type="stop-loss", triggers=Triggers(price=N("200000.0"))),
        replace(LIMIT, order_type="stop-loss-limit", triggers=Triggers(price=N("200000.0"))),
        replace(MARKET, order_type="take-profit", triggers=Triggers(price=N("-5"), price_type="pct")),
        replace(MARKET, order_type="stop-loss", triggers=Triggers(price=N("500"), price_type="quote")),
        replace(MARKET, order_type="trailing-stop", triggers=Triggers(price=N("1.0"), price_type="pct")),
        replace(
            LIMIT,
            order_type="trailing-stop-limit",
            limit_price=N("-5.0"),
            triggers=Triggers(price=N("100")),
        ),
    ],
)
def test_the_exchange_takes_every_kind(counter: Counter, order: Order) -> None:
    assert counter.done("add_order", {**order.params(), "validate": True}) == {}


def test_an_order_is_changed_and_gone(counter: Counter) -> None:
    order_id = counter.add(cl_ord_id="mine")
    changes = {"cl_ord_id": "mine", "limit_price": N("30001.0"), "order_qty": N("0.002")}
    told = counter.done("amend_order", changes)
    assert (told["cl_ord_id"], told["amend_id"][0]) == ("mine", "T")
    told = counter.done("amend_order", {"order_id": order_id, "order_qty": N("0.0010")})
    assert told["order_id"] == order_id
    assert counter.ask("cancel_order", {"order_id": [order_id]}) == [Answer(success=True)]
    assert counter.refused("cancel_order", {"order_id": [order_id]}) == "EOrder:Unknown order"


def test_an_order_is_replaced(counter: Counter) -> None:
    order_id = counter.add(order_userref=7)
    edit = {"order_id": order_id, "symbol": "BTC/USD", "limit_price": N("30002.0"), "order_userref": 8}
    told = counter.done("edit_order", edit)
    assert told["original_order_id"] == order_id
    assert told["order_id"] != order_id
    (answer,) = counter.ask("cancel_order", {"order_userref": [8]})
    assert answer.success


def test_each_order_of_a_cancellation_is_answered(counter: Counter) -> None:
    ids = [counter.add(), counter.add()]
    answers = counter.ask("cancel_order", {"order_id": [ids[0], NOWHERE, ids[1]]}, expected=3)
    assert [(answer.success, answer.error, answer.result) for answer in answers] == [
        (True, "", {}),
        (False, "EOrder:Unknown order", {}),
        (True, "", {}),
    ]


def test_all_orders_and_the_timer(counter: Counter) -> None:
    counter.add()
    counter.add()
    (answer,) = counter.ask("cancel_all", {})
    assert (answer.success, answer.count) == (True, 2)
    armed = counter.done("cancel_all_orders_after", {"timeout": 60})
    apart = datetime.fromisoformat(armed["triggerTime"]) - datetime.fromisoformat(armed["currentTime"])
    assert apart == timedelta(seconds=60)
    assert counter.done("cancel_all_orders_after", {"timeout": 0})["triggerTime"] == "0"


@pytest.mark.parametrize(
    ("method", "params", "error"),
    [
        ("add_order", replace(LIMIT, qty=N("5000")).params(), "EOrder:Insufficient funds"),
        ("add_order", replace(LIMIT, symbol="NOPE/USD").params(), "EQuery:Unknown asset pair"),
        ("add_order", replace(LIMIT, limit_price=N("30000.05")).params(), "EOrder:Tick size check failed"),
        ("amend_order", {"order_id": NOWHERE, "order_qty": N("1")}, "EOrder:Unknown order"),
        (
            "edit_order",
            {"order_id": NOWHERE, "symbol": "BTC/USD", "order_qty": N("1")},
            "EOrder:Unknown order",
        ),
        ("cancel_order", {"cl_ord_id": ["nobody"]}, "EOrder:Unknown order"),
    ],
)
def test_refusals(counter: Counter, method: str, params: Params, error: str) -> None:
    assert counter.refused(method, params).startswith(error)


def test_a_ping_is_answered_by_no_answer(counter: Counter) -> None:
    """The next answer is that of the next request."""
    counter.desk.ping()
    assert counter.ask("cancel_all", {}) == [Answer(success=True, count=0)]
