"""`spread`: best bid and ask, printed when one of them changes.

v2 has no such channel: it is made from `ticker` with `event_trigger` bbo (protocol notes v2 §7.1); v1 has
one (v1 §5.4).
"""

from dataclasses import replace

from krakencli.channels.wire_v1 import MORE, NUMBER, TIME, stamp, taken
from krakencli.model import Channel, Column

_QUOTE = rb"\[" + rb",".join([NUMBER, NUMBER, TIME, NUMBER, NUMBER]) + MORE + rb"\]"


def decode_v1(payload: bytes, symbol: bytes, _variant: int) -> list[bytes]:
    """The quote of a payload, bid first (protocol notes v1 §5.4).

    `symbol` is JSON. ValueError where the payload is none.
    """
    bid, ask, seconds, fraction, bid_qty, ask_qty = taken(_QUOTE, payload, "spread").groups()
    return [
        b'{"symbol":%b,"bid":%b,"bid_qty":%b,"ask":%b,"ask_qty":%b,"timestamp":"%b"}'
        % (symbol, bid, bid_qty, ask, ask_qty, stamp(seconds, fraction))
    ]


_V2 = Channel(
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

SPREAD = replace(_V2, v1=replace(_V2, wire="spread", fixed=(), snapshot=None))
