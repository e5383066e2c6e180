"""`own-trades`: the account's trades, each once, made of `executions` (design §4)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from krakencli.channels.executions import COMMON, FEES, FILL_TIMEOUT, NOTES, REBASED
from krakencli.channels.wire_v1 import rfc3339, without
from krakencli.exact import Number, encoded
from krakencli.model import Channel, Column, Param
from krakencli.symbols import modern

CONSOLIDATE_TAKER = Param(
    "consolidate_taker",
    "With --api v1: the fills of one taker order as one trade, or each apart.",
    ("--consolidate-taker/--no-consolidate-taker",),
    default=True,
)


def decode_v1(exec_id: str, trade: Mapping[str, Any]) -> bytes:
    """The item of a trade (protocol notes v1 §7.2): its price and volume are v2's last_price and last_qty,
    its fee is in the quote currency. v1 has no trade_id and does not say who made the price.

    ValueError, TypeError, KeyError or AttributeError where it is none.
    """
    symbol = modern(trade["pair"])
    named = {"cl_ord_id": trade["cl_ord_id"]} if trade.get("cl_ord_id") else {}
    if not named and trade.get("userref") is not None:
        named = {"order_userref": int(trade["userref"])}
    on_margin = trade.get("margin", "0").strip("0.") != ""
    marks = {"margin": on_margin, "margin_borrow": trade.get("margin_borrow") is True}
    return encoded(
        {
            "order_id": trade["ordertxid"],
            **named,
            "exec_id": exec_id,
            "exec_type": "trade",
            "symbol": symbol,
            "side": trade["type"],
            "last_qty": Number(trade["vol"]),
            "last_price": Number(trade["price"]),
            "cost": Number(trade["cost"]),
            "order_type": trade["ordertype"],
            "timestamp": rfc3339(trade["time"]),
            "fees": [{"asset": symbol.partition("/")[2], "qty": Number(trade["fee"])}],
            **{name: True for name, is_so in marks.items() if is_so},
            **({"ext_exec_id": trade["ext_exec_id"]} if trade.get("ext_exec_id") else {}),
        }
    )


_V2 = Channel(
    name="own-trades",
    wire="executions",
    host="private",
    summary="Your trades, each once and in order; needs a key.",
    examples=(
        ("kraken-stream own-trades", "the last 50, then each new one"),
        ("kraken-stream own-trades --no-snap-trades -f csv >> trades.csv", "new ones, one row a fee"),
        ("kraken-stream own-trades --sandbox", "try it without a key"),
    ),
    params=(
        Param(
            "snap_trades",
            "Begin with the last 50 trades.",
            ("--snap-trades/--no-snap-trades",),
            default=True,
            wire=False,
        ),
        *COMMON,
    ),
    columns=(
        Column("type", "text", rank=0),
        Column("sequence", "count", rank=0),
        Column("timestamp", "time", "time"),
        Column("symbol", "symbol"),
        Column("side", "side"),
        Column("last_qty", "qty", "qty"),
        Column("last_price", "price", "price"),
        Column("cost", "qty", rank=2),
        Column("fee_qty", "qty", "fee", rank=2),
        Column("fee_asset", "text", "in", rank=2),
        Column("liquidity_ind", "text", "liq", rank=4),
        Column("order_type", "text", "order", rank=3),
        Column("order_id", "text", rank=4),
        Column("cl_ord_id", "text", rank=5),
        Column("exec_id", "text", rank=5),
        Column("trade_id", "count", rank=0),
        Column("source", "text", rank=0),
    ),
    symbols="none",
    snapshot=None,
    key=(),
    expand=FEES,
    aliases=("ownTrades",),
    notes=NOTES,
)

OWN_TRADES = replace(
    _V2,
    v1=replace(
        _V2,
        wire="ownTrades",
        params=(_V2.params[0], CONSOLIDATE_TAKER, REBASED, FILL_TIMEOUT),
        columns=without(_V2.columns, "liquidity_ind"),
    ),
)
