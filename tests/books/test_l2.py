"""The law of the L2 book, line by line (protocol notes v2 §7.2, §9.1)."""

import pytest
from msgspec import Raw

from krakencli.books import Book, Outcome, State, Verdict, decode_book

from .kit import book_item, crc

BIDS = [("9.9", "1.00"), ("9.8", "2.50")]
ASKS = [("10.1", "0.50"), ("10.2", "3.00")]
GOOD = crc(ASKS, BIDS)


def live(depth: int = 10) -> Book:
    book = Book(depth)
    assert book.apply(book_item(BIDS, ASKS, GOOD), True).verdict is Verdict.VERIFIED
    return book


def test_snapshot_is_verified_and_read_as_it_was_sent() -> None:
    book = Book(10)
    outcome = book.apply(Raw(book_item(BIDS, ASKS, GOOD)), True)
    assert outcome == Outcome(Verdict.VERIFIED, GOOD, GOOD)
    assert outcome.usable
    assert (list(book.bids), list(book.asks)) == (BIDS, ASKS)
    assert book.state is State.LIVE


def test_update_before_the_first_snapshot_is_refused() -> None:
    book = Book(10)
    outcome = book.apply(book_item(BIDS, ASKS, GOOD), False)
    assert outcome == Outcome(Verdict.NO_SNAPSHOT)
    assert not outcome.usable
    assert (len(book.bids), book.state) == (0, State.EMPTY)


def test_entries_are_applied_in_order_and_a_price_may_come_twice() -> None:
    book = live()
    changes = [("10.1", "0.00"), ("10.3", "1.00"), ("10.1", "7.00"), ("10.3", "2.00")]
    expected = [("10.1", "7.00"), ("10.2", "3.00"), ("10.3", "2.00")]
    assert book.apply(book_item((), changes, crc(expected, BIDS)), False).verdict is Verdict.VERIFIED
    assert list(book.asks) == expected


def test_deleting_an_unknown_level_is_harmless() -> None:
    book = live()
    assert book.apply(book_item([("1.0", "0.00")], [("99.9", "0")], GOOD), False).verdict is Verdict.VERIFIED


def test_levels_beyond_the_depth_are_dropped_after_the_whole_message() -> None:
    book = live(2)
    after = [("10.0", "1.00"), ("10.2", "3.00")]
    item = book_item((), [("10.0", "1.00"), ("10.1", "0.00")], crc(after, BIDS))
    assert book.apply(item, False).verdict is Verdict.VERIFIED  # cut between the two, 10.2 would be gone
    better = [("9.9", "1.00"), ("10.0", "1.00")]
    assert book.apply(book_item((), better[:1], crc(better, BIDS)), False).verdict is Verdict.VERIFIED
    assert list(book.asks) == better


def test_snapshot_replaces_everything() -> None:
    book = live()
    assert book.apply(book_item([], [("5.00", "1.0")], crc([("5.00", "1.0")], [])), True).usable
    assert (list(book.bids), list(book.asks)) == ([], [("5.00", "1.0")])


def test_an_empty_book_verifies() -> None:
    assert Book(10).apply(book_item((), (), 0), True).verdict is Verdict.VERIFIED


def test_after_a_mismatch_updates_are_refused_until_a_snapshot() -> None:
    book = live()
    outcome = book.apply(book_item((), [("10.1", "0.60")], GOOD), False)
    assert outcome == Outcome(Verdict.MISMATCH, GOOD, crc([("10.1", "0.60"), ASKS[1]], BIDS))
    assert not outcome.usable
    assert (book.state, outcome.usable) == (State.DOUBTFUL, False)
    back = book_item((), [("10.1", "0.50")], GOOD)
    assert book.apply(back, False) == Outcome(Verdict.BROKEN)
    assert next(iter(book.asks)) == ("10.1", "0.60"), "the levels in doubt are kept as they were"
    book.reject()
    assert (book.state, len(book.bids), len(book.asks)) == (State.BROKEN, 0, 0)
    assert book.apply(back, False) == Outcome(Verdict.BROKEN)
    assert book.apply(book_item(BIDS, ASKS, GOOD), True).usable
    assert book.state is State.LIVE


def test_a_snapshot_ends_doubt_without_a_word() -> None:
    book = live()
    book.apply(book_item((), (), GOOD ^ 1), False)
    assert book.apply(book_item(BIDS, ASKS, GOOD), True).usable
    assert book.pad(1, 2) is None, "nothing is in doubt any more"


@pytest.mark.parametrize("checksum", [None, "null"])
def test_a_message_without_checksum_is_applied_and_said_to_be_unverifiable(checksum: None) -> None:
    book = live()
    outcome = book.apply(book_item((), [("10.1", "9.00")], checksum), False)
    assert outcome == Outcome(Verdict.UNVERIFIABLE)
    assert outcome.usable
    assert next(iter(book.asks)) == ("10.1", "9.00")


def test_without_verifying_nothing_is_verified() -> None:
    book = Book(10, verify=False)
    assert book.apply(book_item(BIDS, ASKS, 1), True) == Outcome(Verdict.UNVERIFIABLE, 1)


@pytest.mark.parametrize(("ask", "crossed"), [("9.8", True), ("9.9", True), ("9.90", True), ("9.91", False)])
def test_a_crossed_book_is_told_and_is_verified(ask: str, crossed: bool) -> None:
    asks = [(ask, "1.00")]
    outcome = Book(10).apply(book_item(BIDS, asks, crc(asks, BIDS)), True)
    assert (outcome.verdict, outcome.crossed) == (Verdict.VERIFIED, crossed)


def test_padding_is_offered_after_a_mismatch_and_stays() -> None:
    full = crc([("10.10", "0.50")], [("9.90", "1.00")])
    book = Book(10)
    doubtful = book.apply(book_item([("9.9", "1")], [("10.1", "0.5")], full), True)
    assert doubtful.verdict is Verdict.MISMATCH
    wrong = book.pad(3, 2)
    assert wrong is not None
    assert (wrong.verdict, book.state) == (Verdict.MISMATCH, State.DOUBTFUL)
    padded = book.pad(2, 2)
    assert padded is not None
    assert (padded.verdict, padded.padded, padded.computed) == (Verdict.VERIFIED, True, doubtful.computed)
    assert book.state is State.LIVE
    assert list(book.bids) == [("9.9", "1")], "what is emitted is the wire's text"
    later = book.apply(book_item((), [("10.1", "0.7")], crc([("10.10", "0.70")], [("9.90", "1.00")])), False)
    assert (later.verdict, later.padded) == (Verdict.VERIFIED, True)


def test_nothing_is_padded_where_the_wire_verifies() -> None:
    book = Book(10, precisions=(5, 8))
    outcome = book.apply(book_item(BIDS, ASKS, GOOD), True)
    assert (outcome.verdict, outcome.padded) == (Verdict.VERIFIED, False)


def test_surplus_zeros_are_cut_and_other_digits_never() -> None:
    book = Book(10, precisions=(1, 2))
    cut = book.apply(
        book_item([("9.9000", "1.0")], [("10.15", "2.0000")], crc([("10.15", "2.00")], BIDS[:1])), True
    )
    assert (cut.verdict, cut.padded) == (Verdict.VERIFIED, True)


@pytest.mark.parametrize("precisions", [(-1, 8), (1, 99)])
def test_absurd_precisions_are_refused(precisions: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no number of decimals"):
        Book(10).pad(*precisions)
    with pytest.raises(ValueError, match="no number of decimals"):
        Book(10, precisions=precisions)


def test_absurd_depths_are_refused() -> None:
    with pytest.raises(ValueError, match="depth 0"):
        Book(0)


def test_one_price_in_several_spellings_is_one_level() -> None:
    book = Book(10)
    book.apply(book_item((), [("45285", "1"), ("45285.2", "1.0"), ("45285.1", "2")], None), True)
    book.apply(book_item([("45280", "1")], [("45285.20", "3.0"), ("45285.100", "0")], None), False)
    assert list(book.asks) == [("45285", "1"), ("45285.20", "3.0")]
    book.apply(book_item((), [("45285.2", "0.0"), ("4.5285e4", "0")], None), False)
    assert (list(book.asks), book.asks.decimals) == ([], book.bids.decimals)


def test_strings_integers_and_exponents_are_numbers() -> None:
    asks = [("67310.0", "0.00000010"), ("67311", "1.5")]
    item = book_item((), [('"67310.0"', "1.0E-7"), ("67311", '"1.5"')], crc(asks, ()))
    book = Book(10)
    assert book.apply(item, True).verdict is Verdict.VERIFIED
    assert list(book.asks) == [("67310.0", "1.0E-7"), ("67311", "1.5")]


def test_a_checksum_in_quotes_is_a_checksum() -> None:
    item = book_item(BIDS, ASKS, GOOD).replace(str(GOOD).encode(), f'"{GOOD}"'.encode())
    assert Book(10).apply(item, True).verdict is Verdict.VERIFIED


def test_unknown_fields_are_skipped_and_a_missing_side_is_untouched() -> None:
    book = live()
    item = b'{"symbol":"BTC/USD","asks":[{"price":10.1,"qty":0.60,"orders":3}],"venue":{"a":[1]}}'
    assert book.apply(item, False).usable
    assert (list(book.bids), next(iter(book.asks))) == (BIDS, ("10.1", "0.60"))


def test_a_decoded_item_is_taken_as_well() -> None:
    message = decode_book(book_item(BIDS, ASKS, GOOD))
    assert message.symbol == "BTC/USD"
    assert Book(10).take(message, True).verdict is Verdict.VERIFIED


PRICES = (
    *("-1.5", "-1", "-0.0", '"-1.5"', '"1_0"', '" 1"', '""', '"."', '"1."', '".5"', "null", "[]", "{}"),
    *("1e999", "1e-999", "0e999", "1e40", "1e9999999"),
    *("1" * 10_000, "0." + "1" * 10_000, f'"{"1" * 10_000}"'),
)
QUANTITIES = ("-0.5", '"05"', '"x"', '"\u0661"', '"NaN"', '"Infinity"', "true", "0." + "0" * 10_000 + "1")


@pytest.mark.parametrize(
    "item",
    [
        b"",
        b"{",
        b"[]",
        b'{"bids":[]}',
        b'{"symbol":"\xff"}',
        b'{"symbol":1}',
        book_item([("1.0", "1.0")], checksum="x"),  # type: ignore[arg-type]
        b'{"symbol":"A","bids":[{"price":1.0}]}',
        b'{"symbol":"A","bids":[{"price":' + b"[" * 100_000,
        *(book_item([(price, "1.0")]) for price in PRICES),
        *(book_item([("1.0", qty)]) for qty in QUANTITIES),
    ],
)
def test_a_malformed_item_is_a_value_error_and_breaks_the_book(item: bytes) -> None:
    book = live()
    with pytest.raises(ValueError):  # noqa: PT011 - msgspec's and ours: one set, whatever the words
        book.apply(item, False)
    assert (book.state, len(book.asks)) == (State.BROKEN, 0)
    assert book.apply(book_item(BIDS, ASKS, GOOD), False).verdict is Verdict.BROKEN
