"""Amending an order where it stands (protocol notes v2 §12.2): ids and fills stay, and its place in the queue
unless its price changes or it becomes larger.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from krakencli.sandbox.trading import admission, asks, refusal
from krakencli.sandbox.trading.desk import USER, Desk
from krakencli.sandbox.trading.order import LIMITED, UserOrder
from krakencli.sandbox.trading.refusal import OrderRefusedError, invalid
from krakencli.sandbox.trading.triggers import price

Params = Mapping[str, Any]


class _Change(NamedTuple):
    """What the order is to be like."""

    qty: int
    limit: int | None
    trigger: int | None
    display: int


def amend(desk: Desk, order: UserOrder, params: Params) -> None:
    """Raises OrderRefusedError, and then nothing has changed."""
    if order.ask.close is not None:
        raise OrderRefusedError(refusal.UNFIT)
    change = _read(order, params)
    market = desk.market(order.pair.symbol)
    admission.check_engine(desk.engine, params.get("post_only", order.ask.post_only))
    if params.get("post_only") and not order.waits and change.limit is not None:
        admission.check_passive(market, order.ask.buy, change.limit)
    needed = order.reserve(max(change.qty, order.cum_qty), change.limit, change.trigger)
    if needed - order.held > order.account.available(order.held_asset):
        raise OrderRefusedError(refusal.INSUFFICIENT)
    if change.qty <= order.cum_qty:
        desk.end(order, "canceled", USER)
        return
    _carry_out(desk, order, change)


def _carry_out(desk: Desk, order: UserOrder, change: _Change) -> None:
    stays = change.limit == order.limit and change.qty <= order.qty
    order.qty, order.limit, order.trigger, order.display = change
    order.touched, order.amended = desk.now(), True
    order.account.hold(order, order.reserve())
    desk.report_amended(order)
    symbol = order.pair.symbol
    if order.waits:
        if desk.stops.is_reached(order, desk.market(symbol).last_price):
            desk.stops.drop(order)
            desk.go(order)
        return
    if stays:
        shown = min(desk.market(symbol).book.owned[order.number].qty, order.left)
        event = desk.market(symbol).reduce(order.number, shown, order.left - shown, desk.now(), order.display)
        desk.republish(symbol, event)
        return
    desk.republish(symbol, desk.market(symbol).remove(order.number, desk.now()))
    desk.enter(order)


def _read(order: UserOrder, params: Params) -> _Change:
    pair = order.pair
    if not any(name in params for name in ("order_qty", "limit_price", "trigger_price", "display_qty")):
        raise invalid("no changes")
    qty = asks.quantity(params["order_qty"], pair) if "order_qty" in params else order.qty
    limit, trigger = order.limit, order.trigger
    if "limit_price" in params:
        if order.ask.kind not in LIMITED or order.ask.limit_offset is not None:
            raise invalid("price")
        limit = price(params["limit_price"], pair)
    if "trigger_price" in params:
        if (
            not order.waits
            or order.ask.offset is not None
            or params.get("trigger_price_type", "static") != "static"
        ):
            raise invalid("trigger_price")
        trigger = price(params["trigger_price"], pair)
    known = limit or trigger
    if known is not None:
        asks.check_cost(pair, known, qty)
    shown = order.display
    if "display_qty" in params:
        shown = asks.display(params, order.ask.kind, qty - order.cum_qty, pair)
    return _Change(qty, limit, trigger, min(shown, qty))
