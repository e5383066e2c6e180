"""The law of the L3 book: who stands where in a queue (protocol notes v2 §8, §9.2, §12.2)."""

import pytest

from krakencli.books import OrderBook, State, Verdict, decode_level3

from .kit import Event, crc, level3_item

QUEUE = [
    Event("A", "10.1", "1.00"),
    Event("B", "10.1", "2.00"),
    Event("C", "10.1", "3.00"),
    Event("D", "10.2", "4.00"),
]


def live(depth: int = 10) -> OrderBook:
    book = OrderBook(depth)
    checksum = crc([(event.price, event.qty) for event in QUEUE], [])
    assert book.apply(level3_item((), QUEUE, checksum), True).verdict is Verdict.VERIFIED
    return book


def after(*events: Event, depth: int = 10) -> str:
    """The asks' order ids in their order, once the events were applied and verified from scratch."""
    book = live(depth)
    book.apply(level3_item((), events), False)
    orders = [(order.price.decode(), order.qty.decode()) for order in book.asks.orders()]
    assert book.apply(level3_item((), (), crc(orders, [])), False).verdict is Verdict.VERIFIED
    assert book.asks.order_count == len(orders)
    return "".join(order.order_id for order in book.asks.orders())


@pytest.mark.parametrize(
    ("event", "ids"),
    [
        (Event("E", "10.1", "1.00", "add"), "ABCED"),
        (Event("E", "10.0", "1.00", "add"), "EABCD"),
        (Event("B", "10.1", "1.50", "modify"), "ABCD"),  # a fill keeps its place
        (Event("B", "10.10", "2.00", "modify"), "ABCD"),
        (Event("B", "10.1", "2.01", "modify"), "ACBD"),  # a larger quantity goes to the back
        (Event("B", "10.2", "1.00", "modify"), "ACDB"),  # a new price: the tail there
        (Event("D", "10.3", "4.00", "modify"), "ABCD"),
        (Event("X", "10.1", "1.00", "modify"), "ABCXD"),  # unknown, but it rests there now
        (Event("A", "10.1", "1.00", "add"), "BCAD"),  # an order that is sent anew stands anew
        (Event("B", "10.1", "2.00", "delete"), "ACD"),
        (Event("B", "99.9", "77", "delete"), "ACD"),  # its own price and quantity count, not the event's
        (Event("D", "10.2", "4.00", "delete"), "ABC"),
        (Event("X", "10.1", "1.00", "delete"), "ABCD"),
        (Event("B", "10.1", "0.00", "modify"), "ACD"),  # no quantity is no order
        (Event("X", "10.1", "0.00", "add"), "ABCD"),
    ],
)
def test_places_in_the_queue(event: Event, ids: str) -> None:
    assert after(event) == ids


def test_delete_needs_neither_price_nor_quantity() -> None:
    book = live()
    assert book.apply(b'{"symbol":"BTC/USD","asks":[{"event":"delete","order_id":"A"}]}', False).usable
    assert [order.order_id for order in book.asks.orders()] == ["B", "C", "D"]


def test_price_levels_beyond_the_depth_are_dropped_with_their_orders() -> None:
    assert after(Event("E", "10.0", "1.00", "add"), depth=2) == "EABC"
    assert after(Event("E", "10.0", "1.00", "add"), Event("D", "10.2", "4.00", "delete"), depth=2) == "EABC"
    gone = (Event("E", "10.0", "1.00", "add"), Event("F", "9.9", "1.00", "add"))
    assert after(*gone, depth=2) == "FE"


@pytest.mark.parametrize("rank", [0, 8, 9, 10, 11])
def test_the_checksum_covers_every_order_of_ten_prices(rank: int) -> None:
    orders = [Event(f"O{number}", f"{10 + number}.0", "1.00") for number in range(12)]
    book = OrderBook(25)
    checksum = crc([(order.price, order.qty) for order in orders[:10]], [])
    assert book.apply(level3_item((), orders, checksum), True).verdict is Verdict.VERIFIED
    joined = Event("P", orders[rank].price, "2.00", "add")
    orders.insert(rank + 1, joined)
    best = [(order.price, order.qty) for order in orders[: 11 if rank < 10 else 10]]
    assert book.apply(level3_item((), [joined], crc(best, [])), False).verdict is Verdict.VERIFIED
    left = Event("P", joined.price, "2.00", "delete")
    assert book.apply(level3_item((), [left], checksum), False).verdict is Verdict.VERIFIED


def test_finer_prices_keep_every_order_at_home() -> None:
    fine = Event("E", "10.15", "1.00", "add")
    assert after(fine, Event("B", "10.1", "1.00", "modify"), Event("D", "10.20", "0.50", "modify")) == "ABCED"


def test_orders_are_read_with_all_that_the_wire_says() -> None:
    book = OrderBook(10)
    item = (
        b'{"symbol":"BTC/USD","bids":[{"order_id":"O1","limit_price":"9.90","order_qty":1E-8,'
        b'"timestamp":"2026-03-02T14:04:51.004118230Z"}]}'
    )
    assert book.apply(item, True).verdict is Verdict.UNVERIFIABLE
    (order,) = book.bids.orders()
    assert (order.price, order.qty, order.timestamp) == (b"9.90", b"1E-8", "2026-03-02T14:04:51.004118230Z")
    (queue,) = book.bids
    assert list(queue.orders) == ["O1"]


def test_padding() -> None:
    book = OrderBook(10)
    item = level3_item([Event("A", "9.9", "1.5")], (), crc([], [("9.90", "1.500")]))
    assert book.apply(item, True).verdict is Verdict.MISMATCH
    outcome = book.pad(2, 3)
    assert outcome is not None
    assert (outcome.verdict, outcome.padded, book.state) == (Verdict.VERIFIED, True, State.LIVE)


def test_the_order_of_a_queue_is_verified() -> None:
    book = OrderBook(10)
    swapped = [QUEUE[1], QUEUE[0], *QUEUE[2:]]
    checksum = crc([(event.price, event.qty) for event in QUEUE], [])
    assert book.apply(level3_item((), swapped, checksum), True).verdict is Verdict.MISMATCH


@pytest.mark.parametrize(
    "item",
    [
        b"{",
        b'{"symbol":"A","asks":[{"limit_price":1.0,"order_qty":1.0}]}',
        b'{"symbol":"A","asks":[{"order_id":"A","order_qty":1.0}]}',
        b'{"symbol":"A","asks":[{"order_id":"A","limit_price":' + b"[" * 100_000,
        level3_item([Event("A", "-1.0", "1.0", "add")]),
        level3_item([Event("A", "1.0", "-1.0", "add")]),
        level3_item([Event("A", "1.0", "1.0", "replace")]),
    ],
)
def test_a_malformed_item_is_a_value_error_and_breaks_the_book(item: bytes) -> None:
    book = live()
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's and ours: one set, whatever the words
        book.apply(item, False)
    assert (book.state, len(book.asks), book.asks.order_count) == (State.BROKEN, 0, 0)


def test_a_decoded_item_is_taken_as_well() -> None:
    assert OrderBook(10).take(decode_level3(level3_item((), QUEUE)), True).usable
