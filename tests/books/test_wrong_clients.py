"""Clients that are wrong in one way each fail on real books, as often as is known of them.

The counts are the recordings' own (README there, "What each recording can catch"). A wrong client goes on
after a mismatch, as such clients do; otherwise one failure would hide all later ones.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from krakencli.books import Book, BookItem, Outcome, State, Verdict, decode_book

from .kit import crc, recorded


class Stubborn(Book):
    """Right in all but this: it goes on after a mismatch."""

    def _judge(self, expected: int | None) -> Outcome:
        outcome = super()._judge(expected)
        self.state = State.LIVE
        return outcome

    def listen(self, item: bytes, snapshot: bool) -> bool:
        """Whether the item verifies."""
        return self.take(decode_book(item), snapshot).verdict is Verdict.VERIFIED


class Spelling(Stubborn):
    """Its digits are those of numbers that were parsed and printed again."""

    @staticmethod
    def spell(number: str) -> str:
        return number

    def _judge(self, expected: int | None) -> Outcome:
        asks, bids = (
            [(self.spell(price), self.spell(qty)) for price, qty in list(side)[:10]]
            for side in (self.asks, self.bids)
        )
        self.state = State.LIVE
        good = crc(asks, bids) == expected
        return Outcome(Verdict.VERIFIED if good else Verdict.MISMATCH, expected)


class Floats(Spelling):
    @staticmethod
    def spell(number: str) -> str:
        return repr(float(number))


class WithoutTrailingZeros(Spelling):
    @staticmethod
    def spell(number: str) -> str:
        return number.rstrip("0").rstrip(".")


class FirstWins(Stubborn):
    """Of a price that comes twice in a message it keeps the first."""

    def listen(self, item: bytes, snapshot: bool) -> bool:
        message = decode_book(item)
        kept = BookItem(message.symbol, checksum=message.checksum)
        for wanted, levels in ((kept.bids, message.bids), (kept.asks, message.asks)):
            seen: set[bytes] = set()
            for level in levels:
                if level.price not in seen:
                    seen.add(level.price)
                    wanted.append(level)
        return self.take(kept, snapshot).verdict is Verdict.VERIFIED


class ChecksTooEarly(Stubborn):
    """It compares an update's checksum before it applies it."""

    def listen(self, item: bytes, snapshot: bool) -> bool:
        before = crc(list(self.asks)[:10], list(self.bids)[:10])
        good = super().listen(item, snapshot)
        return good if snapshot else decode_book(item).checksum == before


def never_cut(_: int) -> Stubborn:
    return Stubborn(1_000_000)


def always_cut_to_ten(_: int) -> Stubborn:
    return Stubborn(10)


Client = Callable[[int], Stubborn]
CLIENTS: tuple[Client, ...] = (
    Stubborn,
    never_cut,
    always_cut_to_ten,
    FirstWins,
    ChecksTooEarly,
    Floats,
    WithoutTrailingZeros,
)
FAILURES = {
    "v2_book10_btcusd_20260719_raw": (10, (0, 1046, 0, 1009, 1253, 1254, 1254)),
    "v2_book10_btcusd_20230730_reconstructed": (10, (0, 450, 0, 1, 509, 510, 510)),
    "v2_book10_btcusd_20260912": (10, (0, 2, 0, 2, 19, 20, 20)),
    "v2_book25_minagbp_20260816": (25, (0, 0, 10, 0, 29, 30, 30)),
}


@pytest.mark.parametrize("name", FAILURES)
@pytest.mark.parametrize("number", range(len(CLIENTS)), ids=lambda number: CLIENTS[number].__name__)
def test_a_wrong_client_fails(recordings: Path, name: str, number: int) -> None:
    depth, failures = FAILURES[name]
    client = CLIENTS[number](depth)
    heard = [client.listen(item, snapshot) for item, snapshot in recorded(recordings / f"{name}.jsonl")]
    assert heard.count(False) == failures[number]
