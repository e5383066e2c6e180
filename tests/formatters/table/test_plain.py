"""Plain rows: aligned, appended, nothing but text."""

import re

import pytest

from krakencli.channels import CHANNELS
from krakencli.formatters.table import PlainTable

from ..kit import needs_recordings, recorded, ticker, trade


def test_numbers_end_under_their_title() -> None:
    table = PlainTable(CHANNELS["trade"])
    lines = [table.header, *(table.lines("update", trade(price)) for price in ("64000.10", "0.5"))]
    assert b"".join(lines).decode().splitlines() == [
        "symbol     side        price             qty  order type  trade id  time UTC",
        "BTC/USD    buy     64,000.10      0.10000000  limit       1         14:05:06.120",
        "BTC/USD    buy           0.5      0.10000000  limit       1         14:05:06.120",
    ]


def test_widths_only_grow() -> None:
    table = PlainTable(CHANNELS["trade"])
    before = table.lines("update", trade("1.0")).index(b"limit")
    wide = table.lines("update", trade("123456789012.0")).index(b"limit")
    after = table.lines("update", trade("1.0")).index(b"limit")
    assert before < wide == after


def test_nothing_of_the_network_is_a_control_code() -> None:
    data = PlainTable(CHANNELS["ticker"]).lines("update", ticker("\x1b[31m\nA\u202e[red]/USD"))
    assert data.count(b"\n") == 1
    assert "�[31m�A�[red]/USD" in data.decode()


def test_a_book_is_a_line_a_level() -> None:
    table = PlainTable(CHANNELS["book"])
    data = table.lines("update", b'{"symbol":"A","bids":[{"price":1,"qty":2},{"price":1,"qty":2}],"asks":[]}')
    assert data.count(b"\n") == 2


@needs_recordings
@pytest.mark.parametrize("name", list(CHANNELS))
def test_recorded_records_are_aligned_rows(name: str) -> None:
    table = PlainTable(CHANNELS[name])
    records = list(recorded(CHANNELS[name]))
    lines = b"".join(table.lines(type_, item) for type_, item in records).decode().splitlines()
    assert lines
    assert all(re.fullmatch(r"[ -~]+", line) and line == line.rstrip() for line in lines)
