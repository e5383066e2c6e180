"""Amending, editing, batches and the dead man's switch over the private host."""

from __future__ import annotations

from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange

from .traders import SYMBOL, Trader, dollars, events, quiet_exchange, reports, touch, wait


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


@pytest.fixture
def trader(exchange: Exchange) -> Trader:
    return Trader(exchange, 1, "executions")


def queue(exchange: Exchange, ticks: int) -> list[int]:
    book = exchange.market(SYMBOL).book
    return list(book.asks.levels[ticks].orders)


def test_an_amendment_is_told_as_it_was_recorded(trader: Trader) -> None:
    trader.add(limit_price=60000.0, cl_ord_id="strat-0001")
    response = trader.do("amend_order", cl_ord_id="strat-0001", limit_price=60001.0, order_qty=0.02)
    assert list(response["result"]) == ["amend_id", "cl_ord_id"]
    (report,) = reports(trader.frames)
    assert list(report) == [
        *("timestamp", "exec_type", "order_status", "cum_qty", "reason", "amended"),
        *("order_qty", "limit_price", "limit_price_type", "cl_ord_id", "order_id"),
    ]
    assert (report["limit_price"], report["order_qty"], report["amended"]) == ("60001.0", "0.02000000", True)
    # 0.02 at 60,001 and 0.4 percent of it, cut to four decimals.
    assert trader.account().holds["USD"] == 12048200


def test_smaller_keeps_the_place_larger_and_dearer_lose_it(exchange: Exchange, trader: Trader) -> None:
    _, ask = touch(exchange)
    price = dollars(ask - 1)
    first = trader.add(side="sell", limit_price=price, order_qty=0.02)
    second = trader.add(side="sell", limit_price=price, order_qty=0.02)
    numbers = {trader.account().open[one].number: one for one in (first, second)}
    places = lambda: [numbers[number] for number in queue(exchange, ask - 1)]  # noqa: E731
    trader.do("amend_order", order_id=first, order_qty=0.01)
    assert places() == [first, second]
    trader.do("amend_order", order_id=first, order_qty=0.015)
    assert places() == [second, first]
    trader.do("amend_order", order_id=second, limit_price=dollars(ask))
    trader.do("amend_order", order_id=second, limit_price=price)
    assert places() == [first, second]


def test_an_amendment_may_trade(exchange: Exchange, trader: Trader) -> None:
    _, ask = touch(exchange)
    order_id = trader.add(limit_price=60000.0, order_qty=0.0001)
    refused = trader.do("amend_order", order_id=order_id, limit_price=dollars(ask), post_only=True)
    assert refused["error"] == "EOrder:Post only order"
    trader.do("amend_order", order_id=order_id, limit_price=dollars(ask))
    assert events(trader.frames) == ["amended", "trade", "filled"]


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"order_id": "OAAAAA-AAAAA-AAAAAA", "order_qty": 1.0}, "EOrder:Unknown order"),
        ({"order_id": "x", "cl_ord_id": "y", "order_qty": 1.0}, "EGeneral:Invalid arguments:order_id"),
        ({"order_id": ["x"], "order_qty": 1.0}, "Order_id field must be a string"),
        ({"cl_ord_id": "mine"}, "EGeneral:Invalid arguments:no changes"),
        ({"cl_ord_id": "mine", "order_qty": 9.0}, "EOrder:Insufficient funds"),
        ({"cl_ord_id": "mine", "limit_price": 60000.01}, "EOrder:Tick size check failed"),
        ({"cl_ord_id": "mine", "order_qty": 0.00001}, "EGeneral:Invalid arguments:volume minimum not met"),
        (
            {"cl_ord_id": "mine", "triggers": {}},
            "Unsupported field: 'triggers' for the given msg type: amend_order",
        ),
    ],
)
def test_refused_amendments_change_nothing(trader: Trader, params: dict[str, Any], error: str) -> None:
    trader.add(limit_price=60000.0, cl_ord_id="mine")
    held = trader.account().holds["USD"]
    assert trader.do("amend_order", **params)["error"] == error
    assert trader.frames == []
    (order,) = trader.account().open.values()
    assert (order.qty, order.limit, trader.account().holds["USD"]) == (1000000, 600000, held)


def test_less_than_is_filled_ends_an_order(exchange: Exchange, trader: Trader) -> None:
    _, ask = touch(exchange)
    order_id = trader.add(side="sell", limit_price=dollars(ask - 1), order_qty=0.02)
    Trader(exchange, 2).add(order_type="market", order_qty=0.015)
    trader.news()
    trader.do("amend_order", order_id=order_id, order_qty=0.01)
    assert events(trader.frames) == ["canceled"]


def test_a_waiting_stop_may_be_moved(exchange: Exchange, trader: Trader) -> None:
    last = exchange.market(SYMBOL).last_price
    order_id = trader.add(order_type="stop-loss", side="sell", triggers={"price": dollars(last - 100)})
    trader.do("amend_order", order_id=order_id, trigger_price=dollars(last - 50))
    assert events(trader.frames) == ["amended"]
    assert reports(trader.frames)[0]["triggers"]["price"] == str(dollars(last - 50))
    trader.do("amend_order", order_id=order_id, trigger_price=dollars(last + 50))
    assert events(trader.frames)[:2] == ["amended", "status"]
    assert events(trader.frames)[-1] == "filled"


def test_an_iceberg_may_show_more(exchange: Exchange, trader: Trader) -> None:
    order_id = trader.add(order_type="iceberg", order_qty=0.05, display_qty=0.01, limit_price=60000.0)
    trader.do("amend_order", order_id=order_id, display_qty=0.02)
    assert reports(trader.frames)[0]["display_qty"] == "0.02000000"
    (order,) = exchange.market(SYMBOL).book.owned.values()
    assert (order.qty + order.hidden, order.display) == (5000000, 2000000)


def test_editing_puts_another_order_in_the_place(trader: Trader) -> None:
    old = trader.add(limit_price=60000.0, order_userref=3)
    response = trader.do("edit_order", order_id=old, symbol=SYMBOL, order_qty=0.02)
    new = response["result"]["order_id"]
    assert response["result"] == {"order_id": new, "original_order_id": old}
    assert events(trader.frames) == ["canceled", "pending_new", "new"]
    (order,) = trader.account().open.values()
    assert (order.order_id, order.qty, order.limit, order.ask.userref) == (new, 2000000, 600000, 3)
    assert trader.do("edit_order", order_id=old, symbol=SYMBOL)["error"] == "EOrder:Unknown order"
    (answer,) = trader.ask("edit_order", {"order_id": new, "symbol": SYMBOL})
    assert answer["error"] == "Token(s) not found"
    own = trader.add(limit_price=60000.0, cl_ord_id="mine")
    assert trader.do("edit_order", order_id=own, symbol=SYMBOL)["error"] == "EOrder:Invalid order"


def test_an_edit_that_cannot_be_paid_for_leaves_the_old_order(trader: Trader) -> None:
    old = trader.add(limit_price=60000.0)
    response = trader.do("edit_order", order_id=old, symbol=SYMBOL, order_qty=9.0)
    assert response["error"] == "EOrder:Insufficient funds"
    assert list(trader.account().open) == [old]


def bid(**params: Any) -> dict[str, Any]:
    return {"order_type": "limit", "side": "buy", "order_qty": 0.001, "limit_price": 60000.0, **params}


def test_a_batch_answers_in_order(trader: Trader) -> None:
    orders = [bid(order_userref=1), bid(order_qty=9.0), bid(cl_ord_id="third")]
    response = trader.do("batch_add", symbol=SYMBOL, orders=orders)
    first, second, third = response["result"]
    assert list(first) == ["order_id", "order_userref"]
    assert second == {"error": "EOrder:Insufficient funds"}
    assert list(third) == ["cl_ord_id", "order_id"]
    assert list(trader.account().open) == [first["order_id"], third["order_id"]]


@pytest.mark.parametrize(
    ("orders", "error"),
    [
        ([bid()], "EGeneral:Invalid arguments:orders"),
        ([bid()] * 16, "EGeneral:Invalid arguments:orders"),
        ([bid(), bid(order_qty=0.00001)], "EGeneral:Invalid arguments:volume minimum not met"),
        ([bid(), bid(symbol=SYMBOL)], "Unsupported field: 'symbol' for the given msg type: batch_add"),
        ([bid(), bid(limit_price="1")], "Limit_price field must be a number_float"),
    ],
)
def test_one_wrong_order_spoils_a_batch(trader: Trader, orders: list[Any], error: str) -> None:
    assert trader.do("batch_add", symbol=SYMBOL, orders=orders)["error"] == error
    assert not trader.account().open


def test_a_batch_may_only_be_checked(trader: Trader) -> None:
    response = trader.do("batch_add", symbol=SYMBOL, orders=[bid(), bid()], validate=True)
    assert response["result"] == [{"order_id": ""}, {"order_id": ""}]
    assert not trader.account().open


def test_a_batch_of_cancels_counts_at_top_level(trader: Trader) -> None:
    ids = [trader.add(limit_price=60000.0), trader.add(limit_price=60000.0, order_userref=9)]
    trader.add(limit_price=60000.0, cl_ord_id="mine")
    response = trader.do("batch_cancel", orders=[ids[0], "9", "OAAAAA-AAAAA-AAAAAA"], cl_ord_id=["mine"])
    assert response["orders_cancelled"] == 3
    assert "result" not in response
    assert list(response) == ["method", "orders_cancelled", "req_id", "success", "time_in", "time_out"]
    assert trader.do("batch_cancel", orders=["x"])["error"] == "EGeneral:Invalid arguments:orders"


def test_the_switch_is_rearmed_and_disarmed(exchange: Exchange, trader: Trader) -> None:
    trader.add(limit_price=60000.0)
    response = trader.do("cancel_all_orders_after", timeout=60)
    assert response["result"] == {
        "currentTime": "2026-03-02T14:05:30Z",
        "triggerTime": "2026-03-02T14:06:30Z",
    }
    wait(exchange, 30)
    assert trader.do("cancel_all_orders_after", timeout=0)["result"]["triggerTime"] == "0"
    wait(exchange, 60)
    assert trader.news() == []
    trader.do("cancel_all_orders_after", timeout=10)
    wait(exchange, 10)
    assert events(trader.news()) == ["canceled"]
    assert (
        trader.do("cancel_all_orders_after", timeout=86400)["error"] == "EGeneral:Invalid arguments:timeout"
    )
