"""CSV, read back by the standard library's reader, says what the wire said."""

import csv
import io
import json
import subprocess
import sys

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from krakencli.channels import CHANNELS
from krakencli.formatters.csv import Csv
from krakencli.model import Channel, Column

from .kit import needs_recordings, read, recorded

PAIR = Channel("x", "x", "", (Column("a"), Column("b")), ())

NUMBERS = ["0.00000012", "64000.10", "1E-8", "12345678901234567890", "-0.00", "1e+400"]
NASTY = [
    "",
    "a,b",
    'say "hi"',
    "two\nlines",
    "cr\rlf\r\n",
    "=1+1",
    "+x",
    "@x",
    "-x",
    "null",
    "[",
    "{",
    "é€😀",
    "\\n",
    "\t",
]


def parsed(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))


@settings(deadline=None)
@given(
    st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]))),
    st.sampled_from(NUMBERS),
    st.booleans(),
)
def test_any_string_and_any_number_come_back(words: str, number: str, escaped: bool) -> None:
    item = f'{{"a":{json.dumps(words, ensure_ascii=escaped)},"b":{number}}}'.encode()
    assert parsed(Csv(PAIR).lines("update", item)) == [[words, number]]


CONTROLS = {chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160), 0x2028, 0x2029)}


@settings(deadline=None)
@given(st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(sorted(CONTROLS)))))
@example("".join(sorted(CONTROLS)))
def test_no_text_breaks_a_line_or_steers_a_terminal(words: str) -> None:
    data = Csv(PAIR).lines("update", json.dumps({"a": words, "b": 1}).encode())
    escaped = "".join(f"\\u{ord(each):04x}" if each in CONTROLS else each for each in words)
    assert parsed(data) == [[escaped, "1"]]
    assert not CONTROLS & set(data.decode())


def test_a_control_character_stands_as_its_escape() -> None:
    assert Csv(PAIR).lines("update", b'{"a":"x\\u001b[2Jy\\u0000","b":1}') == b"x\\u001b[2Jy\\u0000,1\n"


def test_the_header_is_one_line_of_the_wires_names() -> None:
    assert Csv(CHANNELS["trade"]).header == b"symbol,side,price,qty,ord_type,trade_id,timestamp\n"


def test_quotes_only_where_rfc_4180_asks() -> None:
    lines = Csv(PAIR).lines
    assert lines("update", b'{"a":"BTC/USD","b":64000.10}') == b"BTC/USD,64000.10\n"
    assert lines("update", b'{"a":"a,\\"b","b":[1,2]}') == b'"a,""b","[1,2]"\n'
    assert lines("update", b'{"a":null}') == b",\n"


def test_a_cell_that_a_spreadsheet_would_run_is_left_as_it_is() -> None:
    assert Csv(PAIR).lines("update", b'{"a":"=1+1","b":"@x"}') == b"=1+1,@x\n"


def test_a_book_item_is_a_line_a_level() -> None:
    item = b'{"symbol":"BTC/USD","asks":[{"price":1.20,"qty":0.00}],"bids":[{"price":1.10,"qty":2.00}]}'
    assert Csv(CHANNELS["book"]).lines("update", item, None) == (
        b"update,BTC/USD,bid,1.10,2.00,,\nupdate,BTC/USD,ask,1.20,0.00,,\n"
    )
    assert Csv(CHANNELS["book"]).lines("update", b'{"bids":[],"asks":[]}') == b""


@needs_recordings
@pytest.mark.parametrize("name", ["ticker", "trade", "ohlc", "status"])
def test_recordings_come_back_digit_for_digit(name: str) -> None:
    channel = CHANNELS[name]
    table = Csv(channel)
    data, wires = table.header, []
    for type_, item in recorded(channel):
        data += table.lines(type_, item)
        wires.append(read(bytes(item)))
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert rows
    assert rows == [
        {column.field: wire.get(column.field, "") for column in channel.columns} for wire in wires
    ]


def test_what_is_no_record_raises() -> None:
    with pytest.raises(msgspec.DecodeError):
        Csv(PAIR).lines("update", b'{"a":"\xff"}')


def test_csv_needs_no_rich() -> None:
    program = (
        "import sys, krakencli.formatters.csv, krakencli.formatters.caption; print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
