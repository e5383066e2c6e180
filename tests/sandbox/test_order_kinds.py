"""Orders that are not simply limit orders: at once or never, for a time, behind a trigger, in slices, and
those that would meet an order of their own account.
"""

from __future__ import annotations

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access

from .kit import Client, WireOrders, decode
from .traders import SYMBOL, Trader, dollars, events, quiet_exchange, reports, touch, wait


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


@pytest.fixture
def trader(exchange: Exchange) -> Trader:
    return Trader(exchange, 1, "executions")


def test_what_is_not_filled_at_once_expires(exchange: Exchange, trader: Trader) -> None:
    _, ask = touch(exchange)
    trader.add(limit_price=dollars(ask), order_qty=1.2, time_in_force="ioc")
    assert events(trader.frames)[:2] == ["pending_new", "new"]
    assert events(trader.frames)[2:] == ["trade"] * (len(trader.frames) - 3) + ["expired"]
    assert float(reports(trader.frames)[-1]["cum_qty"]) > 0
    assert trader.account().holds["USD"] == 0
    assert trader.frames[0]["data"][0]["time_in_force"] == "IOC"


def test_all_or_nothing(exchange: Exchange, trader: Trader) -> None:
    _, ask = touch(exchange)
    trader.add(limit_price=dollars(ask), order_qty=1.2, time_in_force="fok")
    assert events(trader.frames) == ["pending_new", "new", "expired"]
    assert reports(trader.frames)[-1]["cum_qty"] == "0.00000000"
    trader.add(limit_price=dollars(ask + 300), order_qty=0.5, time_in_force="FOK")
    assert events(trader.frames)[-1] == "filled"


def test_an_order_for_a_time_expires(exchange: Exchange, trader: Trader) -> None:
    trader.add(limit_price=60000.0, time_in_force="gtd", expire_time="2026-03-02T14:06:30Z")
    assert reports(trader.frames)[0]["time_in_force"] == "GTD"
    wait(exchange, 59)
    assert trader.news() == []
    wait(exchange, 1)
    (report,) = reports(trader.news())
    assert (report["exec_type"], report["order_status"]) == ("expired", "expired")
    assert not exchange.market(SYMBOL).book.owned


def test_a_stop_waits_for_a_trade_at_its_trigger(exchange: Exchange, trader: Trader) -> None:
    bid, _ = touch(exchange)
    other = Trader(exchange, 2)
    last = exchange.market(SYMBOL).last_price
    trigger = min(bid, last) - 5
    stop = {"triggers": {"price": dollars(trigger)}, "side": "sell"}
    order_id = trader.add(order_type="stop-loss", **stop)
    pending = reports(trader.frames)[0]
    assert pending["triggers"] == {
        "price": str(dollars(trigger)),
        "price_type": "static",
        "reference": "last",
        "status": "untriggered",
    }
    assert (pending["stop_price"], pending["trigger"]) == (str(dollars(trigger)), "last")
    assert order_id in trader.account().open
    other.add(side="sell", limit_price=dollars(trigger - 100), order_qty=1.9)
    told = reports(trader.news())
    assert told[0]["exec_type"] == "status"
    assert told[0]["triggers"]["status"] == "triggered"
    assert told[-1]["exec_type"] == "filled"
    assert trader.account().orders[order_id].status == "filled"


@pytest.mark.parametrize(
    ("kind", "side", "above"),
    [
        ("stop-loss", "buy", True),
        ("stop-loss", "sell", False),
        ("take-profit", "buy", False),
        ("take-profit", "sell", True),
    ],
)
def test_which_way_a_trigger_looks(
    exchange: Exchange, trader: Trader, kind: str, side: str, above: bool
) -> None:
    last = exchange.market(SYMBOL).last_price
    waiting = last + 500 if above else last - 500
    passed = last - 500 if above else last + 500
    trader.add(order_type=kind, side=side, triggers={"price": dollars(waiting)})
    assert events(trader.frames) == ["pending_new", "new"]
    trader.add(order_type=kind, side=side, triggers={"price": dollars(passed)})
    assert events(trader.frames)[2] == "status"
    assert events(trader.frames)[-1] == "filled"


def test_a_stop_with_a_limit_rests_at_it(exchange: Exchange, trader: Trader) -> None:
    last = exchange.market(SYMBOL).last_price
    _, ask = touch(exchange)
    order_id = trader.add(
        order_type="take-profit-limit",
        side="sell",
        triggers={"price": dollars(last - 10)},
        limit_price=dollars(ask + 50),
    )
    assert events(trader.frames) == ["pending_new", "new", "status"]
    (order,) = exchange.market(SYMBOL).book.owned.values()
    assert order.side.price(order.key) == ask + 50
    assert trader.do("cancel_order", order_id=[order_id])["success"]
    assert not exchange.market(SYMBOL).book.owned


def test_an_iceberg_shows_slice_after_slice(exchange: Exchange, trader: Trader) -> None:
    level3, orders = Client(exchange, Access.LEVEL3), WireOrders(10)
    orders.apply(level3.subscribe_orders(SYMBOL)[1])
    _, ask = touch(exchange)
    price = dollars(ask - 1)
    order_id = trader.add(
        order_type="iceberg", side="sell", order_qty=0.05, display_qty=0.02, limit_price=price
    )
    assert reports(trader.frames)[0]["display_qty"] == "0.02000000"
    other = Trader(exchange, 2)
    behind = other.add(side="sell", order_qty=0.01, limit_price=price)
    taker = Trader(exchange, 2)
    assert all(orders.apply(decode(frame)) for frame in level3.take())
    assert orders.queue(order_id) == [order_id, behind]
    third = Trader(exchange, 2)
    third.do("cancel_order", order_id=[behind])
    taker.add(order_type="market", order_qty=0.025)
    told = reports(trader.news())
    assert [one["exec_type"] for one in told] == ["trade", "iceberg_refill", "trade"]
    assert told[1]["display_qty_remain"] == "0.02000000"
    assert all(orders.apply(decode(frame)) for frame in level3.take())
    assert orders.levels("asks", 1) == [(ask - 1, 1500000)]
    taker.add(order_type="market", order_qty=0.025)
    assert events(trader.news())[-1] == "filled"


def test_refilled_slices_queue_at_the_end(exchange: Exchange, trader: Trader) -> None:
    _, ask = touch(exchange)
    price = dollars(ask - 1)
    shy = trader.add(order_type="iceberg", side="sell", order_qty=0.04, display_qty=0.02, limit_price=price)
    mine = trader.add(side="sell", order_qty=0.01, limit_price=price)
    Trader(exchange, 2).add(order_type="market", order_qty=0.03)
    trades = [one["order_id"] for one in reports(trader.news()) if one["exec_type"] == "trade"]
    assert trades == [shy, mine]


@pytest.mark.parametrize(
    ("kind", "newest", "oldest"),
    [
        ("cancel_newest", "expired", "new"),
        ("cancel_oldest", "new", "expired"),
        ("cancel_both", "expired", "expired"),
    ],
)
def test_an_account_does_not_trade_with_itself(
    exchange: Exchange, trader: Trader, kind: str, newest: str, oldest: str
) -> None:
    bid, ask = touch(exchange)
    assert ask - 1 > bid
    old = trader.add(side="sell", limit_price=dollars(ask - 1))
    new = trader.add(side="buy", limit_price=dollars(ask - 1), stp_type=kind, order_qty=0.02)
    orders = trader.account().orders
    assert (orders[new].status, orders[old].status) == (newest, oldest)
    assert not trader.account().trades
    ends = [one for one in reports(trader.frames) if one["exec_type"] == "expired"]
    assert {one["reason"] for one in ends} == {"Self trade prevention"}


def test_what_stands_before_one_s_own_order_is_traded(exchange: Exchange, trader: Trader) -> None:
    bid, ask = touch(exchange)
    assert ask - 2 > bid
    other = Trader(exchange, 2)
    other.add(side="sell", limit_price=dollars(ask - 2))
    trader.add(side="sell", limit_price=dollars(ask - 1))
    new = trader.add(side="buy", limit_price=dollars(ask), order_qty=0.03)
    order = trader.account().orders[new]
    assert (order.status, order.cum_qty) == ("expired", 1000000)


def test_a_stop_that_cannot_be_paid_for_is_cancelled(exchange: Exchange, trader: Trader) -> None:
    """All its account has was set aside at its trigger; what is on offer when it fires is dearer."""
    trigger = exchange.market(SYMBOL).last_price + 20
    qty = round(99_990 / (dollars(trigger) * 1.004), 6)
    trader.add(order_type="stop-loss", side="buy", order_qty=qty, triggers={"price": dollars(trigger)})
    _, ask = touch(exchange)
    Trader(exchange, 2).add(limit_price=dollars(ask + 5000), order_qty=1.3)
    told = reports(trader.news())
    assert [one["exec_type"] for one in told] == ["status", "canceled"]
    assert told[-1]["reason"] == "Insufficient funds"
    assert trader.account().holds["USD"] == 0
