"""Open orders and balances as rows for a person: what a live table shows instead of single records."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import msgspec
from msgspec import Raw

from krakencli.account.holdings import Wallet
from krakencli.account.orders import Orders
from krakencli.formatters.cells import text
from krakencli.formatters.status import words
from krakencli.model import Channel, Column
from krakencli.times import unix

ORDERS = Channel(
    name="open-orders",
    wire="executions",
    summary="Open orders, merged.",
    columns=(
        Column("symbol", "symbol"),
        Column("side", "side"),
        Column("order_type", "text", "type", rank=2),
        Column("limit_price", "price", "limit"),
        Column("order_qty", "qty", "qty"),
        Column("filled", "qty", "filled"),
        Column("order_status", "text", "status", rank=2),
        Column("age", "qty", "age"),
        Column("trigger", "qty", "trigger", rank=4),
        Column("time_in_force", "text", "tif", rank=5),
        Column("order_id", "text", rank=3),
        Column("cl_ord_id", "text", rank=4),
    ),
    examples=(),
    key=(),
)
HOLDINGS = Channel(
    name="balances",
    wire="balances",
    summary="Balances, merged.",
    columns=(
        Column("asset", "symbol"),
        Column("wallet", "text", rank=2),
        Column("id", "text", rank=3),
        Column("balance", "qty"),
        Column("total", "qty", rank=2),
    ),
    examples=(),
    key=(),
)
_AS_THEY_ARE = (
    "symbol",
    "side",
    "order_type",
    "order_qty",
    "order_status",
    "time_in_force",
    "order_id",
    "cl_ord_id",
)


class _Trigger(msgspec.Struct):
    price: Raw = Raw(b'""')


_trigger = msgspec.json.Decoder(_Trigger)


def order_row(order: Mapping[str, Raw], opened: str, wall: float) -> Raw:
    """An open order's merged fields; `opened` is its first report's time, `wall` Unix time."""
    cells = {name: text(order[name]) for name in _AS_THEY_ARE if name in order}
    price = _number(order.get("limit_price"))
    if price:
        cells["limit_price"] = text(order["limit_price"])
    if "triggers" in order:
        cells["trigger"] = text(_trigger.decode(order["triggers"]).price)
    qty, done = _number(order.get("order_qty")), _number(order.get("cum_qty"))
    if qty:
        cells["filled"] = f"{100 * (done or Decimal(0)) / qty:.0f} %"
    age = _age(opened, wall)
    return Raw(msgspec.json.encode({**cells, "age": "" if age is None else words(age)}))


def order_rows(orders: Orders, wall: float) -> list[Raw]:
    """All open orders, in the order in which they were first heard of."""
    return [
        order_row(order, orders.opened.get(order_id, ""), wall) for order_id, order in orders.open.items()
    ]


def wallet_row(wallet: Wallet) -> Raw:
    cells = {
        "asset": wallet.asset,
        "wallet": wallet.type,
        "id": wallet.id,
        "balance": f"{wallet.balance:f}",
        "total": f"{wallet.total:f}",
    }
    return Raw(msgspec.json.encode(cells))


def _number(raw: Raw | None) -> Decimal | None:
    try:
        return None if raw is None else Decimal(text(raw))
    except InvalidOperation:
        return None


def _age(opened: str, wall: float) -> float | None:
    try:
        return max(0.0, wall - unix(opened))
    except ValueError:
        return None
