"""What API v1's arrays become: digits, times, order of fields; and what is none of them (notes v1 §5)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.channels import CHANNELS, book, ohlc, spread, ticker, trade
from krakencli.channels.wire_v1 import stamp, stamp_before

X = b'"BTC/USD"'
QUOTE = b'["30099.90000","30100.10000","1750000142.601204","0.90000000","0.50000000"]'
CANDLE = (
    b'["1750000057.748456","1750000060.000000","30095.00000","30100.10000","30090.20000","30100.10000",'
    b'"30096.41207","3.20177000",14]'
)
UPDATE = (
    b'{"a":[["30100.50000","0.90000000","1750000000.504000"],["30100.50000","0.00000000","1750000000.504090"],'
    b'["30108.00000","5.00000000","1749999980.500000","r"]]},'
    b'{"b":[["30100.20000","0.35000000","1750000000.504120"]],"c":"3336963850"}'
)


def test_a_ticker_has_the_figures_of_a_day() -> None:
    payload = (
        b'{"a":["30100.10000",0,"0.50000000"],"b":["30099.90000",2,"2.90000000"],'
        b'"c":["30100.10000","0.01250000"],"v":["812.40210033","1904.11873520"],'
        b'"p":["30041.22817","29988.71043"],"t":[9120,21877],"l":["29800.00000","29650.00000"],'
        b'"h":["30210.40000","30210.50000"],"o":["29910.00000","29870.20000"],"new":"field"}'
    )
    assert ticker.decode_v1(payload, X, 0) == [
        b'{"symbol":"BTC/USD","bid":30099.90000,"bid_qty":2.90000000,"ask":30100.10000,"ask_qty":0.50000000,'
        b'"last":30100.10000,"volume":1904.11873520,"vwap":29988.71043,"low":29650.00000,"high":30210.50000,'
        b'"trades":21877}'
    ]


def test_a_candle_begins_its_length_before_its_end() -> None:
    assert ohlc.decode_v1(CANDLE, X, 1) == [
        b'{"symbol":"BTC/USD","open":30095.00000,"high":30100.10000,"low":30090.20000,"close":30100.10000,'
        b'"trades":14,"volume":3.20177000,"vwap":30096.41207,"interval_begin":"2025-06-15T15:06:40.000000Z",'
        b'"interval":1,"timestamp":"2025-06-15T15:07:40.000000Z"}'
    ]
    assert ohlc.decode_v1(CANDLE.replace(b",14]", b',"14"]'), X, 1) == ohlc.decode_v1(CANDLE, X, 1)
    assert ohlc.time_v1(CANDLE) == "2025-06-15T15:07:37.748456Z"


def test_trades_keep_their_order_and_their_digits() -> None:
    rows = (
        b'[["30100.10000","0.01250000","1750000142.557535","b","l",""],'
        b'["0.000022930","20000000.00000000","1750000142.557611","s","m","a\\"b"],'
        b'["1","2","1.000000","s","stop-loss","",7,"new"]]'
    )
    assert [json.loads(item, parse_float=str) for item in trade.decode_v1(rows, X, 0)] == [
        {
            "symbol": "BTC/USD",
            "side": side,
            "price": price,
            "qty": qty,
            "ord_type": type_,
            "timestamp": time,
        }
        for side, price, qty, type_, time in (
            ("buy", "30100.10000", "0.01250000", "limit", "2025-06-15T15:09:02.557535Z"),
            ("sell", "0.000022930", "20000000.00000000", "market", "2025-06-15T15:09:02.557611Z"),
            ("sell", 1, 2, "stop-loss", "1970-01-01T00:00:01.000000Z"),
        )
    ]
    assert trade.decode_v1(b"[]", X, 0) == []


def test_a_quote_names_the_bid_first() -> None:
    assert spread.decode_v1(QUOTE, X, 0) == [
        b'{"symbol":"BTC/USD","bid":30099.90000,"bid_qty":0.90000000,"ask":30100.10000,"ask_qty":0.50000000,'
        b'"timestamp":"2025-06-15T15:09:02.601204Z"}'
    ]


@pytest.mark.parametrize(
    "payload",
    [
        UPDATE,
        UPDATE.replace(b"},{", b"}, {"),
        b"{%b},{%b}" % (UPDATE.partition(b"},{")[2][:-1], UPDATE.partition(b"},{")[0][1:]),
        UPDATE.replace(b"},{", b","),
        UPDATE.replace(b'"c"', b'"x":{"y":[1]},"c"'),
    ],
)
def test_both_sides_of_a_book_are_one_item(payload: bytes) -> None:
    assert book.decode_v1(payload, X, 10) == [
        b'{"symbol":"BTC/USD","bids":[{"price":30100.20000,"qty":0.35000000}],"asks":['
        b'{"price":30100.50000,"qty":0.90000000},{"price":30100.50000,"qty":0.00000000},'
        b'{"price":30108.00000,"qty":5.00000000}],"checksum":3336963850}'
    ]
    assert not book.is_snapshot_v1(payload)


@pytest.mark.parametrize("mark", [b"", b',"r"'])
@pytest.mark.parametrize("side", [b"a", b"b"])
def test_a_change_of_one_level(side: bytes, mark: bytes) -> None:
    payload = b'{"%b":[["1.0","2.00","3.000000"%b]],"c":"42"}' % (side, mark)
    level = b'{"price":1.0,"qty":2.00}'
    bids, asks = (b"", level) if side == b"a" else (level, b"")
    due = [b'{"symbol":"BTC/USD","bids":[%b],"asks":[%b],"checksum":42}' % (bids, asks)]
    assert book.decode_v1(payload, X, 10) == due
    assert book.decode_v1(payload.replace(b",", b", "), X, 10) == due
    assert book.decode_v1(payload.replace(b'"42"', b'"0042"'), X, 10) == due


@pytest.mark.parametrize(
    ("payload", "bids", "asks"),
    [
        (b'{"as":[],"bs":[]}', b"", b""),
        (b'{"bs":[["1.0","2.00","3.000000"]]}', b'{"price":1.0,"qty":2.00}', b""),
        (b'{"as":[["1.0","2.00","3.000000"]],"bs":[]}', b"", b'{"price":1.0,"qty":2.00}'),
    ],
)
def test_a_snapshot_of_a_book_has_no_checksum(payload: bytes, bids: bytes, asks: bytes) -> None:
    assert book.is_snapshot_v1(payload)
    assert book.decode_v1(payload, X, 10) == [b'{"symbol":"BTC/USD","bids":[%b],"asks":[%b]}' % (bids, asks)]


DECODERS = {
    "ticker": ticker.decode_v1,
    "ohlc": ohlc.decode_v1,
    "trade": trade.decode_v1,
    "spread": spread.decode_v1,
    "book": book.decode_v1,
}


@pytest.mark.parametrize("channel", DECODERS)
@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{}" * 2,
        b"7",
        b'"text"',
        b"[[]]",
        b'[["x"]]',
        QUOTE.replace(b"30099.90000", b"030099.9"),
        QUOTE.replace(b"30099.90000", b"-1"),
        QUOTE.replace(b"30099.90000", b"1e5"),
        CANDLE[:-1],
        CANDLE.replace(b"30095.00000", b"30095."),
        UPDATE.replace(b"0.35000000", b'0.35","evil":"1'),
        UPDATE.replace(b'"c":"3336963850"', b'"c":"many"'),
        b'[["1","2","3.0","b","l",""],]',
        b'{"a":["1",0,"2"]}',
    ],
)
def test_what_is_no_payload_is_an_error(channel: str, payload: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        DECODERS[channel](payload, X, 1)


@given(st.integers(0, 4_102_444_800), st.integers(0, 999_999), st.sampled_from([1, 5, 21600]))
def test_times_are_those_of_the_calendar(seconds: int, micro: int, minutes: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=micro)
    texts = b"%d" % seconds, b"%06d" % micro
    assert datetime.fromisoformat(stamp(*texts).decode()) == moment
    if seconds >= 60 * minutes:
        before = datetime.fromisoformat(stamp_before(*texts, minutes).decode())
        assert before == moment - timedelta(minutes=minutes)


def test_what_v1_has_keeps_its_names() -> None:
    for name in ("ticker", "ohlc", "trade", "spread", "book", "status"):
        channel = CHANNELS[name]
        assert channel.v1 is not None
        assert [one.field for one in channel.v1.columns] == [one.field for one in channel.columns]
        assert channel.v1.snapshot is None
    assert {name for name, channel in CHANNELS.items() if channel.v1 is None} >= {
        "level3",
        "instrument",
        "balances",
        "executions",
    }
