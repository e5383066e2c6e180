"""`own-trades`: the account's trades, each once, made of `executions` (design §4)."""

from krakencli.channels.executions import COLUMNS, COMMON, FEES, NOTES
from krakencli.model import Channel, Param

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
    columns=COLUMNS,
    symbols="none",
    snapshot=None,
    key=(),
    expand=FEES,
    aliases=("ownTrades",),
    notes=NOTES,
)
