"""`balances`: what the account has, and every ledger entry that changes it (protocol notes v2 §11.2)."""

from krakencli.channels.executions import REBASED, USERS
from krakencli.model import Channel, Column

BALANCES = Channel(
    name="balances",
    wire="balances",
    host="private",
    summary="Your balances and every ledger entry that moves them; needs a key.",
    examples=(
        ("kraken-stream balances", "a table of assets and wallets"),
        ("kraken-stream balances --json | jq 'select(.type==\"update\")'", "each movement"),
        ("kraken-stream balances --sandbox", "try it without a key"),
    ),
    params=(
        REBASED,
        USERS,
    ),
    columns=(
        Column("type", "text", rank=3),
        Column("sequence", "count", rank=0),
        Column("asset", "symbol"),
        Column("balance", "qty"),
        Column("amount", "change"),
        Column("fee", "qty", rank=2),
        Column("ledger_type", "text", "entry", rank=2),
        Column("category", "text", rank=4),
        Column("wallet_type", "text", "wallet", rank=3),
        Column("wallet_id", "text", "id", rank=3),
        Column("wallet_balance", "qty", "in wallet", rank=3),
        Column("timestamp", "time", "time", rank=2),
        Column("ledger_id", "text", rank=5),
        Column("ref_id", "text", rank=5),
    ),
    symbols="none",
    key=(),
    expand=("wallets", (("wallet_type", "type"), ("wallet_id", "id"), ("wallet_balance", "balance"))),
    notes=(
        "The key needs the rights 'WebSocket interface' and 'Query' under Funds. Entries are settled ones:"
        " what open orders hold is not shown.",
        "An entry that was missed while the connection was down shows in the next snapshot, and is a gap.",
    ),
)
