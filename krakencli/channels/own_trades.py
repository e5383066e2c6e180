"""`own-trades`: the account's trades, each once, made of `executions` (design §4)."""

from krakencli.channels.executions import COMMON, FEES, NOTES
from krakencli.model import Channel, Column, Param

OWN_TRADES = Channel(
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
