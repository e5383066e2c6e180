"""Numbers of the wire as text: what they spell, what a checksum takes of them, what they are exactly.

A decoder made with `float_hook=str.encode` gives the literal of a JSON number as bytes, a whole number as int
and a quoted one as str; `wire` makes bytes of all three. Every text that leaves this module is one that JSON
accepts as a number, without a sign. No floats, anywhere (protocol notes v2 §2.4, §9.1).
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

LIMIT = 40
"""The most characters that a number may have, written out. Kraken's longest have about twenty."""

_NUMBER = re.compile(rb"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")

Exact = tuple[int, int]
"""An exact number: an integer, and how many of its last digits are decimals."""


def wire(value: object) -> bytes:
    """The wire's text of a decoded number.

    ValueError where it is no number, is negative, or is longer than LIMIT.
    """
    if isinstance(value, bytes):
        text = value
    elif isinstance(value, str):
        text = value.encode("utf-8", "replace")
    elif isinstance(value, int) and not isinstance(value, bool):
        text = b"%d" % value
    else:
        raise ValueError(f"a {type(value).__name__} where a number belongs")  # noqa: TRY004 - one set of errors
    if len(text) > LIMIT:
        raise ValueError(f"a number of {len(text)} characters, more than {LIMIT}")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text.decode('utf-8', 'replace')!r} is no number of zero or more")
    return text


def written_out(text: bytes) -> bytes:
    """The text without an exponent and with the digits that it had: `1.0E-7` is `0.00000010`.

    ValueError where that takes more than LIMIT characters. `text` is one of `wire`'s.
    """
    if b"e" not in text and b"E" not in text:
        return text
    number = Decimal(text.decode())
    if abs(number.adjusted()) > LIMIT:
        raise ValueError(f"{text.decode()} takes more than {LIMIT} digits")
    plain = f"{number:f}".encode()
    if len(plain) > LIMIT:
        raise ValueError(f"{text.decode()} takes more than {LIMIT} digits")
    return plain


def split(text: bytes) -> tuple[bytes, int]:
    """All digits of one of `wire`'s texts, and how many of them are decimals."""
    whole, _, fraction = written_out(text).partition(b".")
    return whole + fraction, len(fraction)


def token(text: bytes) -> bytes:
    """What a number adds to a checksum: its digits, no point, no leading zeros (protocol notes v2 §9.1)."""
    return split(text)[0].lstrip(b"0")


@lru_cache(maxsize=4096)
def padded_token(text: bytes, precision: int) -> bytes:
    """`token` of the number spelt with `precision` decimals.

    Zeros are added, or cut where there are too many; a digit that says something is never cut. Remembered,
    because the ten best levels are spelt again for every message that needs it.
    """
    digits, decimals = split(text)
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    fraction = fraction[:precision] + fraction[precision:].rstrip(b"0")
    return (whole + fraction.ljust(precision, b"0")).lstrip(b"0")


def exact(text: bytes) -> Exact:
    """The number that one of `wire`'s texts spells."""
    digits, decimals = split(text)
    return int(digits), decimals


def aligned(numbers: Iterable[Exact]) -> tuple[list[int], int]:
    """Numbers as integers of one scale, and that scale: the decimals of the finest of them."""
    numbers = list(numbers)
    finest = max((decimals for _, decimals in numbers), default=0)
    return [value * 10 ** (finest - decimals) for value, decimals in numbers], finest


def added(numbers: Iterable[Exact]) -> Exact:
    """The exact sum."""
    values, decimals = aligned(numbers)
    return sum(values), decimals


def text_of(number: Exact) -> str:
    """The number in plain decimals, all of them: (-15, 2) is `-0.15`, (5, 0) is `5`."""
    value, decimals = number
    if not decimals:
        return str(value)
    digits = str(abs(value)).zfill(decimals + 1)
    return f"{'-' if value < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"
