"""`ownTrades`: fills in v1's wire form, together or apart, and the same as REST tells."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange

from .kit import RECORDINGS
from .traders import RestTrader, Trader, dollars, quiet_exchange, touch
from .v1_traders import V1Trader, items

KEYS = ["cost", "fee", "margin", "ordertxid", "ordertype", "pair", "postxid", "price", "time", "type", "vol"]


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


def take_two(exchange: Exchange, trader: V1Trader, **fields: Any) -> str:
    """An order that takes two others at once; its id."""
    partner = Trader(exchange, 2)
    _, ask = touch(exchange)
    for below in (2, 1):
        partner.add(side="sell", limit_price=dollars(ask - below), order_qty=0.001)
    return trader.add(volume="0.002", price=str(dollars(ask - 1)), **fields)


def test_fills_of_one_taking_are_one_trade(exchange: Exchange) -> None:
    trader = V1Trader(exchange, 1, "ownTrades")
    order_id = take_two(exchange, trader)
    ((exec_id, one),) = trader.items("ownTrades")
    assert list(one) == sorted([*KEYS, "userref"])
    assert (one["ordertxid"], one["vol"], one["pair"], one["type"]) == (
        order_id,
        "0.00200000",
        "XBT/USD",
        "buy",
    )
    ((known, row),) = RestTrader(exchange).result("TradesHistory")["trades"].items()
    assert known == exec_id
    for name in ("cost", "fee", "price", "vol"):
        assert Decimal(row[name]) == Decimal(one[name])


def test_they_may_be_wanted_apart(exchange: Exchange) -> None:
    trader = V1Trader(exchange, 1, "ownTrades", consolidate_taker=False)
    take_two(exchange, trader, cl_ord_id="mine")
    told = trader.items("ownTrades")
    assert [one["vol"] for _, one in told] == ["0.00100000"] * 2
    assert [(one["userref"], one["cl_ord_id"]) for _, one in told] == [(0, "mine")] * 2
    assert [frame[2]["sequence"] for frame in trader.told] == [2, 3]
    known = RestTrader(exchange).result("TradesHistory", consolidate_taker="false")["trades"]
    assert list(known)[::-1] == [exec_id for exec_id, _ in told]


def test_a_maker_s_fills_are_never_one(exchange: Exchange) -> None:
    trader, partner = V1Trader(exchange, 1, "ownTrades"), Trader(exchange, 2)
    _, ask = touch(exchange)
    trader.add(price=str(dollars(ask - 1)))
    for _ in range(2):
        partner.add(side="sell", order_qty=0.005, limit_price=dollars(ask - 1))
    assert [one["vol"] for _, one in items(trader.news(), "ownTrades")] == ["0.00500000"] * 2
    assert len(RestTrader(exchange).result("TradesHistory")["trades"]) == 2


def test_what_one_order_takes_later_is_another_trade(exchange: Exchange) -> None:
    trader, partner = V1Trader(exchange, 1, "ownTrades"), Trader(exchange, 2)
    _, ask = touch(exchange)
    partner.add(side="sell", order_qty=0.001, limit_price=dollars(ask - 2))
    order_id = trader.add(price=str(dollars(ask - 2)), volume="0.002")
    partner.add(side="sell", order_qty=0.001, limit_price=dollars(ask - 1))
    trader.do("amendOrder", txid=order_id, limit_price=str(dollars(ask - 1)))
    assert len(RestTrader(exchange).result("TradesHistory")["trades"]) == 2


def test_the_snapshot_has_the_last_fifty_with_the_newest_first(exchange: Exchange) -> None:
    trader, partner = V1Trader(exchange), Trader(exchange, 2)
    _, ask = touch(exchange)
    price = dollars(ask - 1)
    for _ in range(55):
        partner.add(side="sell", limit_price=price, order_qty=0.001)
        trader.add(volume="0.001", price=str(price))
    acknowledgement, snapshot = trader.subscribe("ownTrades")
    assert acknowledgement["subscription"] == {"name": "ownTrades"}
    told = items([snapshot], "ownTrades")
    assert (len(told), list(told[0][1]), snapshot[2]) == (50, KEYS, {"sequence": 1})
    known = RestTrader(exchange).result("TradesHistory")["trades"]
    assert [exec_id for exec_id, _ in told] == list(known)
    trader.unsubscribe("ownTrades")
    assert len(trader.subscribe("ownTrades", snapshot=False)) == 1


def test_keys_and_kinds_are_the_recorded_ones(exchange: Exchange) -> None:
    file = RECORDINGS / "v1_owntrades_20231117.jsonl"
    if not file.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    frames = [json.loads(json.loads(line)["frame"]) for line in file.read_text().splitlines()]
    trader = V1Trader(exchange)
    take_two(exchange, trader)
    trader.told = trader.subscribe("ownTrades")
    ((_, ours),) = trader.items("ownTrades")
    for _, fields in items(frames, "ownTrades"):
        assert list(fields) == list(ours)
        assert all(isinstance(value, str) for value in fields.values())
        assert fields["postxid"] == ours["postxid"]
