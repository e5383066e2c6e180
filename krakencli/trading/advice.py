"""What to do about the exchange's refusals of orders (protocol notes, limits and errors §7). Pure.

Errors that REST has too are explained where REST is; these are the engine's own.
"""

_MORE = "order more: kraken-stream pairs SYMBOL --json tells qty_min"
_AT_ONCE = "the price would have traded at once: choose another, or leave --post-only out"
_RIGHTS = (
    "give the key the right 'Create & modify orders', or 'Cancel & close orders' if it is to cancel only,"
    " on kraken.com under Settings > API"
)

DOUBTFUL = (
    "eservice:deadline elapsed", "egeneral:internal error", "eservice:unavailable", "eservice:busy",
    "edatabase:internal error",
)  # fmt: skip
"""Errors after which it is looked whether the order is there all the same."""

ADVICE = (
    ("eorder:order minimum not met", _MORE),
    ("egeneral:invalid arguments:volume minimum",_MORE),
    ("eorder:cost minimum not met", "order more: kraken-stream pairs SYMBOL --json tells cost_min"),
    ("eorder:tick size check failed", "round the price to tick_size, see kraken-stream pairs SYMBOL --json"),
    ("eorder:invalid price", "check the price against the market's"),
    ("eorder:post only order", _AT_ONCE),
    ("eorder:post-only order", _AT_ONCE),
    ("eorder:unknown order", "it is closed already, or the id is another account's"),
    ("eorder:invalid order", "it is closed already, or the id is wrong"),
    ("eorder:orders limit exceeded", "cancel some of the pair's open orders first"),
    ("eorder:scheduled orders limit exceeded", "cancel some scheduled orders first"),
    ("eorder:positions limit exceeded", "close some positions first"),
    ("eorder:rate limit exceeded", "wait some seconds: young orders cost most to cancel, edit or amend"),
    ("eorder:reduce only", "there is no position that this would reduce"),
    ("eorder:margin", "check the margin of the account"),
    ("eorder:cannot open", "the account may not open this position"),
    ("egeneral:invalid arguments:index unavailable", "use --trigger-reference last"),
    ("egeneral:permission denied", _RIGHTS),
    ("eservice:deadline elapsed", "raise --deadline, and check this computer's clock"),
    ("eservice:market in post_only", "only post-only orders are taken now: add --post-only, or wait"),
    ("eservice:market in limit_only", "only limit orders are taken now: use --type limit, or wait"),
    ("eservice:market in cancel_only", "orders can only be canceled now: wait"),
    ("exceeded msg rate", "wait some seconds and try again"),
    ("currency pair not supported", "kraken-stream pairs lists the pairs"),
    ("token(s) not found", "fetch a new token"),
)  # fmt: skip
REFUSED_TOKEN = ("eapi:invalid token", "esession:invalid session", "token(s) not found", "token is expired")
TRANSIENT = ("eorder:rate limit", "eorder:domain rate limit", "eservice:market in", "exceeded msg rate")


def normal(error: str) -> str:
    """An error's text for comparing: no space around colons, no capitals."""
    return ":".join(part.strip() for part in error.lower().split(":"))


def advice(error: str) -> str:
    """What to do about it; "" where nothing is known."""
    text = normal(error)
    return next((words for prefix, words in ADVICE if text.startswith(prefix)), "")


def doubtful(error: str) -> bool:
    """Whether the request may have taken effect in spite of it."""
    return normal(error).startswith(DOUBTFUL)
