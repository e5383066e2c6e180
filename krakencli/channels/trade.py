"""`trade`: every match, with the taker's side and a consecutive id per pair (protocol notes v2 §7.4)."""

from krakencli.model import Channel, Column, Param

FILL_TIMEOUT = Param(
    "fill_timeout",
    "How long a symbol waits for records that are missing; 0 waits for none.  [default: 10s]",
    ("--fill-timeout",),
    None,
    wire=False,
    kind="duration",
    least=0,
)
"""Of every channel whose records can be had again."""

TRADE = Channel(
    name="trade",
    wire="trade",
    summary="Every trade: price, quantity, side of the taker, id.",
    examples=(
        ("kraken-stream trade BTC/USD ETH/USD | jq -c '[.symbol,.price,.qty]'", "into a pipe"),
        ("kraken-stream trade BTC/USD --snapshot -n 50", "the last 50 trades and stop"),
        ("kraken-stream trade BTC/USD -f csv > trades.csv", "into a spreadsheet"),
    ),
    snapshot=False,
    params=(FILL_TIMEOUT,),
    notes=(
        "Trades are numbered. One that is missing, after a reconnect or at any time, is fetched over REST and"
        ' printed in its place, marked with "source":"backfill"; what stays missing is told as gap.',
    ),
    columns=(
        Column("symbol", "symbol"),
        Column("side", "side"),
        Column("price", "price"),
        Column("qty", "qty"),
        Column("ord_type", "text", "order type", rank=3),
        Column("trade_id", "text", "trade id", rank=2),
        Column("timestamp", "time", "time"),
    ),
    key=(),
    aliases=("trades",),
)
