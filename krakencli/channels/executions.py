"""`executions`: every report on the account's orders and trades (protocol notes v2 §11.1)."""

from krakencli.model import Channel, Column, Param

SNAP_ORDERS = Param(
    "snap_orders", "Begin with the open orders.", ("--snap-orders/--no-snap-orders",), default=True
)
SNAP_TRADES = Param(
    "snap_trades", "Begin with the last 50 trades.", ("--snap-trades/--no-snap-trades",), default=False
)
REBASED = Param(
    "rebased", "Tokenised shares as shares, or as tokens.", ("--rebased/--no-rebased",), default=True
)
USERS = Param(
    "users",
    "A master account sees its sub-accounts too; without a snapshot.",
    ("--users",),
    None,
    ("all",),
)
RATECOUNTER = Param(
    "ratecounter", "Add the trading rate counter to each report.", ("--ratecounter",), default=False
)
FILL_TIMEOUT = Param(
    "fill_timeout",
    "How long the stream waits for reports that are missing; 0 waits for none.  [default: 10s]",
    ("--fill-timeout",),
    None,
    wire=False,
    kind="duration",
    least=0,
)
COMMON = (
    Param(
        "order_status",
        "All transitions of orders, or only the last ones.",
        ("--order-status/--no-order-status",),
        default=True,
    ),
    RATECOUNTER,
    REBASED,
    USERS,
    FILL_TIMEOUT,
)
"""Options of everything that is made of executions."""

COLUMNS = (
    Column("type", "text", rank=0),
    Column("sequence", "count", rank=0),
    Column("timestamp", "time", "time"),
    Column("exec_type", "text", "event"),
    Column("symbol", "symbol"),
    Column("side", "side"),
    Column("order_type", "text", "type", rank=3),
    Column("order_status", "text", "status", rank=2),
    Column("order_qty", "qty", rank=2),
    Column("limit_price", "price", "limit", rank=2),
    Column("last_qty", "qty"),
    Column("last_price", "price"),
    Column("liquidity_ind", "text", "liq", rank=4),
    Column("cost", "qty", rank=3),
    Column("cum_qty", "qty", rank=3),
    Column("avg_price", "price", rank=4),
    Column("fee_asset", "text", rank=4),
    Column("fee_qty", "qty", "fee", rank=3),
    Column("order_id", "text", rank=3),
    Column("cl_ord_id", "text", rank=5),
    Column("exec_id", "text", rank=0),
    Column("trade_id", "count", rank=0),
    Column("reason", "text", rank=5),
    Column("source", "text", rank=0),
)
FEES = ("fees", (("fee_asset", "asset"), ("fee_qty", "qty")))
"""A trade may have several fees: one row each."""

NOTES = (
    "The key needs the rights 'WebSocket interface', 'Query open orders & trades' and 'Query closed orders &"
    " trades'. A token is fetched over REST for each connection.",
    "After a lost connection every trade that was missed is printed once, in order, and every order's end"
    ' is told: from the exchange\'s snapshot, or over REST, marked with "source":"backfill". What nobody can'
    " tell is a gap.",
)

EXECUTIONS = Channel(
    name="executions",
    wire="executions",
    host="private",
    summary="Every report on your orders and trades; needs a key.",
    examples=(
        ("kraken-stream executions", "what happens, as it happens"),
        ("kraken-stream executions --json | jq 'select(.exec_type==\"trade\")'", "fills only"),
        ("kraken-stream executions --sandbox", "try it without a key"),
    ),
    params=(SNAP_ORDERS, SNAP_TRADES, *COMMON),
    columns=COLUMNS,
    symbols="none",
    snapshot=None,
    key=(),
    expand=FEES,
    notes=NOTES,
)
