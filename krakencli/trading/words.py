"""The exchange's words for orders (protocol notes v2 §12.1). Light: help and completion load nothing else."""

SIDES = ("buy", "sell")
TYPES = (
    "limit", "market", "iceberg", "stop-loss", "stop-loss-limit", "take-profit", "take-profit-limit",
    "trailing-stop", "trailing-stop-limit", "settle-position",
)  # fmt: skip
CLOSING = tuple(one for one in TYPES if one not in ("market", "iceberg", "settle-position"))
PRICE_TYPES = ("static", "pct", "quote")
REFERENCES = ("last", "index")
TIMES_IN_FORCE = ("gtc", "gtd", "ioc", "fok")
FEE_PREFERENCES = ("base", "quote")
STP_TYPES = ("cancel_newest", "cancel_oldest", "cancel_both")
