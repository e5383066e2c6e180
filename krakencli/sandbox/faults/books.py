"""The faults of books, as a table: what each kind makes of the frames of a subscription.

A lie is told where the checksum can show it: among the ten best levels, and never about something that the
next update says anew. `empty_side`, `short_book` and `remove_twice` are no lies: every checksum is true, and
the first two are states of the market, which all its channels show.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from krakencli.sandbox.book import Book
from krakencli.sandbox.faults.fault import Fault, On
from krakencli.sandbox.faults.frame import BookFrame, counts
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.faults.watch import Post, Watch, WatchedKind
from krakencli.sandbox.faults.watches import MarketState, OneFrame, TwoFrames
from krakencli.sandbox.shortage import Shortage


def _drop(_: str, following: str) -> list[str]:
    return [following]


def _swap(held: str, following: str) -> list[str]:
    return [following, held]


def _wrong_digit(frame: BookFrame, book: Book) -> list[str] | None:
    """The last digit of a quantity that the checksum covers; never one that makes it nought.

    It is the first, but where only the next frame has a checksum (v1's snapshot) one in the middle of its
    side, which that frame will hardly say anew.
    """
    found = [entry for entry in frame.last_words().values() if not entry.gone and counts(entry, book)]
    if not found:
        return None
    entry = found[0 if frame.checksum_span() else len(found) // 4]
    digit = entry.qty[-1]
    return [frame.with_qty(entry, entry.qty[:-1] + ("8" if digit == "9" else str(int(digit) + 1)))]


def _wrong_checksum(frame: BookFrame, _: Book) -> list[str] | None:
    """None for a snapshot of v1, which tells no checksum."""
    wrong = frame.with_checksum((frame.checksum + 1) % 2**32)
    return None if wrong is None else [wrong]


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


def _kind(
    on: tuple[On, ...],
    watch: Callable[[Post], Watch],
    state: Callable[[Fault], Shortage] | None = None,
    takes: tuple[str, ...] = (),
    **choices: tuple[object, ...],
) -> WatchedKind:
    """`on`: the frames that it can touch, the usual ones first; `takes` and `choices`: further fields."""
    terms = Terms(
        ("symbol",),
        ("at", "connection", *takes),
        {"channel": ("book", "level3"), "on": on, **choices},
    )
    return WatchedKind(terms, watch, of_topic=True, state=state)


KINDS: dict[str, WatchedKind] = {
    "drop_update": _kind(("update",), partial(TwoFrames, _drop)),
    "reorder_updates": _kind(("update",), partial(TwoFrames, _swap)),
    "wrong_digit": _kind(("update", "snapshot"), partial(OneFrame, _wrong_digit)),
    "wrong_checksum": _kind(("update", "snapshot"), partial(OneFrame, _wrong_checksum)),
    "missing_snapshot": _kind(("snapshot",), partial(OneFrame, _omit)),
    "remove_twice": _kind(("update",), partial(OneFrame, _remove_twice)),
    "empty_side": _kind(("update", "snapshot"), MarketState, _empty, side=("bids", "asks")),
    "short_book": _kind(("update", "snapshot"), MarketState, _short, takes=("levels",)),
}
