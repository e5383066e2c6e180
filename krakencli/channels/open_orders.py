"""`open-orders`: the account's open orders, merged in a table, made of `executions` (design §4)."""

from krakencli.channels.executions import COLUMNS, COMMON, FEES, NOTES
from krakencli.model import Channel

OPEN_ORDERS = Channel(
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
