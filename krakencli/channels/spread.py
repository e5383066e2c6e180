"""`spread`: best bid and ask, printed when one of them changes.

v2 has no such channel: it is made from `ticker` with `event_trigger` bbo (protocol notes v2 §7.1).
"""

from krakencli.model import Channel, Column

SPREAD = Channel(
    name="spread",
    wire="ticker",
    summary="Best bid and ask with their quantities, at every change.",
    examples=(
        ("kraken-stream spread BTC/USD", "live"),
        ("kraken-stream spread BTC/USD | jq '(.ask-.bid)/.bid*10000'", "in basis points"),
    ),
    fixed=(("event_trigger", "bbo"),),
    only=("symbol", "bid", "bid_qty", "ask", "ask_qty", "timestamp"),
    columns=(
        Column("symbol", "symbol"),
        Column("bid", "price"),
        Column("bid_qty", "qty", rank=2),
        Column("ask", "price"),
        Column("ask_qty", "qty", rank=2),
        Column("timestamp", "time", "time", rank=3),
    ),
)
