"""`level3`: every visible order of the book, on a host of its own and with a token (protocol notes v2 §8)."""

from krakencli.channels.book import KEEPING, TRUST
from krakencli.model import Channel, Column, Param

DEPTHS = (10, 100, 1000)

LEVEL3 = Channel(
    name="level3",
    wire="level3",
    host="level3",
    summary="The order book order by order, verified; needs a token.",
    examples=(
        (
            "kraken-stream level3 BTC/USD --sandbox",
            "a live ladder with the orders of each level, no key needed",
        ),
        (
            "kraken-stream level3 BTC/USD -d 100 --json",
            "a snapshot, then every order that comes, changes or goes",
        ),
        ("kraken-stream level3 BTC/USD --emit queue --every 10s", "all orders in their queues, now and then"),
        ("kraken-stream level3 BTC/USD -f csv", "one row an order"),
    ),
    params=(
        Param("depth", "Price levels on each side.", ("-d", "--depth"), 10, DEPTHS),
        Param(
            "emit",
            "What to print: what happens to orders, or all orders in their queues.",
            ("--emit",),
            "delta",
            ("delta", "queue"),
            wire=False,
        ),
        *KEEPING,
    ),
    columns=(
        Column("type", "text", rank=3),
        Column("symbol", "symbol"),
        Column("side", "side"),
        Column("event"),
        Column("limit_price", "price", "price"),
        Column("order_qty", "qty", "qty"),
        Column("order_id", title="order id", rank=2),
        Column("checksum", "text", rank=4),
        Column("timestamp", "time", "time", rank=2),
    ),
    sides=("bids", "asks"),
    key=(),
    notes=(
        *TRUST,
        "The key behind the token needs the right 'WebSocket interface'. The token is fetched over REST with"
        " KRAKEN_API_KEY and KRAKEN_API_SECRET for each connection, unless --token-file or KRAKEN_WS_TOKEN"
        " gives one.",
    ),
)
