"""Public ids such as `OZYA6B-OE3BH-YJ4PY5`: a letter for what it is, and 80 bits that follow from the
seed."""

from __future__ import annotations

from base64 import b32encode
from hashlib import blake2b
from itertools import count


class Ids:
    """Gives out the ids of one exchange; the same ones for the same seed and the same history."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counts = {letter: count(1) for letter in "TL"}

    def execution(self) -> str:
        """Of a fill, and of an amendment."""
        return self._next("T")

    def entry(self) -> str:
        """Of a ledger entry."""
        return self._next("L")

    def _next(self, letter: str) -> str:
        name = f"{self._seed}/{letter}/{next(self._counts[letter])}"
        letters = b32encode(blake2b(name.encode(), digest_size=10).digest()).decode()
        return f"{letter}{letters[:5]}-{letters[5:10]}-{letters[10:]}"
