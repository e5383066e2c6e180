"""One account seen over both protocols and REST at once: the same orders and fills after each step, and no
money from nowhere.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.trading.account import Account

from .kit import make_exchange
from .test_conservation import SYMBOLS, accounts, act, check, drawn, let_pass, totals
from .traders import RestTrader, Trader, reports
from .v1_traders import V1Trader, items

STATUS = {"closed": "filled", "canceled": "canceled", "expired": "expired"}


class V1Follower:
    """Keeps an account's orders and fills from what v1 tells, merging by id as the notes say."""

    def __init__(self, exchange: Exchange, number: int) -> None:
        self.client = V1Trader(exchange, number, "openOrders")
        self.client.subscribe("ownTrades", consolidate_taker=False)
        self.orders: dict[str, dict[str, Any]] = {}
        self.fills: dict[str, dict[str, Any]] = {}
        self.sequences = {"openOrders": 1, "ownTrades": 1}
        self.accepted = 0

    def follow(self, frames: list[Any] | None = None) -> None:
        frames = self.client.news() if frames is None else frames
        for frame in frames:
            if isinstance(frame, dict):
                self.accepted += frame["status"] == "ok"
            else:
                self.sequences[frame[1]] += 1
                assert frame[2] == {"sequence": self.sequences[frame[1]]}
        for order_id, fields in items(frames, "openOrders"):
            if "opentm" in fields:
                assert order_id not in self.orders
            self.orders.setdefault(order_id, {}).update(fields)
        for exec_id, fields in items(frames, "ownTrades"):
            assert exec_id not in self.fills
            self.fills[exec_id] = fields


class V2Follower:
    """The same from v2's reports."""

    def __init__(self, trader: Trader) -> None:
        self.trader = trader
        self.orders: dict[str, dict[str, Any]] = {}
        self.fills: dict[str, dict[str, Any]] = {}

    def follow(self) -> None:
        frames = [*self.trader.said, *self.trader.news()]
        self.trader.said.clear()
        for report in reports(frames):
            self.orders.setdefault(report["order_id"], {}).update(report)
            if report["exec_type"] == "trade":
                self.fills[report["exec_id"]] = report


def compare(one: V1Follower, two: V2Follower, account: Account) -> None:
    assert set(one.orders) == set(two.orders) == set(account.orders)
    assert set(one.fills) == set(two.fills) == {trade.exec_id for trade in account.trades}
    for order_id, fields in one.orders.items():
        other = two.orders[order_id]
        over = other["order_status"] in STATUS.values()
        assert STATUS.get(fields["status"]) == (other["order_status"] if over else None)
        assert Decimal(fields["vol_exec"]) == Decimal(other.get("cum_qty", 0))
        assert Decimal(fields["cost"]) == Decimal(other.get("cum_cost", 0))
        assert Decimal(fields["vol"]) == Decimal(other["order_qty"])
        assert fields["refid"] == other.get("ord_ref_id")
        if "limit_price" in other and not other.get("triggers"):
            assert Decimal(fields["descr"]["price"]) == Decimal(other["limit_price"])
    for exec_id, fill in one.fills.items():
        other = two.fills[exec_id]
        assert fill["ordertxid"] == other["order_id"]
        for name, theirs in (("price", "last_price"), ("vol", "last_qty"), ("cost", "cost")):
            assert Decimal(fill[name]) == Decimal(other[theirs])
        assert Decimal(fill["fee"]) == Decimal(other["fees"][0]["qty"])


@pytest.mark.parametrize("chance", range(6))
def test_both_tell_the_same_of_one_account(chance: int) -> None:
    exchange = make_exchange(
        seed=chance, symbols=SYMBOLS[1:], synthetic=1, rate=100, accounts=accounts(), tier="pro"
    )
    for symbol in SYMBOLS[:3]:
        exchange.market(symbol)
    traders = [Trader(exchange, number, "executions") for number in (3, 4, 5)]
    pairs = [(V1Follower(exchange, one.number), V2Follower(one)) for one in traders]
    before = totals(exchange)
    for place, action in enumerate(drawn(chance, 120)):
        if action[1] in {"play", "wait"}:
            let_pass(exchange, action)
        elif place % 2:
            act(traders[action[0]], action)
        else:
            act_over_v1(pairs[action[0]][0], action)
        check(exchange, before)
        for one, two in pairs:
            one.follow()
            two.follow()
            compare(one, two, two.trader.account())
    assert sum(len(one.fills) for one, _ in pairs) > 5
    assert any(one.orders for one, _ in pairs)
    assert sum(one.accepted for one, _ in pairs) > 10
    assert any(fields["refid"] for one, _ in pairs for fields in one.orders.values())
    for one, two in pairs:
        row = RestTrader(exchange, two.trader.number).result("OpenOrders")["open"]
        assert {order_id: Decimal(fields["vol_exec"]) for order_id, fields in row.items()} == {
            order_id: Decimal(one.orders[order_id]["vol_exec"]) for order_id in two.trader.account().open
        }


def act_over_v1(follower: V1Follower, action: Any) -> None:
    """An action of chance in v1's words."""
    client, (_, what, symbol, kind, buy, offset, size, prevention, force) = follower.client, action
    exchange, account = client.exchange, client.account()
    pair, quote = exchange.listing.pairs[symbol], exchange.market(symbol).quote
    spacing = max(1, pair.price // 60_000)
    ticks = max(1, (quote.ask or quote.bid) + offset * spacing)
    least = max(pair.qty_min, {"S0001/USD": 10**8, "ETH/BTC": 10**5, "EUR/USD": 10**8}[symbol])
    volume, price = pair.qty_text(least + size % (least * 40)), pair.price_text(ticks)
    orders = list(account.open.values())
    order = orders[size % len(orders)] if orders else None
    if what == "add":
        fields = {
            "pair": pair.wsname,
            "type": "buy" if buy else "sell",
            "ordertype": "limit" if kind == "iceberg" else kind,
            "volume": volume,
            "stp_type": prevention,
        }
        if kind in {"limit", "iceberg", "stop-loss", "take-profit-limit"}:
            fields["price"] = price
        if kind == "take-profit-limit":
            fields["price2"] = price
        if kind == "trailing-stop":
            fields["price"] = f"+{pair.price_text(spacing)}"
        if kind == "limit":
            fields["timeinforce"] = "IOC" if force == "ioc" else "GTC"
            fields |= {"close[ordertype]": "limit", "close[price]": "#1%"}
        follower.follow(client.ask(event="addOrder", token=client.token, **fields))
    elif what == "amend" and order is not None:
        fields = {"txid": order.order_id, "volume": volume}
        follower.follow(client.ask(event="amendOrder", token=client.token, **fields))
    elif what == "edit" and order is not None:
        fields = {"orderid": order.order_id, "pair": order.pair.wsname, "volume": volume}
        follower.follow(client.ask(event="editOrder", token=client.token, **fields))
    elif what == "cancel" and order is not None:
        follower.follow(client.ask(event="cancelOrder", token=client.token, txid=[order.order_id]))
    elif what == "cancel_all":
        follower.follow(client.ask(event="cancelAll", token=client.token))
