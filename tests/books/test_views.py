"""Records made of a verified book: exact, in the exchange's words, nothing invented."""

import json
from typing import Any

from msgspec import Raw

from krakencli.books import Book, OrderBook, decode_book, decode_level3
from krakencli.books.views import queue_item, top_item, whole_item

from .kit import Event, Levels, book_item, level3_item

BIDS: Levels = [("0.00000012", "10.5"), ("0.0000001", "1E+2")]
ASKS: Levels = [("0.00000013", "4.50000000")]


def read(item: Raw) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(bytes(item), parse_float=str, parse_int=str)
    return fields


def test_the_top_is_exact() -> None:
    text = book_item(BIDS, ASKS, 7)[:-1] + b',"timestamp":"2026-01-01T00:00:00.1Z"}'
    book = Book(10, verify=False)
    assert book.apply(text, True).usable
    assert read(top_item(book, decode_book(text))) == {
        "symbol": "BTC/USD",
        "bid": "0.00000012",
        "bid_qty": "10.5",
        "ask": "0.00000013",
        "ask_qty": "4.50000000",
        "spread": "0.00000001",
        "mid": "0.000000125",
        "imbalance": "0.400000",
        "checksum": "7",
        "timestamp": "2026-01-01T00:00:00.1Z",
    }


def test_a_side_without_levels_has_no_price() -> None:
    text, book = book_item(BIDS, ()), Book(10)
    book.apply(text, True)
    top = read(top_item(book, decode_book(text)))
    assert [top[name] for name in ("ask", "ask_qty", "spread", "mid", "imbalance")] == [None] * 5
    assert "checksum" not in top


def test_the_whole_book_keeps_the_wires_digits() -> None:
    text, book = book_item(BIDS, ASKS, 7), Book(10, verify=False)
    book.apply(text, True)
    message = decode_book(text)
    assert bytes(whole_item(book, message, None)) == text
    assert read(whole_item(book, message, 1))["bids"] == [{"price": "0.00000012", "qty": "10.5"}]


def test_queues_hold_every_order_in_its_place() -> None:
    orders = [Event("B", "99.0", "2.0"), Event("A", "99.0", "1.0"), Event("C", "98.5", "4.0")]
    text, book = level3_item(orders, ()), OrderBook(10)
    book.apply(text, True)
    message = decode_level3(text)
    assert [order["order_id"] for order in read(queue_item(book, message, None))["bids"]] == ["B", "A", "C"]
    best = read(queue_item(book, message, 1))["bids"]
    assert best == [
        {"order_id": "B", "limit_price": "99.0", "order_qty": "2.0"},
        {"order_id": "A", "limit_price": "99.0", "order_qty": "1.0"},
    ]
