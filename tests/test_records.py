"""From items to records: untouched, filtered, projected or held back, as the channel says."""

import json
from collections.abc import Iterable

import msgspec
import pytest
from msgspec import Raw

from krakencli.candles import ClosedCandles
from krakencli.channels import CHANNELS
from krakencli.channels.instrument import ASSETS
from krakencli.model import Channel, News, Record, Run
from krakencli.protocol.messages import Update
from krakencli.protocol.v2 import decode
from krakencli.records import Records
from krakencli.stage import Step


def updates(*frames: str) -> list[Update]:
    found = [decode(frame.encode()) for frame in frames]
    return [update for update in found if isinstance(update, Update)]


def frame(channel: str, *items: str, type_: str = "update") -> str:
    return f'{{"channel":"{channel}","type":"{type_}","data":[{",".join(items)}]}}'


def printed(steps: Iterable[Step]) -> list[Record]:
    """The records of all runs."""
    return [record for step in steps if isinstance(step, Run) for record in step.records]


def texts(records: list[Record]) -> list[str]:
    return [bytes(item).decode() for _, item in records]


@pytest.mark.parametrize("name", ["ticker", "trade", "book", "ohlc"])
def test_items_pass_untouched_in_order(name: str) -> None:
    items = ['{"symbol":"A/B", "price":1.10}', '{"price":1E-8,"symbol":"C/D","type":"x"}', "{}"]
    taken = Records(CHANNELS[name]).take(
        updates(frame(name, *items[:2]), frame(name), frame(name, items[2])), 0
    )
    assert printed(taken) == [
        ("A/B", Raw(items[0].encode())),
        ("C/D", Raw(items[1].encode())),
        (None, Raw(b"{}")),
    ]


@pytest.mark.parametrize("item", ["7", "[]", '{"symbol":7}'])
def test_an_item_of_another_shape_is_an_error(item: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        printed(Records(CHANNELS["ticker"]).take(updates(frame("ticker", '{"symbol":"A/B"}', item)), 0))


def test_status_has_no_symbol() -> None:
    item = '{"system":"online","connection_id":11630518642217360443}'
    taken = Records(CHANNELS["status"]).take(updates(frame("status", item)), 0)
    assert printed(taken) == [(None, Raw(item.encode()))]


def test_time_brings_nothing_where_nothing_is_held() -> None:
    records = Records(CHANNELS["ticker"])
    assert list(records.tick(1e9)) == []


def quote(bid: str = "1.0", ask: str = "2.0", time: str = "t1", symbol: str = "A/B", more: str = "") -> str:
    return (
        f'{{"symbol":"{symbol}","bid":{bid},"bid_qty":0.00005100,"ask":{ask},"ask_qty":1E-8,'
        f'"last":5.0,"timestamp":"{time}"{more}}}'
    )


def spread(*items: str) -> list[str]:
    return texts(printed(Records(CHANNELS["spread"]).take(updates(frame("ticker", *items)), 0)))


def test_spread_keeps_six_fields_with_their_digits() -> None:
    assert spread(quote()) == [
        '{"symbol":"A/B","bid":1.0,"bid_qty":0.00005100,"ask":2.0,"ask_qty":1E-8,"timestamp":"t1"}'
    ]
    assert spread('{"ask": null ,"symbol":"A/B","new":1}') == ['{"symbol":"A/B","ask":null}']


def test_spread_prints_changes_only() -> None:
    found = spread(
        quote(),
        quote(time="t2"),
        quote(more=',"volume":9'),
        quote(bid="1.1"),
        quote(bid="1.1", symbol="C/D"),
        quote(bid="1.1", time="t3"),
        quote(time="t4"),
    )
    assert [(json.loads(line)["symbol"], json.loads(line)["timestamp"]) for line in found] == [
        ("A/B", "t1"),
        ("A/B", "t1"),
        ("C/D", "t1"),
        ("A/B", "t4"),
    ]


def test_spread_remembers_over_batches() -> None:
    records = Records(CHANNELS["spread"])
    assert len(printed(records.take(updates(frame("ticker", quote())), 0))) == 1
    assert printed(records.take(updates(frame("ticker", quote(time="t2"), type_="snapshot")), 0)) == []
    assert len(printed(records.take(updates(frame("ticker", '{"symbol":"A/B"}')), 0))) == 1


INSTRUMENT = (
    '{"channel":"instrument","type":"snapshot","data":{"assets":[{"id":"USD","collateral_value":1.000},'
    '{"id":"BTC"}],"pairs":[{"symbol":"BTC/USD","qty_increment":0.00000001},{"symbol":"ETH/USD"}]}}'
)


def test_instrument_gives_pairs_or_assets() -> None:
    pairs = Records(CHANNELS["instrument"]).take(updates(INSTRUMENT), 0)
    assert printed(pairs) == [
        ("BTC/USD", Raw(b'{"symbol":"BTC/USD","qty_increment":0.00000001}')),
        ("ETH/USD", Raw(b'{"symbol":"ETH/USD"}')),
    ]
    assets = Records(ASSETS).take(updates(INSTRUMENT), 0)
    assert printed(assets) == [
        ("USD", Raw(b'{"id":"USD","collateral_value":1.000}')),
        ("BTC", Raw(b'{"id":"BTC"}')),
    ]


@pytest.mark.parametrize(("channel", "name"), [(CHANNELS["instrument"], "ETH/USD"), (ASSETS, "BTC")])
def test_instrument_is_filtered_by_name(channel: Channel, name: str) -> None:
    records = Records(channel, only=[name, "NOPE"])
    assert [symbol for symbol, _ in printed(records.take(updates(INSTRUMENT), 0))] == [name]


def test_an_update_of_instrument_may_be_empty() -> None:
    empty = '{"channel":"instrument","type":"update","data":{"assets":[]}}'
    assert printed(Records(CHANNELS["instrument"]).take(updates(empty), 0)) == []


def test_data_of_instrument_that_is_no_object_any_more_is_an_error() -> None:
    """A format that has changed must not look like a market without news."""
    with pytest.raises(ValueError, match="array"):
        printed(Records(CHANNELS["instrument"]).take(updates(frame("instrument", '{"symbol":"A/B"}')), 0))


def candle(minute: int, close: str, symbol: str = "A/B") -> str:
    begin = f"2026-03-02T14:{minute:02}:00Z"
    return f'{{"symbol":"{symbol}","close":{close},"interval_begin":"{begin}","interval":1}}'


def ohlc(second: int, *items: str) -> list[Update]:
    text = (
        frame("ohlc", *items)[:-1] + f',"timestamp":"2026-03-02T14:{second // 60:02}:{second % 60:02}.5Z"}}'
    )
    return updates(text)


def test_closed_candles_are_records_and_revisions_are_news() -> None:
    records = Records(CHANNELS["ohlc"], closed=ClosedCandles(), stamp=lambda: "now")

    def take(second: int, text: str) -> list[Record]:
        return printed(records.take(ohlc(second, text), second))

    assert take(10, candle(0, "1.10")) == []
    assert take(61, candle(1, "1.20")) == [("A/B", Raw(candle(0, "1.10").encode()))]
    run, revised = records.take(ohlc(62, candle(0, "1.30")), 62)
    assert isinstance(run, Run)
    assert run.records == []
    fields = {
        "symbol": "A/B",
        "interval_begin": "2026-03-02T14:00:00Z",
        "candle": Raw(candle(0, "1.30").encode()),
    }
    assert revised == News("revised", "now", fields)
    assert len(list(records.take(ohlc(63, candle(1, "1.20")), 63))) == 1
    assert printed(records.tick(100)) == []
    assert printed(records.tick(125)) == [("A/B", Raw(candle(1, "1.20").encode()))]


def test_no_more_records_than_are_wanted() -> None:
    items = [f'{{"symbol":"A/B","trade_id":{number}}}' for number in range(5)]
    taken = Records(CHANNELS["trade"]).take(updates(frame("trade", *items)), 0, 3)
    assert texts(printed(taken)) == items[:3]


def test_a_symbol_filter_for_any_channel() -> None:
    records = Records(CHANNELS["ticker"], only=["C/D"])
    taken = records.take(updates(frame("ticker", '{"symbol":"A/B"}', '{"symbol":"C/D"}')), 0)
    assert [symbol for symbol, _ in printed(taken)] == ["C/D"]
