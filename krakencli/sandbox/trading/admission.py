"""Whether an account's order is let into a market: state of the engine, own ids, limits, funds, post-only."""

from __future__ import annotations

from dataclasses import replace

from krakencli.sandbox.book import Entry
from krakencli.sandbox.engine import Engine
from krakencli.sandbox.market import Market
from krakencli.sandbox.trading import amounts, refusal
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.asks import check_cost
from krakencli.sandbox.trading.order import Ask, UserOrder
from krakencli.sandbox.trading.refusal import OrderRefusedError, invalid


def check(
    account: Account, ask: Ask, market: Market, engine: Engine, replaced: UserOrder | None = None
) -> Ask:
    """The order as it goes in, perhaps in the place of another one of its side: one for cash then has its
    quantity. Raises OrderRefusedError.
    """
    check_engine(engine, ask.post_only)
    if ask.cl_ord_id is not None and account.find(cl_ord_id=ask.cl_ord_id) is not None:
        raise invalid("cl_ord_id already in use")
    symbol = ask.pair.symbol
    others = [one for one in account.open.values() if one.pair.symbol == symbol and one is not replaced]
    if len(others) >= account.limits.open_orders:
        raise OrderRefusedError(refusal.TOO_MANY)
    if ask.cash is not None:
        ask = replace(ask, qty=_affordable(account, ask, market))
    if ask.offset is not None:
        trigger, limit = ask.follow(market.last_price)
        ask = replace(ask, trigger=trigger, limit=limit)
        check_cost(ask.pair, limit or trigger or 0, ask.qty)
    if ask.limit is None and ask.trigger is None:
        check_cost(ask.pair, market.last_price, ask.qty)
    if ask.post_only and ask.trigger is None:
        check_passive(market, ask.buy, ask.limit or 0)
    set_free = replaced.held if replaced else 0
    if account.available(_asset(ask)) + set_free < _needed(account, ask, market):
        raise OrderRefusedError(refusal.INSUFFICIENT)
    return ask


def check_engine(engine: Engine, post_only: bool) -> None:
    """Raises OrderRefusedError while the exchange takes no such orders (protocol notes v2 §3.1)."""
    if engine.state == "maintenance":
        raise OrderRefusedError("EService:Unavailable")
    if engine.state == "cancel_only" or (engine.state == "post_only" and not post_only):
        raise OrderRefusedError(f"EService:Market in {engine.state} mode")


def check_passive(market: Market, buy: bool, limit: int) -> None:
    """Raises OrderRefusedError for a price at which an order would trade at once."""
    if not is_passive(market, buy, limit):
        raise OrderRefusedError(refusal.POST_ONLY)


def is_passive(market: Market, buy: bool, limit: int) -> bool:
    """Whether an order at this price would rest as it is."""
    side = market.book.asks if buy else market.book.bids
    return not side.keys or side.keys[0] > limit * side.sign


def is_affordable(order: UserOrder, market: Market) -> bool:
    """Whether the account can pay for what an order at market would trade now."""
    ask = replace(order.ask, qty=order.left, trigger=None)
    return order.account.available(order.held_asset) >= _needed(order.account, ask, market)


def _asset(ask: Ask) -> str:
    return ask.pair.quote.name if ask.buy else ask.pair.base.name


def _needed(account: Account, ask: Ask, market: Market) -> int:
    if not ask.buy:
        return amounts.in_base(ask.pair, ask.qty)
    price = ask.limit or ask.trigger
    if price is not None:
        return amounts.to_pay(ask.pair, price, ask.qty)
    fills = market.book.preview(_entry(account, ask, ask.qty))
    return sum(amounts.to_pay(ask.pair, price, qty) for price, qty in fills)


def _affordable(account: Account, ask: Ask, market: Market) -> int:
    """How many lots the cash of an order buys, from the best price on."""
    left, lots = ask.cash or 0, 0
    for price, qty in market.book.preview(_entry(account, ask, 10**30)):
        cost = amounts.cost(ask.pair, price, qty)
        if cost > left:
            places = ask.pair.price_precision + ask.pair.qty_precision - ask.pair.cost_precision
            return _enough(ask, lots + amounts.shift(left, places) // price)
        left, lots = left - cost, lots + qty
    return _enough(ask, lots)


def _enough(ask: Ask, lots: int) -> int:
    if lots < ask.pair.qty_min:
        raise OrderRefusedError(refusal.TOO_SMALL)
    return lots


def _entry(account: Account, ask: Ask, qty: int) -> Entry:
    return Entry(0, account.number, ask.buy, ask.limit, qty, False, 0, ask.prevention)
