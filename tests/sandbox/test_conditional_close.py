"""Conditional closes: each fill of an order places the order that closes it, over every way of asking."""

from __future__ import annotations

from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange

from .traders import SYMBOL, RestTrader, Trader, dollars, quiet_exchange, reports, touch
from .v1_traders import V1Trader

CLOSE = {
    "order_type": "stop-loss-limit",
    "trigger_price": 50000.0,
    "trigger_price_type": "static",
    "limit_price": 49000.0,
}


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


@pytest.fixture
def trader(exchange: Exchange) -> Trader:
    return Trader(exchange, 1, "executions")


def resting(exchange: Exchange) -> float:
    """A bid just below the best offer."""
    _, ask = touch(exchange)
    return dollars(ask - 1)


def test_each_fill_places_its_own_closing_order(exchange: Exchange, trader: Trader) -> None:
    partner, price = Trader(exchange, 2), resting(exchange)
    order_id = trader.add(limit_price=price, conditional=CLOSE)
    first = reports(trader.frames)[0]
    assert first["contingent"] == {
        "order_type": "stop-loss-limit",
        "trigger_price": "50000.0",
        "trigger_price_type": "static",
        "limit_price": "49000.0",
        "limit_price_type": "static",
    }
    for qty in (0.004, 0.006):
        partner.add(side="sell", order_qty=qty, limit_price=price)
    closing = [report for report in reports(trader.news()) if report.get("ord_ref_id")]
    assert [report["order_qty"] for report in closing] == ["0.00400000", "0.00600000"]
    assert {report["ord_ref_id"] for report in closing} == {order_id}
    assert {(one["side"], one["order_type"], one["limit_price"]) for one in closing} == {
        ("sell", "stop-loss-limit", "49000.0")
    }
    assert [order.trigger for order in trader.account().open.values()] == [500_000, 500_000]


def test_what_is_taken_at_once_is_closed_after_it(exchange: Exchange, trader: Trader) -> None:
    trader.add(
        order_type="market", order_qty=0.0001, conditional={"order_type": "limit", "limit_price": 90000.0}
    )
    told = [(report["exec_type"], report["order_id"]) for report in reports(trader.frames)]
    ends = [place for place, (kind, _) in enumerate(told) if kind == "filled"]
    (order,) = trader.account().open.values()
    assert (order.limit, order.qty, order.ask.buy) == (900_000, 10_000, False)
    assert told.index(("pending_new", order.order_id)) > ends[0]


def test_a_closing_trailing_stop_trails_from_then_on(exchange: Exchange, trader: Trader) -> None:
    trader.add(
        order_type="market",
        order_qty=0.0001,
        conditional={"order_type": "trailing-stop", "trigger_price": 100.0},
    )
    (order,) = trader.account().open.values()
    assert order.trigger == exchange.market(SYMBOL).last_price - 1000


def test_a_closing_order_that_cannot_be_is_not_placed(exchange: Exchange, trader: Trader) -> None:
    partner, price = Trader(exchange, 2), resting(exchange)
    sold = trader.add(side="sell", limit_price=price, conditional={**CLOSE, "limit_price": 99_000_000.0})
    partner.add(limit_price=price)
    assert trader.account().orders[sold].status == "filled"
    assert not trader.account().open


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"cl_ord_id": "mine"}, "EGeneral:Invalid arguments:cl_ord_id and close cannot be used together"),
        ({"conditional": {}}, "EGeneral:Invalid arguments:close"),
        ({"conditional": {"order_type": "market"}}, "EGeneral:Invalid arguments:close"),
        ({"conditional": {"order_type": "limit"}}, "EGeneral:Invalid arguments:price"),
        ({"conditional": {"order_type": "stop-loss"}}, "EGeneral:Invalid arguments:triggers"),
        ({"conditional": {**CLOSE, "limit_price": 0.01}}, "EOrder:Tick size check failed"),
        (
            {"conditional": {**CLOSE, "side": "buy"}},
            "Unsupported field: 'side' for the given msg type: add_order",
        ),
        ({"conditional": {**CLOSE, "limit_price": "1"}}, "Limit_price field must be a number_float"),
    ],
)
def test_closes_that_cannot_be(trader: Trader, params: Any, error: str) -> None:
    assert trader.refused(limit_price=60000.0, **{"conditional": CLOSE, **params}) == error


def test_an_order_with_a_close_stays_as_it_is(trader: Trader) -> None:
    order_id = trader.add(limit_price=60000.0, conditional=CLOSE)
    for method, params in (("amend_order", {}), ("edit_order", {"symbol": SYMBOL})):
        answer = trader.do(method, order_id=order_id, order_qty=0.02, **params)
        assert answer["error"] == "EOrder:Invalid order"


def test_rest_takes_one_and_tells_it(exchange: Exchange) -> None:
    rest = RestTrader(exchange)
    fields = {"close[ordertype]": "stop-loss-limit", "close[price]": "50000", "close[price2]": "49000"}
    usual = {"pair": "XBTUSD", "type": "buy", "volume": "0.0001"}
    answer = rest.result("AddOrder", ordertype="limit", price="60000", **usual, **fields)
    words = "close position @ stop loss 50000.0 -> limit 49000.0"
    assert answer["descr"]["close"] == words
    ((primary, row),) = rest.result("OpenOrders")["open"].items()
    assert (row["descr"]["close"], row["refid"]) == (words, None)
    rest.result("CancelOrder", txid=primary)
    (taken,) = rest.result("AddOrder", ordertype="market", **usual, **fields)["txid"]
    (row,) = rest.result("OpenOrders")["open"].values()
    assert (row["refid"], row["vol"], row["descr"]["type"]) == (taken, "0.00010000", "sell")
    assert rest.error("AddOrder", ordertype="market", **usual, **{"close[price]": "1"}).endswith(":close")


def test_v1_takes_one_and_tells_it(exchange: Exchange) -> None:
    trader = V1Trader(exchange, 1, "openOrders")
    fields = {"close[ordertype]": "take-profit", "close[price]": "#5%"}
    order_id = trader.add(ordertype="market", price="", volume="0.0001", **fields)
    told = trader.items()
    primary = next(item for name, item in told if name == order_id)
    assert primary["descr"]["close"] == "close position @ take profit +5%"
    assert primary["contingent"] == {
        "oflags": "fciq",
        "ordertype": "take-profit",
        "price": "+5%",
        "price2": "0.00000",
    }
    (closing,) = [item for name, item in told if name != order_id and "vol" in item]
    assert (closing["refid"], closing["vol"], closing["descr"]["type"]) == (order_id, "0.00010000", "sell")
    (order,) = trader.account().open.values()
    last = exchange.market(SYMBOL).last_price
    assert abs((order.trigger or 0) - last * 105 // 100) <= 1
