"""Cells are the wire's texts: every digit of every recording, and every shape that an item may have."""

from typing import Any

import msgspec
import pytest

from krakencli.channels import CHANNELS
from krakencli.channels.instrument import ASSETS
from krakencli.formatters.cells import Cells
from krakencli.model import Channel, Column

from .kit import needs_recordings, read, recorded


def channel(*columns: str, **more: Any) -> Channel:
    return Channel("x", "x", "", tuple(Column(name) for name in columns), (), **more)


def expected(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


@needs_recordings
@pytest.mark.parametrize("name", ["ticker", "trade", "ohlc", "status"])
def test_recorded_records_keep_every_digit(name: str) -> None:
    columns = [column.field for column in CHANNELS[name].columns]
    cells = Cells(CHANNELS[name])
    records = list(recorded(CHANNELS[name]))
    assert records
    for type_, item in records:
        wire = read(bytes(item))
        assert cells.rows(type_, item) == [tuple(expected(wire.get(column)) for column in columns)]


@needs_recordings
@pytest.mark.parametrize("wanted", [CHANNELS["instrument"], ASSETS], ids=["pairs", "assets"])
def test_recorded_instruments_keep_their_exponents(wanted: Channel) -> None:
    records = list(recorded(wanted))
    assert records
    for type_, item in records:
        wire = read(bytes(item))
        row = tuple(expected(wire.get(column.field)) for column in wanted.columns)
        assert Cells(wanted).rows(type_, item) == [row]


@needs_recordings
def test_recorded_books_are_one_row_a_level_bids_first() -> None:
    cells = Cells(CHANNELS["book"])
    levels = 0
    for type_, item in recorded(CHANNELS["book"]):
        wire: Any = read(bytes(item))
        shared = (wire["checksum"], wire.get("timestamp", ""))
        rows = [
            (type_, wire["symbol"], side, level["price"], level["qty"], *shared)
            for side, name in (("bid", "bids"), ("ask", "asks"))
            for level in wire[name]
        ]
        levels += len(rows)
        assert cells.rows(type_, item) == rows
    assert levels > 2000


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("0.00000012", "0.00000012"),
        ("64000.10", "64000.10"),
        ("1E-8", "1E-8"),
        ("12345678901234567890", "12345678901234567890"),
        ("-0.0", "-0.0"),
        ("null", ""),
        ('"null"', "null"),
        ('""', ""),
        ("true", "true"),
        ("false", "false"),
        ('"a\\"b\\\\c\\u00e9\\n"', 'a"b\\cé\n'),
        ('"\\ud83d\\ude00"', "😀"),
        ('[{"asset":"USD","qty":0.04248}]', '[{"asset":"USD","qty":0.04248}]'),
        ('{"price":66000.0}', '{"price":66000.0}'),
    ],
)
def test_a_value_becomes_its_text(value: str, cell: str) -> None:
    assert Cells(channel("a", "b")).rows("update", f'{{"b":7,"a": {value} }}'.encode()) == [(cell, "7")]


def test_missing_fields_are_empty_and_unknown_ones_are_left_out() -> None:
    assert Cells(channel("a", "b")).rows("update", b'{"later":1,"b":"x"}') == [("", "x")]


def test_a_column_type_is_the_frames_unless_the_item_has_its_own() -> None:
    cells = Cells(channel("type", "a"))
    assert cells.rows("snapshot", b'{"a":1}') == [("snapshot", "1")]
    assert cells.rows("snapshot", b'{"a":1,"type":"deposit"}') == [("deposit", "1")]


def test_a_column_ledger_type_takes_the_items_type() -> None:
    cells = Cells(channel("type", "ledger_type", "sequence"))
    assert cells.rows("update", b'{"type":"deposit"}', 7) == [("update", "deposit", "7")]
    assert cells.rows("update", b'{"sequence":1}') == [("update", "", "")]


def test_a_level_speaks_before_its_item() -> None:
    cells = Cells(channel("side", "order_id", "timestamp", "checksum", sides=("bids", "asks")))
    item = (
        b'{"checksum":9,"timestamp":"item","asks":[{"order_id":"O1","timestamp":"level"}],"bids":null,'
        b'"order_id":"never seen twice"}'
    )
    assert cells.rows("update", item) == [("ask", "O1", "level", "9")]


def test_an_item_without_levels_has_no_rows() -> None:
    assert Cells(CHANNELS["book"]).rows("update", b'{"symbol":"BTC/USD","bids":[],"asks":[]}') == []


@pytest.mark.parametrize(
    "item",
    [b"", b"null", b"[]", b'{"a":1', b'{"a":01}', b'{"a":"\n"}', b'{"a":"\xff"}', b'{"a":["\xff"]}'],
)
def test_what_is_no_record_raises(item: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Cells(channel("a")).rows("update", item)


def test_levels_that_are_no_list_raise() -> None:
    with pytest.raises(msgspec.ValidationError):
        Cells(CHANNELS["book"]).rows("update", b'{"bids":7}')
