"""`book`: the order book's levels, as a snapshot and then the changed ones (protocol notes v2 §7.2)."""

from krakencli.model import Channel, Column, Param

DEPTHS = (10, 25, 100, 500, 1000)

BOOK = Channel(
    name="book",
    wire="book",
    summary="The order book: a snapshot, then every changed level with the book's checksum.",
    examples=(
        ("kraken-stream book BTC/USD -d 25", "25 levels a side"),
        ("kraken-stream book BTC/USD -n 1 | jq '.bids[0]'", "the best bid and stop"),
        ("kraken-stream book BTC/USD -f csv", "one row a level"),
    ),
    params=(Param("depth", "Levels on each side.", ("-d", "--depth"), 10, DEPTHS),),
    columns=(
        Column("type", "text", rank=3),
        Column("symbol", "symbol"),
        Column("side", "side"),
        Column("price", "price"),
        Column("qty", "qty"),
        Column("checksum", "text", rank=4),
        Column("timestamp", "time", "time", rank=2),
    ),
    sides=("bids", "asks"),
    key=(),
    notes=(
        "Records are the exchange's own: quantities are absolute, a quantity of zero removes the level, and"
        " after each record the book is cut to the depth (levels pushed out are not reported).",
    ),
)
