"""No money comes from nowhere: whatever accounts and crowd do, every unit of every asset is accounted for,
what is set aside is exactly what the open orders need, and nothing becomes negative.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.settings import AccountSettings
from krakencli.sandbox.trading.account import Account

from .kit import HandClock, make_exchange
from .traders import Trader, reports, wait

SYMBOLS = ("S0001/USD", "ETH/BTC", "EUR/USD", "BTC/USD")
KINDS = ("limit", "limit", "limit", "market", "iceberg", "stop-loss", "take-profit-limit", "trailing-stop")
# Lots whose price is above the minimum of their pair.
LEAST = {"S0001/USD": 10**8, "ETH/BTC": 10**5, "EUR/USD": 10**8}
WHATS = ("add",) * 12 + ("amend", "amend", "edit", "cancel", "cancel_all") + ("play",) * 5 + ("wait",)


def drawn(seed: int, count: int) -> list[Any]:
    """So many actions of chance: drawn one by one they would be small and alike."""
    chance = Random(seed)
    return [
        (
            chance.randrange(3),
            chance.choice(WHATS),
            chance.choice(SYMBOLS[:3]),
            chance.choice(KINDS),
            chance.random() < 0.5,
            chance.choice((0, 0, 1, -1, 2, -2, 3, -3, 10, -10, 40, -40)),
            chance.randrange(1, 10**12),
            chance.choice(("cancel_newest", "cancel_oldest", "cancel_both")),
            chance.choice(("gtc", "gtc", "gtc", "ioc", "fok")),
        )
        for _ in range(count)
    ]


def accounts() -> tuple[AccountSettings, ...]:
    amounts = (
        ("USD", "3000.1234"),
        ("BTC", "0.0507"),
        ("ETH", "1.23"),
        ("EUR", "900.0001"),
        ("S0001", "5000"),
    )
    return tuple(AccountSettings(f"KEY{number}", "c2VjcmV0", amounts, tier="pro") for number in range(3))


def totals(exchange: Exchange) -> dict[str, int]:
    """All that there is of each asset."""
    found: dict[str, int] = defaultdict(int)
    for account in exchange.desk.all:
        for asset, amount in account.balances.items():
            found[asset] += amount
    for purse in (exchange.trading.till.crowd, exchange.trading.till.fees):
        for asset, amount in purse.items():
            found[asset] += amount
    return dict(found)


def check(exchange: Exchange, before: dict[str, int]) -> None:
    assert {**dict.fromkeys(before, 0), **totals(exchange)} == before
    for account in exchange.desk.all:
        held: dict[str, int] = defaultdict(int)
        for order in account.open.values():
            assert order.held >= 0
            assert order.left > 0
            held[order.held_asset] += order.held
        for asset, amount in account.balances.items():
            assert amount >= 0
            assert 0 <= account.holds.get(asset, 0) <= amount
            assert account.holds.get(asset, 0) == held[asset]
    for symbol in SYMBOLS[:3]:
        book = exchange.market(symbol).book
        for number, resting in book.owned.items():
            account = exchange.desk.all[resting.owner - 1]
            (order,) = [
                one for one in account.open.values() if one.number == number and one.pair.symbol == symbol
            ]
            assert resting.qty + resting.hidden == order.left


def request(exchange: Exchange, action: Any) -> dict[str, Any]:
    """The parameters of a new order somewhere about the touch."""
    _, _, symbol, kind, buy, offset, size, prevention, force = action
    pair, quote = exchange.listing.pairs[symbol], exchange.market(symbol).quote
    spacing = max(1, pair.price // 60_000)
    ticks = max(1, (quote.ask or quote.bid) + offset * spacing)
    least = max(pair.qty_min, LEAST[symbol])
    lots = least + size % (least * 40)
    params: dict[str, Any] = {
        "symbol": symbol,
        "order_type": kind,
        "side": "buy" if buy else "sell",
        "order_qty": Text(pair.qty_text(lots)),
        "stp_type": prevention,
    }
    if kind in {"limit", "iceberg", "take-profit-limit"}:
        params["limit_price"] = Text(pair.price_text(ticks))
    if kind == "limit":
        params["time_in_force"] = force
    if kind in {"limit", "market"} and size % 3 == 0:
        params["conditional"] = {"order_type": "limit", "limit_price": Text(pair.price_text(ticks + spacing))}
    if kind == "iceberg":
        params["display_qty"] = Text(pair.qty_text(max(1, lots // 7)))
    if kind in {"stop-loss", "take-profit-limit"}:
        params["triggers"] = {"price": Text(pair.price_text(ticks))}
    if kind == "trailing-stop":
        params["triggers"] = {"price": Text(pair.price_text(spacing)), "price_type": "quote"}
    return params


class Text(float):
    """A decimal that JSON prints with exactly these digits."""

    def __new__(cls, digits: str) -> Text:
        self = super().__new__(cls, digits)
        self.digits = digits
        return self

    digits: str

    def __repr__(self) -> str:
        return self.digits


def act(trader: Trader, action: Any) -> None:
    _, what, *_ = action
    account = trader.account()
    orders = list(account.open.values())
    order = orders[action[6] % len(orders)] if orders else None
    params = {**request(trader.exchange, action), "token": trader.token}
    if what == "add":
        trader.ask("add_order", params)
    elif what == "amend" and order is not None:
        changed = {"order_id": order.order_id, "token": trader.token, "order_qty": params["order_qty"]}
        if order.limit is not None and "limit_price" in params and order.pair.symbol == params["symbol"]:
            changed["limit_price"] = params["limit_price"]
        trader.ask("amend_order", changed)
    elif what == "edit" and order is not None:
        changed = {"order_id": order.order_id, "symbol": order.pair.symbol, "token": trader.token}
        trader.ask("edit_order", {**changed, "order_qty": params["order_qty"]})
    elif what == "cancel" and order is not None:
        trader.ask("cancel_order", {"order_id": [order.order_id], "token": trader.token})
    elif what == "cancel_all":
        trader.ask("cancel_all", {"token": trader.token})


def let_pass(exchange: Exchange, action: Any) -> None:
    """Lets the crowd trade for a while."""
    if action[1] == "wait":
        wait(exchange, 5)
        return
    for _ in range(action[6] % 40):
        due = exchange.next_time
        assert due is not None
        assert isinstance(exchange.now, HandClock)
        exchange.now.now = due
        exchange.advance(due, 1)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(5, 150), st.integers(1, 3))
def test_every_unit_is_accounted_for(chance: int, count: int, seed: int) -> None:
    exchange = make_exchange(
        seed=seed, symbols=SYMBOLS[1:], synthetic=1, rate=100, accounts=accounts(), tier="pro"
    )
    for symbol in SYMBOLS[:3]:
        exchange.market(symbol)
    traders = [Trader(exchange, number, "executions", "balances") for number in (3, 4, 5)]
    seen = [Follower(trader) for trader in traders]
    before = totals(exchange)
    for action in drawn(chance, count):
        if action[1] in {"play", "wait"}:
            let_pass(exchange, action)
        else:
            act(traders[action[0]], action)
        check(exchange, before)
        for follower in seen:
            follower.follow()


class Follower:
    """Keeps an account's books from what its client is told, and nothing else."""

    def __init__(self, trader: Trader) -> None:
        self.trader = trader
        self.account: Account = trader.account()
        self.balances = {
            item["asset"]: item["balance"]
            for frame in trader.first
            if frame.get("channel") == "balances"
            for item in frame["data"]
        }
        self.open: dict[str, str] = {}
        self.sequences = {"executions": 1, "balances": 1}

    def follow(self) -> None:
        frames = [*self.trader.said, *self.trader.news()]
        self.trader.said.clear()
        for frame in frames:
            if "sequence" not in frame:
                continue
            self.sequences[frame["channel"]] += 1
            assert frame["sequence"] == self.sequences[frame["channel"]]
            for item in frame["data"] if frame["channel"] == "balances" else ():
                self._book(item)
        for report in reports(frames):
            self.open[report["order_id"]] = report["order_status"]
            if report["order_status"] in {"filled", "canceled", "expired"}:
                del self.open[report["order_id"]]
        assert set(self.open) == set(self.account.open)
        for asset, balance in self.balances.items():
            assert units(balance) == self.account.balances[asset]

    def _book(self, item: Any) -> None:
        """Balances move by amount and fee, to the last digit."""
        asset = item["asset"]
        moved = units(self.balances[asset]) + units(item["amount"]) - units(item["fee"])
        assert moved == units(item["balance"])
        self.balances[asset] = item["balance"]


def units(digits: str) -> int:
    return int(digits.replace(".", ""))
