"""Any sequence of messages leaves the book of a naive model, and the checksum that it has from scratch."""

from hypothesis import given, settings
from hypothesis import strategies as st

from krakencli.books import Book, OrderBook, State, Verdict

from .kit import Event, NaiveOrders, NaiveSide, book_item, crc, level3_item

Pairs = list[tuple[str, str]]
Events = list[Event]

PRICES = st.sampled_from(
    [
        "9",
        "9.0",
        "9.00",
        "9.5",
        "9.50",
        "9.05",
        "90E-1",
        "10",
        "10.0",
        "10.5",
        "10.25",
        "11.0",
        "11.125",
        "12.5",
    ]
    + [f"{20 + step}.{tail}" for step in range(14) for tail in ("0", "50")]
)
QTYS = st.sampled_from(["0", "0.0", "0.00000000", "0E0", "1", "1.0", "2.50", "0.00000012", "1.2E-7", "31.4"])
LEVELS = st.lists(st.tuples(PRICES, QTYS), max_size=16)
MESSAGES = st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=8)
DEPTHS = st.sampled_from([1, 3, 9, 10, 11, 25])


@given(MESSAGES, DEPTHS)
@settings(max_examples=200, deadline=None)
def test_l2_is_a_dictionary_sorted_and_cut(messages: list[tuple[Pairs, Pairs]], depth: int) -> None:
    book, bids, asks = Book(depth), NaiveSide(bids=True), NaiveSide(bids=False)
    for number, (bid_changes, ask_changes) in enumerate(messages):
        for side, changes in ((bids, bid_changes), (asks, ask_changes)):
            side.update(changes)
            side.cut(depth)
        expected = crc(asks.texts[:10], bids.texts[:10])
        outcome = book.apply(book_item(bid_changes, ask_changes, expected), number == 0)
        assert (outcome.verdict, outcome.computed, outcome.padded) == (Verdict.VERIFIED, expected, False)
        assert (list(book.bids), list(book.asks)) == (bids.texts, asks.texts)
        both = bool(bids.levels and asks.levels)
        assert outcome.crossed == (both and next(iter(bids.levels)) >= next(iter(asks.levels)))


EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from([f"O{number}" for number in range(24)]),
        PRICES,
        QTYS,
        st.sampled_from(["add", "add", "modify", "modify", "delete", ""]),
    ),
    max_size=20,
)


@given(st.lists(st.tuples(EVENTS, EVENTS), min_size=1, max_size=8), DEPTHS)
@settings(max_examples=200, deadline=None)
def test_l3_is_a_list_of_orders_grouped_by_price(messages: list[tuple[Events, Events]], depth: int) -> None:
    book, bids, asks = OrderBook(depth), NaiveOrders(bids=True), NaiveOrders(bids=False)
    for number, (bid_events, ask_events) in enumerate(messages):
        for naive, events in ((bids, bid_events), (asks, ask_events)):
            naive.update(events)
            naive.cut(depth)
        best = [[order[1:] for order in naive.ranked(10)] for naive in (asks, bids)]
        expected = crc(*best)
        outcome = book.apply(level3_item(bid_events, ask_events, expected), number == 0)
        assert (outcome.verdict, outcome.computed) == (Verdict.VERIFIED, expected)
        for side, naive in ((book.bids, bids), (book.asks, asks)):
            orders = [(o.order_id, o.price.decode(), o.qty.decode()) for o in side.orders()]
            assert orders == naive.ranked(depth)
            assert side.order_count == len(orders)


@given(st.binary(max_size=200) | st.text(max_size=60).map(lambda text: book_item([(text, text)])))
def test_nothing_but_value_errors_comes_out(item: bytes) -> None:
    for book in (Book(10), OrderBook(10)):
        try:
            book.apply(item, True)
        except ValueError:
            assert book.state is State.BROKEN
