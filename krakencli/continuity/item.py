"""What is read of a trade: symbol and id of every one, the time where it is asked for (v2 §7.4).

Every failure is a ValueError (msgspec.DecodeError and UnicodeDecodeError are) or a RecursionError.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

MARK = b',"source":"backfill"}'


class Trade(Struct, gc=False):
    """`trade_id` is consecutive per pair (protocol notes v2 §7.4, REST §4)."""

    symbol: str
    trade_id: Annotated[int, Meta(ge=0)]


class _Time(Struct, gc=False):
    timestamp: str = ""


decode = msgspec.json.Decoder(Trade).decode
_decode_time = msgspec.json.Decoder(_Time).decode


def time_of(item: Raw) -> str:
    """Its RFC 3339 time, as text; "" where it has none. Times of one pair compare as texts."""
    return _decode_time(item).timestamp


def marked(item: Raw | bytes) -> Raw:
    """The item with `"source":"backfill"` as its last field, once."""
    text = bytes(item).rstrip()
    return Raw(text if text.endswith(MARK) else text[:-1] + MARK)
