"""The faults of books, as a table: what each kind makes of the frames of a subscription.

A lie is told where the checksum can show it: among the ten best levels, and never about something that the
next update says anew. `empty_side`, `short_book` and `remove_twice` are no lies: every checksum is true, and
the first two are states of the market, which all its channels show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from krakencli.sandbox.book import Book
from krakencli.sandbox.faults.fault import Fault, On
from krakencli.sandbox.faults.frame import BookFrame, counts
from krakencli.sandbox.faults.watches import MarketState, OneFrame, Task, TwoFrames, Watch
from krakencli.sandbox.market import Market
from krakencli.sandbox.shortage import Shortage


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table. `on`: the frames it can touch, the usual ones first; `watch` opens one for a
    connection; `state` is the shortage of the market that a fault means, if it means one.
    """

    on: tuple[On, ...]
    watch: Callable[[Task, Market, int], Watch]
    state: Callable[[Fault], Shortage] | None = None


def _drop(_: str, following: str) -> list[str]:
    return [following]


def _swap(held: str, following: str) -> list[str]:
    return [following, held]


def _wrong_digit(frame: BookFrame, book: Book) -> list[str] | None:
    """The last digit of the first quantity that the checksum covers; never one that makes it nought."""
    for entry in frame.last_words().values():
        if not entry.gone and counts(entry, book):
            digit = entry.qty[-1]
            return [frame.with_qty(entry, entry.qty[:-1] + ("8" if digit == "9" else str(int(digit) + 1)))]
    return None


def _wrong_checksum(frame: BookFrame, _: Book) -> list[str]:
    return [frame.with_checksum((frame.checksum + 1) % 2**32)]


def _omit(_: BookFrame, __: Book) -> list[str]:
    return []


def _remove_twice(frame: BookFrame, _: Book) -> list[str] | None:
    """The frame, and after it an update that only removes once more what it has removed."""
    for entry in frame.last_words().values():
        if entry.gone:
            return [frame.text, frame.with_only(entry)]
    return None


def _empty(fault: Fault) -> Shortage:
    return Shortage(bids=0) if fault.side == "bids" else Shortage(asks=0)


def _short(fault: Fault) -> Shortage:
    return Shortage(fault.levels, fault.levels)


KINDS: dict[str, Kind] = {
    "drop_update": Kind(("update",), partial(TwoFrames, _drop)),
    "reorder_updates": Kind(("update",), partial(TwoFrames, _swap)),
    "wrong_digit": Kind(("update", "snapshot"), partial(OneFrame, _wrong_digit)),
    "wrong_checksum": Kind(("update", "snapshot"), partial(OneFrame, _wrong_checksum)),
    "missing_snapshot": Kind(("snapshot",), partial(OneFrame, _omit)),
    "remove_twice": Kind(("update",), partial(OneFrame, _remove_twice)),
    "empty_side": Kind(("update", "snapshot"), MarketState, _empty),
    "short_book": Kind(("update", "snapshot"), MarketState, _short),
}
