"""Triggers that are offsets, and those that trail the market."""

from __future__ import annotations

from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange

from .traders import SYMBOL, Trader, dollars, events, quiet_exchange, reports, touch


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


@pytest.fixture
def trader(exchange: Exchange) -> Trader:
    return Trader(exchange, 1, "executions")


def trade_at(exchange: Exchange, ticks: int) -> None:
    """Lets the last trade be at `ticks`, somewhere between bid and offer: two traders meet there."""
    bid, ask = touch(exchange)
    assert bid < ticks < ask
    seller, buyer = Trader(exchange, 1), Trader(exchange, 2)
    seller.add(side="sell", limit_price=dollars(ticks), order_qty=0.0001)
    buyer.add(limit_price=dollars(ticks), order_qty=0.0001, time_in_force="ioc")


def open_wide(exchange: Exchange) -> tuple[int, int]:
    """Takes the offers next to the market away, so that there is room between bid and offer."""
    market = exchange.market(SYMBOL)
    for side in (market.book.bids, market.book.asks):
        for key in side.keys[:40]:
            for order in list(side.levels[key].orders.values()):
                market.book.cancel(order, market.time)
    exchange.publisher(SYMBOL).publish(market.withdraw(market.time))
    return touch(exchange)


@pytest.mark.parametrize(
    ("triggers", "distance"),
    [({"price": -50.0, "price_type": "quote"}, -500), ({"price": -1, "price_type": "pct"}, None)],
)
def test_a_trigger_at_a_distance_from_the_last_price(
    exchange: Exchange, trader: Trader, triggers: dict[str, Any], distance: int | None
) -> None:
    last = exchange.market(SYMBOL).last_price
    expected = last + (distance if distance is not None else -((last + 50) // 100))
    order_id = trader.add(order_type="stop-loss", side="sell", triggers=triggers)
    order = trader.account().open[order_id]
    assert abs((order.trigger or 0) - expected) <= 1
    told = reports(trader.frames)[0]["triggers"]
    assert told["price_type"] == triggers["price_type"]
    assert told["actual_price"] == exchange.listing.pairs[SYMBOL].price_text(order.trigger or 0)
    assert float(told["price"]) == triggers["price"]


def test_a_trailing_stop_follows_and_fires(exchange: Exchange, trader: Trader) -> None:
    bid, ask = open_wide(exchange)
    middle = (bid + ask) // 2
    trade_at(exchange, middle)
    order_id = trader.add(
        order_type="trailing-stop", side="sell", triggers={"price": 2.0, "price_type": "quote"}
    )
    order = trader.account().open[order_id]
    assert (order.trigger, order.peak) == (middle - 20, middle)
    trade_at(exchange, middle + 10)
    told = [one for one in reports(trader.news()) if one["order_id"] == order_id]
    assert [one["exec_type"] for one in told] == ["status"]
    assert told[0]["triggers"]["peak_price"] == str(dollars(middle + 10))
    assert told[0]["triggers"]["actual_price"] == str(dollars(middle - 10))
    trade_at(exchange, middle)
    assert order.is_open
    trade_at(exchange, middle - 10)
    assert order.status == "filled"
    told = [one for one in reports(trader.news()) if one["order_id"] == order_id]
    assert told[0]["triggers"]["status"] == "triggered"


def test_the_limit_of_a_trailing_stop_trails_with_it(exchange: Exchange, trader: Trader) -> None:
    bid, ask = open_wide(exchange)
    middle = (bid + ask) // 2
    trade_at(exchange, middle)
    order_id = trader.add(
        order_type="trailing-stop-limit",
        side="buy",
        triggers={"price": 1.0, "price_type": "quote"},
        limit_price=0.5,
        limit_price_type="quote",
    )
    order = trader.account().open[order_id]
    held = order.held
    assert (order.trigger, order.limit) == (middle + 10, middle + 15)
    trade_at(exchange, middle - 10)
    assert (order.trigger, order.limit) == (middle, middle + 5)
    assert order.held < held
    trade_at(exchange, middle)
    assert events(trader.news())[-1] == "status"
    assert exchange.market(SYMBOL).book.owned[order.number].key == -(middle + 5)


@pytest.mark.parametrize(
    "params",
    [
        {"order_type": "trailing-stop"},
        {"order_type": "trailing-stop", "triggers": {"price": -1.0}},
        {"order_type": "trailing-stop", "triggers": {"price": 1.0, "price_type": "x"}},
        {"order_type": "stop-loss", "triggers": {"price": 1.0, "reference": "x"}},
        {"order_type": "stop-loss", "triggers": {}},
        {"order_type": "market", "triggers": {"price": 1.0}},
    ],
)
def test_triggers_that_cannot_be(trader: Trader, params: dict[str, Any]) -> None:
    assert trader.refused(**params).startswith("EGeneral:Invalid arguments:trigger")


def test_an_edited_trailing_stop_trails_on(exchange: Exchange, trader: Trader) -> None:
    old = trader.add(order_type="trailing-stop", side="sell", triggers={"price": 5, "price_type": "pct"})
    new = trader.do("edit_order", order_id=old, symbol=SYMBOL, order_qty=0.02)["result"]["order_id"]
    order = trader.account().open[new]
    assert (order.ask.kind, order.qty) == ("trailing-stop", 2000000)
    assert order.trigger == order.peak - (order.peak * 5 + 50) // 100
