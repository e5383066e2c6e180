"""Accounts' orders in the book beside a plain list of them: price, time, slices, and who gives way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from krakencli.sandbox.book import Book, Entry
from krakencli.sandbox.checksum import checksum


@dataclass
class Resting:
    """An order in the list; the list is in the order of time."""

    number: int
    owner: int
    buy: bool
    price: int
    shown: int
    hidden: int
    display: int


class PlainMarket:
    """All resting orders in one list, searched from the start for each single trade."""

    def __init__(self) -> None:
        self.orders: list[Resting] = []

    def enter(self, entry: Entry) -> tuple[list[tuple[int, int, int]], list[int], int]:
        """`(price, qty, owner)` of each fill, the numbers of own orders that gave way, and what is left."""
        fills, gone, left = [], [], entry.qty
        while left:
            best = self.best(entry)
            if best is None:
                break
            if best.owner == entry.owner and entry.owner:
                if entry.prevention != "cancel_newest":
                    gone.append(best.number)
                    self.orders.remove(best)
                if entry.prevention != "cancel_oldest":
                    return fills, gone, left
                continue
            traded = min(left, best.shown)
            fills.append((best.price, traded, best.owner))
            left -= traded
            best.shown -= traded
            if not best.shown:
                self.orders.remove(best)
                self.show_more(best)
        if left and entry.rests and entry.price is not None:
            shown = min(left, entry.display or left)
            order = Resting(
                entry.number, entry.owner, entry.buy, entry.price, shown, left - shown, entry.display
            )
            self.orders.append(order)
        return fills, gone, left

    def best(self, entry: Entry) -> Resting | None:
        sign = 1 if entry.buy else -1
        found = [
            one
            for one in self.orders
            if one.buy != entry.buy and (entry.price is None or one.price * sign <= entry.price * sign)
        ]
        return min(found, key=lambda one: one.price * sign, default=None)

    def show_more(self, order: Resting) -> None:
        order.shown = min(order.display, order.hidden)
        order.hidden -= order.shown
        if order.shown:
            self.orders.append(order)

    def levels(self, buy: bool) -> list[tuple[int, int]]:
        totals: dict[int, int] = {}
        for order in self.orders:
            if order.buy == buy:
                totals[order.price] = totals.get(order.price, 0) + order.shown
        return sorted(totals.items(), reverse=buy)


STEP = st.tuples(
    st.integers(0, 2),
    st.booleans(),
    st.none() | st.integers(95, 105),
    st.integers(1, 12),
    st.sampled_from((0, 0, 1, 3)),
    st.booleans(),
    st.sampled_from(("cancel_newest", "cancel_oldest", "cancel_both")),
)


@given(st.lists(STEP, max_size=50))
def test_it_trades_as_a_plain_list_would(steps: list[Any]) -> None:
    book, plain = Book(), PlainMarket()
    for time, (owner, buy, price, qty, display, rests, prevention) in enumerate(steps):
        if not owner:
            fills = book.submit(buy, price, qty, time)
            theirs, _, _ = plain.enter(Entry(0, 0, buy, price, qty))
            assert [(fill.price, fill.qty, fill.owner) for fill in fills] == theirs
        else:
            entry = Entry(book.number(), owner, buy, price, qty, rests, display, prevention)
            foreseen = book.preview(entry)
            outcome = book.enter(entry, time)
            expected = plain.enter(entry)
            assert (
                [(fill.price, fill.qty, fill.owner) for fill in outcome.fills],
                outcome.removed,
                outcome.left,
            ) == expected
            assert worth(foreseen) == worth([(fill.price, fill.qty) for fill in outcome.fills])
        book.drain()
        for side, bought in ((book.bids, True), (book.asks, False)):
            assert side.top(999) == plain.levels(bought)
        assert book.checksum() == checksum(book.asks.top(10), book.bids.top(10))
        assert all(order.owner == 0 for order in book.orders)
        assert {order.number for order in plain.orders if order.owner} == set(book.owned)


def worth(fills: list[tuple[int, int]]) -> dict[int, int]:
    """Lots by price."""
    found: dict[int, int] = {}
    for price, qty in fills:
        found[price] = found.get(price, 0) + qty
    return found
