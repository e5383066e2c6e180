"""The stores: the newest row a key in a steady order, and a bounded tape."""

import msgspec
import pytest

from krakencli.channels import CHANNELS
from krakencli.formatters.table.rows import Latest, Row, Tape, rows_of

from ..kit import ticker, trade

LAST = [column.field for column in CHANNELS["ticker"].columns].index("last")
BID = LAST - 4
PRICE = 2


def test_a_channel_with_a_key_keeps_the_newest_and_one_without_is_a_tape() -> None:
    kinds = {name: type(rows_of(channel)) for name, channel in CHANNELS.items()}
    assert kinds == {
        "ticker": Latest,
        "trade": Tape,
        "ohlc": Latest,
        "book": Tape,
        "level3": Tape,
        "spread": Latest,
        "instrument": Latest,
        "status": Latest,
        "executions": Tape,
        "open-orders": Tape,
        "own-trades": Tape,
        "balances": Tape,
    }


def test_rows_stay_in_the_order_of_their_first_appearance() -> None:
    store = Latest(CHANNELS["ticker"])
    for symbol, last in (("B/USD", "1"), ("A/USD", "2"), ("B/USD", "3")):
        store.add("update", ticker(symbol, last))
    assert [(row.cells[0], row.cells[LAST]) for row in store.take(0.0, 0)] == [("B/USD", "3"), ("A/USD", "2")]
    store.add("update", ticker("A/USD", "4"))
    assert [(row.cells[0], row.cells[LAST]) for row in store.take(0.0, 0)] == [("B/USD", "3"), ("A/USD", "4")]


def test_a_key_of_two_fields_keeps_a_row_for_each() -> None:
    store = Latest(CHANNELS["ohlc"])
    for interval in (1, 5, 1):
        store.add("update", b'{"symbol":"BTC/USD","interval":%d}' % interval)
    assert [row.cells[-1] for row in store.take(0.0, 0)] == ["1", "5"]


def test_a_row_is_as_old_as_the_drawing_that_first_showed_it() -> None:
    store = Latest(CHANNELS["ticker"])
    store.add("update", ticker("A/USD"))
    assert [row.arrived for row in store.take(5.0, 0)] == [5.0]
    assert [row.arrived for row in store.take(9.0, 0)] == [5.0]
    store.add("update", ticker("A/USD"))
    assert [row.arrived for row in store.take(11.0, 0)] == [11.0]


def test_a_move_lasts_until_the_next_one() -> None:
    store = Latest(CHANNELS["ticker"])

    def after(last: str, now: float) -> Row:
        store.add("update", ticker("A/USD", last))
        return store.take(now, 0)[0]

    assert after("64000.10", 0).moves[LAST] == 0
    assert after("64000.2", 1).moves[LAST] == 1
    row = after("64000.20", 2)
    assert (row.moves[LAST], row.moved[LAST]) == (1, 1)
    row = after("9", 3)
    assert (row.moves[LAST], row.moved[LAST]) == (-1, 3)
    assert row.moves[BID] == 0


def test_what_is_no_record_raises_and_does_not_stay() -> None:
    store = Latest(CHANNELS["ticker"])
    with pytest.raises(msgspec.DecodeError):
        store.add("update", b"[]")
    store.add("update", b'{"symbol":"A/USD","last":"\xff"}')
    store.add("update", ticker("B/USD"))
    with pytest.raises(msgspec.DecodeError):
        store.take(0.0, 0)
    assert [row.cells[0] for row in store.take(0.0, 0)] == ["B/USD"]


def test_a_tape_is_newest_first_and_knows_the_moves_of_each_symbol() -> None:
    tape = Tape(CHANNELS["trade"])
    for price, symbol in (("2.0", "A"), ("9.0", "B"), ("2.1", "A"), ("2.10", "A"), ("8.9", "B")):
        tape.add("update", trade(price, symbol=symbol))
    rows = tape.take(0.0, 10)
    assert [(row.cells[PRICE], row.moves[PRICE]) for row in rows] == [
        ("8.9", -1),
        ("2.10", 0),
        ("2.1", 1),
        ("9.0", 0),
        ("2.0", 0),
    ]


def test_a_tape_is_bounded_but_never_shorter_than_the_window() -> None:
    tape = Tape(CHANNELS["trade"])

    def shown(wanted: int) -> int:
        for number in range(2000):
            tape.add("update", trade("1.0", number))
        return len(tape.take(0.0, wanted))

    assert shown(24) == 256
    assert shown(400) == 256
    assert shown(400) == 400


def test_a_books_tape_shows_a_row_a_level_without_moves() -> None:
    tape = Tape(CHANNELS["book"])
    for price in ("1.0", "2.0"):
        level = f'{{"price":{price},"qty":1.0}}'
        tape.add("update", f'{{"symbol":"A","bids":[{level},{level}],"asks":[]}}'.encode())
    assert [(row.cells[3], row.moves[3]) for row in tape.take(0.0, 9)] == [("2.0", 0)] * 2 + [("1.0", 0)] * 2
