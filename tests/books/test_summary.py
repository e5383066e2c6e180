"""Figures that people and programs read: exact, and text that JSON takes as numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.books import Book, OrderBook, Rung, Top, rungs

from .kit import Event, Levels, book_item, level3_item


def book_of(bids: Levels = (), asks: Levels = ()) -> Book:
    book = Book(10)
    book.apply(book_item(bids, asks), True)
    return book


@pytest.mark.parametrize(
    ("bid", "ask", "spread", "mid"),
    [
        ("0.1", "0.2", "0.1", "0.15"),
        ("0.1", "0.3", "0.2", "0.2"),
        ("67310.4", "67310.5", "0.1", "67310.45"),
        ("9", "12", "3", "10.5"),
        ("9.9", "10.125", "0.225", "10.0125"),
        ("0.00000012", "0.00000013", "0.00000001", "0.000000125"),
        ("10.1", "10.0", "-0.1", "10.05"),
    ],
)
def test_spread_and_mid_are_exact(bid: str, ask: str, spread: str, mid: str) -> None:
    top = book_of([(bid, "1.0")], [(ask, "1.0")]).top()
    assert (top.bid, top.ask, top.spread, top.mid) == (bid, ask, spread, mid)


@pytest.mark.parametrize(
    ("bid_qty", "ask_qty", "imbalance"),
    [
        ("1.0", "1.00", "0.000000"),
        ("2.0", "1.0", "0.333333"),
        ("1.0", "2.0", "-0.333333"),
        ("0.2", "0.1", "0.333333"),
        ("99999999999.0", "0.00000001", "1.000000"),
        ("0.000001", "3.999999", "-1.000000"),  # -0.9999995, half to even
        ("0.000003", "3.999997", "-0.999998"),  # -0.9999985
    ],
)
def test_imbalance(bid_qty: str, ask_qty: str, imbalance: str) -> None:
    assert book_of([("1.0", bid_qty)], [("2.0", ask_qty)]).top().imbalance == imbalance


@given(*[st.decimals("0.00000001", "1000", places=8)] * 4)
def test_figures_against_decimal(bid: Decimal, ask: Decimal, bid_qty: Decimal, ask_qty: Decimal) -> None:
    top = book_of([(f"{bid:f}", f"{bid_qty:f}")], [(f"{ask:f}", f"{ask_qty:f}")]).top()
    assert (Decimal(top.spread or ""), Decimal(top.mid or "")) == (ask - bid, (ask + bid) / 2)
    exact = (bid_qty - ask_qty) / (bid_qty + ask_qty)
    assert Decimal(top.imbalance or "") == exact.quantize(Decimal("0.000001"))


def test_an_empty_side_has_no_figures() -> None:
    assert book_of().top() == Top()
    assert book_of(bids=[("1.10", "2.0")]).top() == Top(bid="1.10", bid_qty="2.0")
    assert book_of(asks=[("1.10", "2E0")]).top() == Top(ask="1.10", ask_qty="2E0")


def test_cumulative_sizes_are_exact() -> None:
    book = book_of(asks=[("1.0", "0.1"), ("1.1", "0.20"), ("1.2", "3")])
    assert list(rungs(book.asks)) == [
        Rung("1.0", "0.1", "0.1"),
        Rung("1.1", "0.20", "0.30"),
        Rung("1.2", "3", "3.30"),
    ]
    assert [rung.total for rung in rungs(book.asks, 2)] == ["0.1", "0.30"]


def test_an_order_book_sums_its_queues_and_counts_them() -> None:
    book = OrderBook(10)
    bids = [Event("A", "9.9", "1.00"), Event("B", "9.9", "0.5"), Event("C", "9.8", "2.00")]
    book.apply(level3_item(bids, [Event("D", "10.0", "1.50")]), True)
    assert list(rungs(book.bids)) == [Rung("9.9", "1.50", "1.50", 2), Rung("9.8", "2.00", "3.50", 1)]
    assert book.top() == Top("9.9", "1.50", "10.0", "1.50", "0.1", "9.95", "0.000000")
