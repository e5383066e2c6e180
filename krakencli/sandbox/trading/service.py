"""What accounts can ask of the exchange, whichever way they ask: rights, deadlines, counters, then the desk.

The law of the counter (protocol notes v2 §13): the fixed part of a request is charged even if the request
then turns out to be wrong, and a request that would pass the limit is refused and costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from krakencli.sandbox.decimals import decimal
from krakencli.sandbox.pairs import Listing, Pair
from krakencli.sandbox.trading import admission, refusal
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.trading.amendment import amend
from krakencli.sandbox.trading.asks import check_deadline, read_ask
from krakencli.sandbox.trading.counter import penalty
from krakencli.sandbox.trading.desk import USER, Desk
from krakencli.sandbox.trading.order import UserOrder
from krakencli.sandbox.trading.refusal import OrderRefusedError, invalid

Params = Mapping[str, Any]

SWITCH_BELOW = 86_400


class Service:
    """The requests of accounts. `second` is how many nanoseconds a second of waiting lasts."""

    def __init__(self, desk: Desk, listing: Listing, second: int) -> None:
        self._desk = desk
        self._listing = listing
        self._second = second

    def add(self, account: Account, params: Params) -> UserOrder | None:
        """Adds an order; None when it was only to be checked."""
        account.need("trade")
        pair = self._pair(params)
        self._charge(account, pair.symbol, 2)
        check_deadline(params, self._desk.now())
        ask = read_ask(params, pair, self._desk.now())
        if params.get("validate"):
            return None
        return self._desk.place(account, ask)

    def add_batch(
        self, account: Account, params: Params, orders: Sequence[Params]
    ) -> list[UserOrder | OrderRefusedError | None]:
        """Adds orders of one pair: all of them must make sense, then each stands or falls alone."""
        account.need("trade")
        pair = self._pair(params)
        if not 2 <= len(orders) <= 15:
            raise invalid("orders")
        self._charge(account, pair.symbol, len(orders))
        check_deadline(params, self._desk.now())
        asks = [read_ask(order, pair, self._desk.now()) for order in orders]
        if params.get("validate"):
            return [None] * len(asks)
        rows: list[UserOrder | OrderRefusedError | None] = []
        for ask in asks:
            try:
                rows.append(self._desk.place(account, ask))
            except OrderRefusedError as error:
                rows.append(error)
        return rows

    def cancel(self, account: Account, order: UserOrder | None) -> UserOrder:
        """Cancels an open order."""
        account.need("cancel", "trade")
        self._check_cancelling()
        if order is None or not order.is_open:
            raise OrderRefusedError(refusal.UNKNOWN)
        self._charge(account, order.pair.symbol, 2 * self._penalty("cancel", order))
        self._desk.end(order, "canceled", USER)
        return order

    def cancel_batch(self, account: Account, orders: Sequence[UserOrder | None]) -> int:
        """Cancels those that are open, however far beyond the limit that is; says how many."""
        account.need("cancel", "trade")
        self._check_cancelling()
        known = list({one.order_id: one for one in orders if one is not None and one.is_open}.values())
        for order in known:
            counter = account.counter(order.pair.symbol)
            counter.spend(2 * self._penalty("cancel", order), self._desk.now())
        return self._desk.end_all(known, USER)

    def cancel_all(self, account: Account) -> int:
        """Cancels every open order."""
        account.need("cancel", "trade")
        self._check_cancelling()
        orders = list(account.open.values())
        for symbol in {order.pair.symbol for order in orders}:
            account.counter(symbol).spend(2, self._desk.now())
        return self._desk.end_all(orders, USER)

    def cancel_all_after(self, account: Account, timeout: object) -> int | None:
        """Sets the dead man's switch, or disarms it with 0; when it will act."""
        account.need("cancel", "trade")
        if type(timeout) is not int or not 0 <= timeout < SWITCH_BELOW:
            raise invalid("timeout")
        when = self._desk.now() + timeout * self._second if timeout else None
        account.switch = when
        if when is not None:
            self._desk.alarms.set(when, lambda: self._switch_off(account, when))
        return when

    def amend(self, account: Account, order: UserOrder | None, params: Params) -> str:
        """Changes an open order where it stands; the amendment's id."""
        account.need("trade")
        self._charge_change(account, order, "amend")
        check_deadline(params, self._desk.now())
        if order is None:
            raise OrderRefusedError(refusal.UNKNOWN)
        amend(self._desk, order, params)
        return self._desk.ids.execution()

    def edit(self, account: Account, order: UserOrder | None, params: Params) -> UserOrder | None:
        """Puts a new order in the place of an open one; None when it was only to be checked."""
        account.need("trade")
        self._charge_change(account, order, "edit")
        check_deadline(params, self._desk.now())
        if order is None:
            raise OrderRefusedError(refusal.UNKNOWN)
        pair = self._pair(params)
        if pair != order.pair or order.ask.cl_ord_id is not None or order.ask.close or order.fired:
            raise OrderRefusedError(refusal.UNFIT)
        ask = read_ask(_edited(order, params), pair, self._desk.now())
        if ask.qty < order.cum_qty:
            raise invalid("volume")
        admission.check(account, ask, self._desk.market(pair.symbol), self._desk.engine, order)
        if params.get("validate"):
            return None
        self._desk.end(order, "canceled", "Order replaced")
        return self._desk.place(account, ask)

    def _pair(self, params: Params) -> Pair:
        symbol = params.get("symbol")
        pair = self._listing.pairs.get(symbol) if isinstance(symbol, str) else None
        if pair is None:
            raise OrderRefusedError(refusal.PAIR)
        return pair

    def _check_cancelling(self) -> None:
        if self._desk.engine.state == "maintenance":
            raise OrderRefusedError("EService:Unavailable")

    def _charge_change(self, account: Account, order: UserOrder | None, request: str) -> None:
        if order is not None:
            self._charge(account, order.pair.symbol, 2 + 2 * self._penalty(request, order))

    def _charge(self, account: Account, symbol: str, halves: int) -> None:
        counter, now = account.counter(symbol), self._desk.now()
        if not counter.would_fit(halves, now):
            raise OrderRefusedError(refusal.RATE)
        counter.spend(halves, now)

    def _penalty(self, request: str, order: UserOrder) -> int:
        return penalty(request, self._desk.now() - order.touched, self._second)

    def _switch_off(self, account: Account, when: int) -> None:
        if account.switch == when:
            account.switch = None
            self._desk.end_all(list(account.open.values()), "Cancel all orders after")


def _edited(order: UserOrder, params: Params) -> dict[str, Any]:
    """The parameters of the order that replaces one: its own where the request says nothing."""
    ask, pair = order.ask, order.pair
    names = (
        "order_qty",
        "limit_price",
        "limit_price_type",
        "display_qty",
        "triggers",
        "order_userref",
        "post_only",
        "reduce_only",
    )
    old: dict[str, Any] = {
        "order_qty": decimal(order.qty, pair.qty_precision),
        **_old_limit(order),
        "display_qty": decimal(order.display, pair.qty_precision) if order.display else None,
        "triggers": _old_triggers(order),
        "order_userref": ask.userref,
    }
    return {
        "order_type": ask.kind,
        "side": "buy" if ask.buy else "sell",
        "stp_type": ask.prevention,
        **{name: value for name, value in old.items() if value is not None},
        **{name: params[name] for name in names if name in params},
    }


def _old_limit(order: UserOrder) -> dict[str, Any]:
    """A limit that trails stays a distance."""
    offset = order.ask.limit_offset
    if offset is not None:
        return {"limit_price": Decimal(offset.given), "limit_price_type": offset.kind}
    if order.limit is None:
        return {}
    return {"limit_price": decimal(order.limit, order.pair.price_precision), "limit_price_type": "static"}


def _old_triggers(order: UserOrder) -> dict[str, Any] | None:
    if order.trigger is None:
        return None
    offset = order.ask.offset
    if offset is not None:
        given = {"price": Decimal(offset.given), "price_type": offset.kind}
    else:
        given = {"price": decimal(order.trigger, order.pair.price_precision)}
    return {**given, "reference": order.ask.reference}
