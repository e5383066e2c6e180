"""Rows of REST Trades and OHLC as the items that v2 would have sent. Values in, values out.

Rows: protocol notes REST §4. Items: v2 §7.4 (trade) and §7.3 (ohlc), whose order of keys they have. REST
prints more zeros than the socket (`30100.10000`): surplus ones are cut, never another digit. The client reads
numbers as decimals, so that no time was a binary float here. An unknown shape is a RemoteError.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from krakencli import times
from krakencli.errors import RemoteError
from krakencli.times import instant

Precisions = tuple[int | None, int | None]
"""Decimals of a pair's prices and quantities, None where they are not known."""

_SIDES = {"b": "buy", "s": "sell"}
_TYPES = {"l": "limit", "m": "market"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NUMBER = re.compile(r"[0-9]{1,40}(?:\.[0-9]{1,40})?")


class TradeRow(NamedTuple):
    """One row of Trades; `time` is in nanoseconds."""

    trade_id: int
    time: int
    text: str
    """Its item behind the symbol, without the mark."""


def rows_of(result: Any, method: str) -> list[Any]:
    """The rows of an answer: under the one key that is not `last` (protocol notes REST §1)."""
    found = [rows for name, rows in result.items() if name != "last"] if isinstance(result, dict) else []
    if len(found) != 1 or not isinstance(found[0], list):
        raise _unknown(method)
    return found[0]


def trade_rows(result: Any, precisions: Precisions) -> list[TradeRow]:
    """The rows of an answer of Trades, in its order."""
    rows = rows_of(result, "Trades")
    try:
        return [_trade_row(row, precisions) for row in rows]
    except (ValueError, TypeError, KeyError, ArithmeticError):
        raise _unknown("Trades") from None


def trade_item(symbol: str, row: TradeRow) -> bytes:
    """`symbol side price qty ord_type trade_id timestamp`, then the mark `"source":"backfill"`."""
    return f'{{"symbol":{json.dumps(symbol)},{row.text},"source":"backfill"}}'.encode()


def candle_items(
    result: Any, symbol: str, interval: int, precisions: Precisions, time_decimals: int = 9
) -> list[bytes]:
    """The finished candles with trades of an answer of OHLC, oldest first; v2 spells their beginnings with
    nine decimals, v1 with six.

    `last` is the start of the newest finished one, and the row behind it is running; empty intervals, which
    the stream does not have, are left out (protocol notes REST §4). v2's deprecated `timestamp` is too.
    """
    rows = rows_of(result, "OHLC")
    try:
        last = int(str(result["last"]))
        finished = (row for row in rows if int(row[0]) <= last and int(row[7]) > 0)
        return [_candle(row, symbol, interval, precisions, time_decimals) for row in finished]
    except (ValueError, TypeError, LookupError, ArithmeticError):
        raise _unknown("OHLC") from None


def nanoseconds(time: str) -> int | None:
    """An RFC 3339 time since 1970, to the microsecond; None where the text is none."""
    try:
        moment = instant(time)
    except ValueError:
        return None
    return (moment - _EPOCH) // _MICROSECOND * 1000


def cut(number: str, precision: int | None) -> str:
    """The number without zeros behind `precision` decimals; ValueError where the text is none."""
    if not _NUMBER.fullmatch(number):
        raise ValueError(f"{number[:40]!r} is no number")
    whole, point, decimals = number.partition(".")
    if precision is None or not point:
        return number
    decimals = decimals[:precision] + decimals[precision:].rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _trade_row(row: list[Any], precisions: Precisions) -> TradeRow:
    price, qty, seconds, side, kind, _, trade_id = row[:7]
    if isinstance(trade_id, bool) or not isinstance(trade_id, int):
        raise TypeError(f"a {type(trade_id).__name__} where an id belongs")
    time = int(Decimal(seconds) * 10**9)
    text = (
        f'"side":"{_SIDES[side]}","price":{cut(price, precisions[0])},"qty":{cut(qty, precisions[1])},'
        f'"ord_type":"{_TYPES[kind]}","trade_id":{trade_id},"timestamp":"{stamp(time // 1000)}"'
    )
    return TradeRow(trade_id, time, text)


def _candle(row: list[Any], symbol: str, interval: int, precisions: Precisions, time_decimals: int) -> bytes:
    """`symbol open high low close trades volume vwap interval_begin interval`."""
    begin, opened, high, low, close, vwap, volume, count = row[:8]
    prices = [cut(price, precisions[0]) for price in (opened, high, low, close, vwap)]
    whole = stamp(int(begin) * 10**6).partition(".")[0]
    text = (
        f'"symbol":{json.dumps(symbol)},"open":{prices[0]},"high":{prices[1]},"low":{prices[2]},'
        f'"close":{prices[3]},"trades":{int(count)},"volume":{cut(volume, precisions[1])},"vwap":{prices[4]},'
        f'"interval_begin":"{whole}.{"0" * time_decimals}Z","interval":{interval}'
    )
    return f"{{{text}}}".encode()


def stamp(microseconds: int) -> str:
    return times.stamp(_EPOCH + microseconds * _MICROSECOND)


def _unknown(method: str) -> RemoteError:
    return RemoteError(f"REST answered {method} in a shape that is not known")
