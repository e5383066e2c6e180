"""The book's checksum: CRC32 over the digits of the ten best levels of each side (protocol notes §9.1)."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32


def checksum(asks: Iterable[tuple[int, int]], bids: Iterable[tuple[int, int]]) -> int:
    """The unsigned CRC32 of `(price, qty)` levels, best first, at most ten a side, asks before bids.

    Price and quantity are scaled integers: a number's wire text without its point and its leading zeros is
    just the decimal spelling of that integer.
    """
    return crc32("".join([f"{price}{qty}" for side in (asks, bids) for price, qty in side]).encode())
