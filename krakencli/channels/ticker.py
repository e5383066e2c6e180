"""`ticker`: best prices and 24-hour figures, complete in every record (protocol notes v2 §7.1)."""

from krakencli.model import Channel, Column, Param

TICKER = Channel(
    name="ticker",
    wire="ticker",
    summary="Best bid and ask, last trade and 24-hour figures.",
    examples=(
        ("kraken-stream ticker XBT/USD ETH/USD", "live prices"),
        ("kraken-stream ticker BTC/USD -n 1 | jq -r .last", "one value and stop"),
        ("kraken-stream ticker BTC/USD --event-trigger bbo", "at every change of the best bid or ask"),
        ("kraken-stream ticker --all --quote USD", "every dollar pair"),
    ),
    params=(
        Param(
            "event_trigger",
            "Send a record at each trade, or at each change of the best bid or offer.",
            ("--event-trigger",),
            "trades",
            ("trades", "bbo"),
        ),
    ),
    columns=(
        Column("symbol", "symbol"),
        Column("bid", "price"),
        Column("bid_qty", "qty", rank=3),
        Column("ask", "price"),
        Column("ask_qty", "qty", rank=3),
        Column("last", "price"),
        Column("volume", "qty", "volume 24h", rank=2),
        Column("vwap", "price", rank=4),
        Column("low", "price", "low 24h", rank=2),
        Column("high", "price", "high 24h", rank=2),
        Column("change", "change", "change 24h", rank=3),
        Column("change_pct", "percent", "24h %"),
        Column("trades", "count", rank=4),
        Column("timestamp", "time", rank=0),
    ),
)
