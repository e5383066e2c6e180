"""`trade`: every match, with the taker's side and a consecutive id per pair (protocol notes v2 §7.4)."""

from dataclasses import replace

from krakencli.channels.wire_v1 import (
    MORE,
    NUMBER,
    TEXT,
    TIME,
    moment,
    pattern,
    respelt,
    ungrouped,
    without,
)
from krakencli.model import Channel, Column, Param

_ROW = rb'\[%b,%b,%b,"([bs])","([a-z-]+)",%b%b\]' % (NUMBER, NUMBER, TIME, TEXT, MORE)
_ALONE = rb"\[" + _ROW + rb"\]"
_ROWS = rb"\[(?:" + ungrouped(_ROW) + rb"(?:,(?=\[)|(?=\])))*\]"
_ITEM = b'{"symbol":%b,"side":"%b","price":%b,"qty":%b,"ord_type":"%b","timestamp":"%b.%bZ"}'
_SIDES = {b"b": b"buy", b"s": b"sell"}
_TYPES = {b"l": b"limit", b"m": b"market"}


def decode_v1(payload: bytes, symbol: bytes, _variant: int) -> list[bytes]:
    """The trades of a payload, oldest first, without ids, which v1 does not have (protocol notes v1 §5.3).

    `symbol` is JSON. ValueError where the payload is none.
    """
    alone = pattern(_ALONE).fullmatch(payload)
    if alone:  # nearly always, and worth half of the time
        price, qty, seconds, fraction, side, kind = alone.groups()
        type_ = _TYPES.get(kind, kind)
        return [_ITEM % (symbol, _SIDES[side], price, qty, type_, moment(seconds), fraction)]
    if not pattern(_ROWS).fullmatch(payload):
        payload = respelt(payload)
        if not pattern(_ROWS).fullmatch(payload):
            raise ValueError("no trades of API v1")
    return [
        _ITEM % (symbol, _SIDES[side], price, qty, _TYPES.get(kind, kind), moment(seconds), fraction)
        for price, qty, seconds, fraction, side, kind in pattern(_ROW).findall(payload)
    ]


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

AUDIT = Param(
    "audit",
    "API v1, whose trades have no ids: compare with REST this often, 30s say, and print what was lost.",
    ("--audit",),
    None,
    wire=False,
    kind="duration",
)

_V2 = Channel(
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
        "Over API v1 trades have no ids: after a reconnect they are joined with REST's, and --audit finds"
        " those that are lost at any other time.",
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

TRADE = replace(
    _V2,
    v1=replace(_V2, params=(FILL_TIMEOUT, AUDIT), snapshot=None, columns=without(_V2.columns, "trade_id")),
)
