"""Depth windows: whatever happens in a book, a client that cuts to its depth holds the best levels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from krakencli.sandbox.book import Book
from krakencli.sandbox.levels import Change, Side
from krakencli.sandbox.window import Levels, OrdersWindow, Window


class Client:
    """Holds one side as a client does: absolute quantities, zero deletes, cut after the message or
    after each.
    """

    def __init__(self, levels: Levels, depth: int, sign: int, cut_each: bool) -> None:
        self.held = dict(levels)
        self.depth, self.sign, self.cut_each = depth, sign, cut_each

    def apply(self, entries: Levels) -> Levels:
        for price, qty in entries:
            if qty:
                self.held[price] = qty
            else:
                self.held.pop(price, None)
            if self.cut_each:
                self.cut()
        return self.cut()

    def cut(self) -> Levels:
        best = sorted(self.held.items(), key=lambda level: level[0] * self.sign)[: self.depth]
        self.held = dict(best)
        return best


def ladder(count: int) -> Book:
    book = Book()
    for step in range(count):
        book.submit(True, 1000 - step, 10 + step, time=0)
        book.submit(False, 1001 + step, 10 + step, time=0)
    book.drain()
    return book


# buy, price (None: at market), qty, which order is cancelled before (None: none)
STEP = st.tuples(
    st.booleans(),
    st.none() | st.integers(980, 1021),
    st.integers(0, 40),
    st.none() | st.integers(0, 99),
)


@pytest.mark.parametrize("cut_each", [False, True])
@pytest.mark.parametrize("depth", [3, 10])
@settings(max_examples=150)
@given(steps=st.lists(STEP, max_size=30), count=st.integers(0, 15))
def test_a_client_that_cuts_holds_the_window(
    steps: list[tuple[bool, int | None, int, int | None]], count: int, depth: int, cut_each: bool
) -> None:
    book = ladder(count)
    window = Window(book, depth)
    bids = Client(book.bids.top(depth), depth, -1, cut_each)
    asks = Client(book.asks.top(depth), depth, 1, cut_each)
    for time, (buy, price, qty, pick) in enumerate(steps):
        if pick is not None and book.orders:
            book.cancel(book.orders[pick % len(book.orders)], time)
        if qty:
            book.submit(buy, price, qty, time)
        bid_changes, ask_changes = book.drain()
        assert bids.apply(window.bids.follow(bid_changes)) == book.bids.top(depth)
        assert asks.apply(window.asks.follow(ask_changes)) == book.asks.top(depth)


class OrderClient:
    """Holds the orders of one side as a client of level3 does, cut after the message or after each event."""

    def __init__(self, side: Side, depth: int, cut_each: bool) -> None:
        self.side, self.depth, self.cut_each = side, depth, cut_each
        self.held: dict[int, dict[int, int]] = {}
        for order in side.queues(depth):
            self.held.setdefault(order.key, {})[order.order_id] = order.qty

    def apply(self, events: list[Change]) -> dict[int, list[tuple[int, int]]]:
        for event in events:
            queue = self.held.setdefault(event.key, {})
            if event.event == "delete":
                del queue[event.order_id]
            else:
                assert (event.order_id in queue) == (event.event == "modify")
                queue[event.order_id] = event.order_qty
            self.held = {key: queue for key, queue in self.held.items() if queue}
            if self.cut_each:
                self.cut()
        self.cut()
        return {key: list(queue.items()) for key, queue in self.held.items()}

    def cut(self) -> None:
        self.held = {key: self.held[key] for key in sorted(self.held)[: self.depth]}

    def truth(self) -> dict[int, list[tuple[int, int]]]:
        keys = self.side.keys[: self.depth]
        return {key: [(o.order_id, o.qty) for o in self.side.levels[key].orders.values()] for key in keys}


@pytest.mark.parametrize("cut_each", [False, True])
@pytest.mark.parametrize("depth", [3, 10])
@settings(max_examples=150)
@given(steps=st.lists(STEP, max_size=30), count=st.integers(0, 15))
def test_a_client_that_cuts_holds_the_orders_of_the_window(
    steps: list[tuple[bool, int | None, int, int | None]], count: int, depth: int, cut_each: bool
) -> None:
    """A step cancels or, when it has no quantity, makes smaller; then an order comes in."""
    book = ladder(count)
    window = OrdersWindow(book, depth)
    bids = OrderClient(book.bids, depth, cut_each)
    asks = OrderClient(book.asks, depth, cut_each)
    for time, (buy, price, qty, pick) in enumerate(steps):
        if pick is not None and book.orders:
            order = book.orders[pick % len(book.orders)]
            if qty % 3 == 0 and order.qty > 1:
                book.reduce(order, order.qty - 1, time)
            else:
                book.cancel(order, time)
        if qty:
            book.submit(buy, price, qty, time)
        bid_changes, ask_changes = book.drain()
        assert bids.apply(window.bids.follow(bid_changes)) == bids.truth()
        assert asks.apply(window.asks.follow(ask_changes)) == asks.truth()


def test_a_level_comes_in_with_all_its_orders_and_their_old_times() -> None:
    book = ladder(12)
    book.submit(False, 1011, 7, time=3)
    book.drain()
    window = OrdersWindow(book, 10)
    book.submit(True, 1001, 10, time=9)
    _, changes = book.drain()
    told = [(one.event, one.key, one.order_qty, one.time) for one in window.asks.follow(changes)]
    assert told == [("delete", 1001, 10, 0), ("add", 1011, 20, 0), ("add", 1011, 7, 3)]


def test_orders_pushed_out_are_not_told() -> None:
    book = ladder(12)
    window = OrdersWindow(book, 10)
    book.submit(False, 1001, 3, time=2)
    book.cancel(next(order for order in book.orders if order.key == 1011), time=2)
    _, changes = book.drain()
    assert [one.event for one in window.asks.follow(changes)] == ["add"]
    book.cancel(next(order for order in book.orders if order.key == 1003), time=3)
    book.submit(False, 1003, 3, time=4)
    _, changes = book.drain()
    told = [(one.event, one.key) for one in window.asks.follow(changes)]
    assert told == [("delete", 1003), ("add", 1012), ("add", 1003)]


def test_a_deletion_brings_the_next_level_back_at_once() -> None:
    book = ladder(12)
    window = Window(book, 10)
    book.submit(True, 1001, 10, time=1)
    _, changes = book.drain()
    assert window.asks.follow(changes) == [(1001, 0), (1011, 20)]


def test_a_level_pushed_out_is_not_told() -> None:
    book = ladder(12)
    book.cancel(next(order for order in book.orders if order.key == 1005), time=1)
    book.drain()
    window = Window(book, 10)
    book.submit(False, 1005, 3, time=2)
    _, changes = book.drain()
    assert window.asks.follow(changes) == [(1005, 3)]


def test_what_happens_below_the_window_is_not_told() -> None:
    book = ladder(12)
    window = Window(book, 10)
    book.submit(False, 1012, 1, time=1)
    book.cancel(next(order for order in book.orders if order.key == 1011), time=2)
    _, changes = book.drain()
    assert window.asks.follow(changes) == []


def test_fills_of_one_price_are_told_one_by_one() -> None:
    book = ladder(12)
    book.submit(False, 1001, 4, time=0)
    book.drain()
    window = Window(book, 10)
    book.submit(True, 1001, 14, time=1)
    _, changes = book.drain()
    assert window.asks.follow(changes) == [(1001, 4), (1001, 0), (1011, 20)]
