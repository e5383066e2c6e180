"""Price-time priority, and the changes that the book writes down."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from krakencli.sandbox.book import Book, Fill
from krakencli.sandbox.checksum import checksum
from krakencli.sandbox.levels import Change


def test_the_older_order_of_a_price_trades_first_and_the_better_price_before_it() -> None:
    book = Book()
    for price, qty in ((100, 5), (100, 7), (99, 2)):
        book.submit(False, price, qty, time=1)
    assert book.submit(True, 100, 8, time=2) == [Fill(99, 2, 3), Fill(100, 5, 1), Fill(100, 1, 2)]
    assert book.asks.top(9) == [(100, 6)]
    assert book.bids.best() is None


def test_what_a_limit_order_cannot_trade_rests_and_a_market_order_lapses() -> None:
    book = Book()
    book.submit(False, 100, 5, time=1)
    book.submit(True, 101, 8, time=2)
    assert (book.bids.best(), book.asks.best()) == ((101, 3), None)
    assert book.submit(False, None, 10, time=3) == [Fill(101, 3, 2)]
    assert book.asks.best() is None


def test_each_fill_is_a_change_and_the_last_one_takes_the_level_away() -> None:
    book = Book()
    book.submit(False, 100, 5, time=1)
    book.submit(False, 100, 7, time=1)
    book.drain()
    book.submit(True, 101, 13, time=2)
    assert book.drain() == (
        [Change(-101, 1, "add", order_id=3, order_qty=1, time=2)],
        [
            Change(100, 7, "delete", order_id=1, order_qty=5, time=1),
            Change(100, 0, "delete", order_id=2, order_qty=7, time=1),
        ],
    )
    assert book.drain() == ([], [])


def test_a_cancelled_order_leaves_the_rest_of_its_level() -> None:
    book = Book()
    book.submit(True, 100, 5, time=1)
    book.submit(True, 100, 7, time=1)
    book.cancel(book.orders[0], time=2)
    assert book.bids.top(9) == [(100, 7)]
    book.cancel(book.orders[0], time=3)
    assert book.bids.top(9) == []
    assert book.orders == []


@dataclass
class Resting:
    order_id: int
    price: int
    qty: int


class PlainBook:
    """The same market as two lists that are sorted again each time."""

    def __init__(self) -> None:
        self.sides: dict[bool, list[Resting]] = {True: [], False: []}
        self.next_id = 1

    def submit(self, buy: bool, price: int | None, qty: int) -> list[tuple[int, int, int]]:
        others = sorted(
            self.sides[not buy], key=lambda order: (order.price if buy else -order.price, order.order_id)
        )
        fills = []
        for order in others:
            crosses = price is None or (order.price <= price if buy else order.price >= price)
            if not qty or not crosses:
                break
            traded = min(qty, order.qty)
            fills.append((order.price, traded, order.order_id))
            qty, order.qty = qty - traded, order.qty - traded
        self.sides[not buy] = [order for order in others if order.qty]
        if qty and price is not None:
            self.sides[buy].append(Resting(self.next_id, price, qty))
            self.next_id += 1
        return fills

    def cancel(self, order_id: int) -> None:
        for buy, side in self.sides.items():
            self.sides[buy] = [order for order in side if order.order_id != order_id]

    def levels(self, buy: bool) -> list[tuple[int, int]]:
        totals: dict[int, int] = {}
        for order in self.sides[buy]:
            totals[order.price] = totals.get(order.price, 0) + order.qty
        return sorted(totals.items(), reverse=buy)


STEP = st.tuples(st.booleans(), st.none() | st.integers(90, 110), st.integers(1, 9), st.integers(0, 99))


@given(st.lists(STEP, max_size=60))
def test_it_trades_as_a_plain_list_would(steps: list[tuple[bool, int | None, int, int]]) -> None:
    book, plain = Book(), PlainBook()
    for time, (buy, price, qty, pick) in enumerate(steps):
        if pick < 30 and book.orders:
            order = book.orders[pick % len(book.orders)]
            book.cancel(order, time)
            plain.cancel(order.order_id)
        else:
            fills = [fill[:3] for fill in book.submit(buy, price, qty, time)]
            assert fills == plain.submit(buy, price, qty)
        book.drain()
        assert book.bids.top(999) == plain.levels(True)
        assert book.asks.top(999) == plain.levels(False)
        assert book.checksum() == checksum(book.asks.top(10), book.bids.top(10))
