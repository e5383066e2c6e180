"""Which trades of a stream without ids are which of REST's, which have them (protocol notes REST §4).

Two trades are one where price, quantity, side and order type are equal and their times differ by a
microsecond at most: whether API v1 rounds or cuts its times is not known. Trades that are alike in all of
that are counted, in their order: which of them is which makes no difference, for their records are the same.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct

from krakencli.times import microseconds

TOLERANCE = 1
"""Microseconds by which the two times of one trade may differ."""

Key = tuple[Decimal, Decimal, str, str]
"""Price, quantity, side and order type."""


class _Trade(Struct, gc=False):
    price: Decimal
    qty: Decimal
    side: str
    ord_type: str
    timestamp: str


_decode = msgspec.json.Decoder(_Trade).decode


class Row(NamedTuple):
    """A trade as REST has it: its item, marked as backfilled; `time` is in microseconds since 1970."""

    trade_id: int
    time: int
    item: Raw


class Seen(NamedTuple):
    """A trade that can be compared; `time` is in microseconds since 1970."""

    time: int
    key: Key
    item: Raw


def seen(item: Raw) -> Seen:
    """What is compared of an item. ValueError where it is no trade."""
    trade = _decode(item)
    return Seen(microseconds(trade.timestamp), (trade.price, trade.qty, trade.side, trade.ord_type), item)


def match(rows: Sequence[Seen], trades: Sequence[Seen]) -> dict[int, int]:
    """As many pairs as there can be: the index of a row, and that of the trade which it is."""
    theirs, ours = _by_key(rows), _by_key(trades)
    pairs: dict[int, int] = {}
    for key, found in theirs.items():
        mine = ours.get(key, [])
        row = trade = 0
        while row < len(found) and trade < len(mine):
            apart = found[row][0] - mine[trade][0]
            if abs(apart) <= TOLERANCE:
                pairs[found[row][1]] = mine[trade][1]
            row += apart <= TOLERANCE
            trade += apart >= -TOLERANCE
    return pairs


def _by_key(trades: Sequence[Seen]) -> dict[Key, list[tuple[int, int]]]:
    """Time and index of the trades that are alike, in the order of time."""
    found: dict[Key, list[tuple[int, int]]] = {}
    for index, trade in enumerate(trades):
        found.setdefault(trade.key, []).append((trade.time, index))
    for alike in found.values():
        alike.sort()
    return found
