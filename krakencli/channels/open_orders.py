"""`open-orders`: the account's open orders, merged in a table, made of `executions` (design §4)."""

from dataclasses import replace

from krakencli.channels.executions import (
    COLUMNS,
    COMMON,
    FEES,
    FILL_TIMEOUT,
    NOTES,
    RATECOUNTER,
    REBASED,
)
from krakencli.channels.wire_v1 import without
from krakencli.model import Channel

_V2 = Channel(
    name="open-orders",
    wire="executions",
    host="private",
    summary="Your open orders and what changes them; needs a key.",
    examples=(
        ("kraken-stream open-orders", "a table with the filled share and the age of each"),
        ("kraken-stream open-orders --json", "a snapshot, then every change"),
        ("kraken-stream open-orders --sandbox", "try it without a key"),
    ),
    params=COMMON,
    columns=COLUMNS,
    symbols="none",
    snapshot=None,
    key=(),
    expand=FEES,
    aliases=("openOrders",),
    notes=NOTES,
)

_OF_ONE_FILL = ("last_qty", "last_price", "liquidity_ind", "cost", "exec_id", "trade_id")
"""Columns of single fills, of which v1 tells the sums only."""

OPEN_ORDERS = replace(
    _V2,
    v1=replace(
        _V2,
        wire="openOrders",
        params=(RATECOUNTER, REBASED, FILL_TIMEOUT),
        columns=without(COLUMNS, *_OF_ONE_FILL),
    ),
)
