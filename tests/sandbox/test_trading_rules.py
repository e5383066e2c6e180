"""What the private host refuses, and in which words; what it counts."""

from __future__ import annotations

from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.settings import AccountSettings

from .traders import Trader, dollars, events, quiet_exchange, reports, touch, wait


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


@pytest.fixture
def trader(exchange: Exchange) -> Trader:
    return Trader(exchange, 1, "executions")


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"limit_price": "60000"}, "Limit_price field must be a number_float"),
        ({"order_qty": "0.01", "limit_price": 60000.0}, "Order_qty field must be a number_float"),
        ({"limit_price": 60000.0, "post_only": 1}, "Post_only field must be a boolean"),
        ({"limit_price": 60000.0, "order_userref": "1"}, "Order_userref field must be a number_integer"),
        ({"limit_price": 60000.0, "x": 1}, "Unsupported field: 'x' for the given msg type: add_order"),
        ({"limit_price": 60000.05}, "EOrder:Tick size check failed"),
        ({"limit_price": -1.0}, "EGeneral:Invalid arguments:price"),
        ({}, "EGeneral:Invalid arguments:price"),
        ({"limit_price": 60000.0, "order_qty": 0.00004}, "EGeneral:Invalid arguments:volume minimum not met"),
        ({"limit_price": 60000.0, "order_qty": 0.000000001}, "EGeneral:Invalid arguments:volume"),
        ({"limit_price": 9000.0, "order_qty": 0.00005}, "EOrder:Cost minimum not met"),
        ({"limit_price": 60000.0, "order_qty": 2}, "EOrder:Insufficient funds"),
        ({"limit_price": 90000.0, "order_qty": 2.5, "side": "sell"}, "EOrder:Insufficient funds"),
        ({"order_type": "market", "order_qty": 2}, "EOrder:Insufficient funds"),
        ({"limit_price": 60000.0, "symbol": "XBT/USD"}, "EQuery:Unknown asset pair"),
        ({"limit_price": 60000.0, "order_type": "settle-position"}, "EGeneral:Invalid arguments:ordertype"),
        ({"limit_price": 60000.0, "side": "up"}, "EGeneral:Invalid arguments:side"),
        ({"limit_price": 90000.0, "post_only": True}, "EOrder:Post only order"),
        ({"order_type": "market", "time_in_force": "fok"}, "EGeneral:Invalid arguments:timeinforce"),
        ({"limit_price": 60000.0, "time_in_force": "gtd"}, "EGeneral:Invalid arguments:expiretm"),
        ({"limit_price": 60000.0, "stp_type": "x"}, "EGeneral:Invalid arguments:stp_type"),
        ({"limit_price": 60000.0, "margin": True}, "EOrder:Margin allowance exceeded"),
        ({"limit_price": 60000.0, "reduce_only": True}, "EOrder:Reduce only:No position exists"),
        ({"limit_price": 60000.0, "cl_ord_id": "x" * 19}, "EGeneral:Invalid arguments:cl_ord_id"),
        (
            {"limit_price": 60000.0, "cl_ord_id": "x", "order_userref": 1},
            "EGeneral:Invalid arguments:cl_ord_id and order_userref cannot be used together",
        ),
        ({"limit_price": 60000.0, "deadline": "2026-03-02T14:05:29.000Z"}, "EService:Deadline elapsed"),
        (
            {"limit_price": 60000.0, "deadline": "2026-03-02T14:07:00.000Z"},
            "EGeneral:Invalid arguments:deadline",
        ),
        ({"order_type": "iceberg", "limit_price": 60000.0}, "EGeneral:Invalid arguments:display_qty"),
        (
            {"order_type": "iceberg", "limit_price": 60000.0, "order_qty": 0.16, "display_qty": 0.01},
            "EGeneral:Invalid arguments:display_qty",
        ),
    ],
)
def test_refusals(trader: Trader, params: dict[str, Any], error: str) -> None:
    assert trader.refused(**params) == error
    assert not trader.account().open
    assert trader.account().available("USD") == trader.account().balances["USD"]


def test_what_is_set_aside_is_not_there_for_others(trader: Trader) -> None:
    first = trader.add(limit_price=60000.0, order_qty=1.6)
    assert trader.refused(limit_price=60000.0, order_qty=0.1) == "EOrder:Insufficient funds"
    trader.do("cancel_order", order_id=[first])
    trader.add(limit_price=60000.0, order_qty=0.1)


def test_an_own_id_is_unique_among_the_open_orders(trader: Trader) -> None:
    own = "6d1b345e-2821-40e2-ad83-4ecb18a06876"
    trader.add(limit_price=60000.0, cl_ord_id=own)
    assert trader.refused(limit_price=60000.0, cl_ord_id=own).startswith(
        "EGeneral:Invalid arguments:cl_ord_id"
    )
    trader.do("cancel_order", cl_ord_id=[own])
    trader.add(limit_price=60000.0, cl_ord_id=own)
    trader.add(limit_price=60000.0, cl_ord_id=own.replace("-", ""))


def test_a_checked_order_is_not_placed(trader: Trader) -> None:
    response = trader.do(
        "add_order",
        order_type="limit",
        side="buy",
        order_qty=0.01,
        symbol="BTC/USD",
        limit_price=60000.0,
        validate=True,
        cl_ord_id="x",
    )
    assert response["result"] == {"cl_ord_id": "x", "order_id": ""}
    assert trader.frames == []
    assert trader.account().orders == {}


def test_the_counter_of_a_pair_fills_and_empties() -> None:
    exchange = quiet_exchange(tier="starter")
    trader = Trader(exchange, 1, "executions", ratecounter=True)
    assert trader.first[0]["result"]["maxratecount"] == 60
    # An order and its cancelling within five seconds cost nine.
    for number in range(1, 7):
        order_id = trader.add(limit_price=60000.0)
        trader.do("cancel_order", order_id=[order_id])
        assert reports(trader.frames)[0]["ratecount"] == f"{9 * number}.00"
    order_id = trader.add(limit_price=60000.0)
    assert trader.do("cancel_order", order_id=[order_id])["error"] == "EOrder:Rate limit exceeded"
    assert trader.do("cancel_all")["result"] == {"count": 1}
    for _ in range(4):
        trader.add(limit_price=60000.0)
    assert trader.refused(limit_price=60000.0) == "EOrder:Rate limit exceeded"
    wait(exchange, 1.5)
    trader.add(limit_price=60000.0)
    assert reports(trader.frames)[0]["ratecount"] == "59.50"


def test_there_is_a_limit_of_open_orders() -> None:
    exchange = quiet_exchange(tier="starter")
    trader = Trader(exchange)
    for _ in range(60):
        trader.add(limit_price=60000.0, order_qty=0.001)
        wait(exchange, 1)
    assert trader.refused(limit_price=60000.0) == "EOrder:Orders limit exceeded"


def test_engine_states_hold_orders_back(exchange: Exchange, trader: Trader) -> None:
    order_id = trader.add(limit_price=60000.0)
    exchange.engine.state = "post_only"
    assert trader.refused(limit_price=60000.0) == "EService:Market in post_only mode"
    trader.add(limit_price=60000.0, post_only=True)
    exchange.engine.state = "cancel_only"
    assert trader.refused(limit_price=60000.0, post_only=True) == "EService:Market in cancel_only mode"
    exchange.engine.state = "maintenance"
    assert trader.do("cancel_order", order_id=[order_id])["error"] == "EService:Unavailable"
    exchange.engine.state = "cancel_only"
    assert trader.do("cancel_all")["result"] == {"count": 2}


@pytest.mark.parametrize(
    ("rights", "channels"),
    [(("open-orders",), ["executions"]), (("funds",), ["balances"]), (("trade", "websocket"), [])],
)
def test_rights_open_channels(rights: tuple[str, ...], channels: list[str]) -> None:
    trader = Trader(quiet_exchange(rights=rights))
    for channel in ("executions", "balances"):
        answer, *_ = trader.subscribe(channel)
        assert answer["success"] == (channel in channels)
        if not answer["success"]:
            assert answer["error"] == "EGeneral:Permission denied"
            assert (answer["channel"], answer["status"]) == (channel, "error")
    answer = trader.do("cancel_all")
    assert answer.get("error") == (None if "trade" in rights else "EGeneral:Permission denied")


def test_tokens_grow_old_unless_something_is_subscribed() -> None:
    exchange = quiet_exchange(second=0.1)
    idle, busy = Trader(exchange), Trader(exchange, 1, "executions")
    assert idle.do("cancel_all")["success"]
    wait(exchange, 90)
    assert idle.do("cancel_all")["error"] == "EAPI:Invalid token"
    assert busy.do("cancel_all")["success"]
    (answer,) = Trader.subscribe(idle, "balances")
    assert answer["error"] == "ESession:Invalid session"


def test_a_token_for_a_single_use_serves_one_connection() -> None:
    exchange = quiet_exchange(single_use_tokens=True)
    first, second = Trader(exchange), Trader(exchange)
    second.token = first.token
    assert first.do("cancel_all")["success"]
    assert second.do("cancel_all")["error"] == "EAPI:Invalid token"
    assert first.do("cancel_all")["success"]
    assert first.subscribe("balances")[0]["success"]


def test_reports_may_be_left_to_beginnings_and_ends(exchange: Exchange) -> None:
    trader = Trader(exchange, 1, "executions", order_status=False)
    order_id = trader.add(limit_price=60000.0)
    assert events(trader.frames) == ["new"]
    trader.do("amend_order", order_id=order_id, limit_price=60001.0)
    assert trader.frames == []
    trader.do("cancel_all")
    assert events(trader.frames) == ["canceled"]


def test_what_is_bought_for_cash() -> None:
    account = AccountSettings("KEY", "c2VjcmV0", (("USD", "100"),))
    exchange = quiet_exchange(accounts=(account,))
    trader = Trader(exchange, 3, "executions")
    assert trader.refused(order_type="market") == "EOrder:Insufficient funds"
    response = trader.do("add_order", order_type="market", side="buy", symbol="BTC/USD", cash_order_qty=99.5)
    assert response["success"]
    filled = reports(trader.frames)[-1]
    assert 99.4 < float(filled["cum_cost"]) <= 99.5
    assert reports(trader.frames)[0]["cash_order_qty"] == "99.50000"
    assert trader.account().balances["USD"] >= 0


def test_an_order_at_market_takes_what_is_there(exchange: Exchange, trader: Trader) -> None:
    _, ask = touch(exchange)
    trader.add(order_type="market", order_qty=0.5)
    trades = [one for one in reports(trader.frames) if one["exec_type"] == "trade"]
    assert trades[0]["last_price"] == str(dollars(ask))
    prices = [float(one["last_price"]) for one in trades]
    assert prices == sorted(prices)
    assert len(prices) > 1
