"""CRC32 over the ten best levels of both sides, asks first (protocol notes v2 §9).

The digits come from `digits.token`: a number's digits without point and leading zeros, price before quantity,
best level first; in `level3` every order of a level in the queue's order.
"""

from zlib import crc32


def checksum(asks: bytes, bids: bytes) -> int:
    """The checksum of both sides' digits, an unsigned 32-bit integer."""
    return crc32(bids, crc32(asks))
