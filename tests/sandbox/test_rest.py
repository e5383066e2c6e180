"""REST's public side: envelope, spellings, rows and cursors."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.log import Log
from krakencli.sandbox.rest import Call, answer
from krakencli.sandbox.settings import Settings

from .kit import SECOND, START_NS, get, make_exchange, play, result


@pytest.fixture
def exchange() -> Exchange:
    return make_exchange()


def test_names_of_the_pairs_in_every_spelling(exchange: Exchange) -> None:
    pairs = result(exchange, "AssetPairs")
    names = {key: (pair["altname"], pair["wsname"]) for key, pair in pairs.items()}
    assert names["XXBTZUSD"] == ("XBTUSD", "XBT/USD")
    assert names["XDGUSD"] == ("XDGUSD", "XDG/USD")
    assert names["XETHXXBT"] == ("ETHXBT", "ETH/XBT")
    assert names["USDTZUSD"] == ("USDTUSD", "USDT/USD")
    assert len(names) == 12
    for spelling in ("XXBTZUSD", "XBTUSD", "XBT/USD", "BTC/USD", "xbtusd"):
        assert list(result(exchange, "AssetPairs", pair=spelling)) == ["XXBTZUSD"]


def test_precisions_are_the_exchange_s(exchange: Exchange) -> None:
    pairs = result(exchange, "AssetPairs")
    digits = {key: (pair["pair_decimals"], pair["lot_decimals"]) for key, pair in pairs.items()}
    assert digits["XXBTZUSD"] == (1, 8)
    assert digits["XETHZUSD"] == (2, 8)
    assert digits["XDGUSD"] == (7, 8)
    assert digits["SHIBUSD"] == (9, 5)
    assert pairs["XXBTZUSD"]["tick_size"] == "0.1"
    assert pairs["SHIBUSD"]["tick_size"] == "0.000000001"


def test_a_list_of_pairs_and_one_unknown_name(exchange: Exchange) -> None:
    assert list(result(exchange, "AssetPairs", pair="XDGUSD,ETHXBT")) == ["XDGUSD", "XETHXXBT"]
    assert get(exchange, "AssetPairs", pair="XDGUSD,NOPE") == {"error": ["EQuery:Unknown asset pair"]}
    assert get(exchange, "Ticker", pair="NOPE") == {"error": ["EQuery:Unknown asset pair"]}


def test_there_are_no_tokenised_pairs(exchange: Exchange) -> None:
    assert result(exchange, "AssetPairs", aclass_base="tokenized_asset") == {}
    assert len(result(exchange, "AssetPairs", aclass_base="currency")) == 12


def test_assets(exchange: Exchange) -> None:
    assets = result(exchange, "Assets")
    assert assets["XXBT"]["altname"] == "XBT"
    assert assets["ZUSD"]["decimals"] == 4
    assert list(result(exchange, "Assets", asset="XBT,doge,ZEUR")) == ["XXBT", "XXDG", "ZEUR"]
    assert get(exchange, "Assets", asset="XBT,NOPE") == {"error": ["EQuery:Unknown asset"]}


@pytest.mark.parametrize(
    "path", ["/0/public/Nope", "/0/public/", "/0/other", "/0/Time", "/0/private/Balance"]
)
def test_an_unknown_call(exchange: Exchange, path: str) -> None:
    assert json.loads(answer(exchange, Call("GET", path, {}, {}))) == {"error": ["EGeneral:Unknown method"]}


def test_time_and_status(exchange: Exchange) -> None:
    assert result(exchange, "Time") == {
        "unixtime": START_NS // SECOND,
        "rfc1123": "Mon, 02 Mar 26 14:05:30 +0000",
    }
    assert result(exchange, "SystemStatus") == {"status": "online", "timestamp": "2026-03-02T14:05:30Z"}


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("Trades", {}),
        ("Trades", {"pair": ""}),
        ("Trades", {"pair": "XBTUSD", "count": "0"}),
        ("Trades", {"pair": "XBTUSD", "count": "1001"}),
        ("Trades", {"pair": "XBTUSD", "count": "x"}),
        ("Trades", {"pair": "XBTUSD", "since": "yesterday"}),
        ("OHLC", {"pair": "XBTUSD", "interval": "2"}),
        ("OHLC", {"pair": "XBTUSD", "interval": "0"}),
        ("Depth", {"pair": "XBTUSD", "count": "501"}),
        ("Spread", {"pair": "XBTUSD", "since": "-1"}),
    ],
)
def test_invalid_arguments(exchange: Exchange, name: str, query: dict[str, str]) -> None:
    assert get(exchange, name, **query) == {"error": ["EGeneral:Invalid arguments"]}


def test_the_wire_text_of_trades(exchange: Exchange) -> None:
    text = answer(exchange, Call("GET", "/0/public/Trades", {"pair": "XBTUSD", "count": "1"}, {}))
    row = r'\["\d+\.\d{5}","\d+\.\d{8}",\d{10}\.\d{1,7},"[bs]","[ml]","",\d+\]'
    assert re.fullmatch(rf'\{{"error":\[\],"result":\{{"XXBTZUSD":\[{row}\],"last":"\d{{19}}"\}}\}}', text)


def test_pages_of_trades_come_after_the_cursor_and_reach_the_newest(exchange: Exchange) -> None:
    newest = result(exchange, "Trades", pair="XBTUSD")["XXBTZUSD"]
    everything, since = [], "0"
    while True:
        page = result(exchange, "Trades", pair="XBTUSD", since=since, count="37")
        everything += [row[6] for row in page["XXBTZUSD"]]
        if len(page["XXBTZUSD"]) < 37:
            break
        assert int(page["last"]) > int(since)
        since = page["last"]
    assert len(everything) == len(set(everything))
    assert {row[6] for row in newest} & set(everything)
    assert everything == sorted(everything)
    assert everything[-1] == newest[-1][6]


def test_a_cursor_in_seconds_is_a_cursor_in_nanoseconds(exchange: Exchange) -> None:
    rows = result(exchange, "Trades", pair="XBTUSD", since="0")["XXBTZUSD"]
    middle = str(rows[len(rows) // 2][2]).partition(".")[0]
    answers = [
        result(exchange, "Trades", pair="XBTUSD", since=since)
        for since in (middle, f"{middle}.0", middle + "0" * 9)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert 0 < len(answers[0]["XXBTZUSD"]) < len(rows)


def test_at_the_end_of_the_tape_the_cursor_stays(exchange: Exchange) -> None:
    last = result(exchange, "Trades", pair="XBTUSD")["last"]
    assert result(exchange, "Trades", pair="XBTUSD", since=last) == {"XXBTZUSD": [], "last": last}


def test_ohlc_holds_720_finished_candles_and_the_running_one(exchange: Exchange) -> None:
    answer_ = result(exchange, "OHLC", pair="XBTUSD", interval="1")
    rows = answer_["XXBTZUSD"]
    assert len(rows) == 721
    assert rows[-1][0] == START_NS // SECOND // 60 * 60
    assert answer_["last"] == rows[-2][0]
    empty = [row for row in rows if row[7] == 0]
    assert empty
    for row in empty:
        assert row[5:] == ["0.0", "0.00000000", 0]
        assert len(set(row[1:5])) == 1
    for before, after in pairwise(rows):
        if after[7] == 0:
            assert after[1] == before[4]
    since = rows[700][0]
    assert result(exchange, "OHLC", pair="XBTUSD", since=str(since))["XXBTZUSD"] == rows[701:]


def test_the_running_candle_is_there_before_it_trades(exchange: Exchange) -> None:
    exchange.now.now += 3 * 60 * SECOND  # type: ignore[attr-defined]
    rows = result(exchange, "OHLC", pair="SHIBUSD", interval="1")["SHIBUSD"]
    assert rows[-1][0] == exchange.now() // SECOND // 60 * 60
    exchange = make_exchange(rate=0)
    exchange.market("SHIB/USD")
    exchange.now.now += 86_400 * SECOND  # type: ignore[attr-defined]
    rows = result(exchange, "OHLC", pair="SHIBUSD", interval="1")["SHIBUSD"]
    assert len(rows) == 721
    assert {row[7] for row in rows} == {0}
    assert rows[0][4] == exchange.market("SHIB/USD").pair.price_text(exchange.market("SHIB/USD").last_price)


def test_spread_holds_at_most_200_rows_from_since_on(exchange: Exchange) -> None:
    exchange.market("BTC/USD")
    for _ in play(exchange, 300):
        pass
    answer_ = result(exchange, "Spread", pair="XBTUSD")
    rows = answer_["XXBTZUSD"]
    assert len(rows) == 200
    assert answer_["last"] == rows[-1][0]
    later = result(exchange, "Spread", pair="XBTUSD", since=str(rows[-1][0]))["XXBTZUSD"]
    assert later == [row for row in rows if row[0] >= rows[-1][0]]


def test_the_log_tells_what_was_asked() -> None:
    log = Log(keep=True)
    exchange = Exchange(Settings(), lambda: START_NS, log)
    get(exchange, "Trades", pair="NOPE")
    (entry,) = log.entries
    assert {**entry, "at": 0} == {
        "n": 1,
        "at": 0,
        "what": "rest",
        "method": "GET",
        "path": "/0/public/Trades",
        "query": {"pair": "NOPE"},
        "error": "EQuery:Unknown asset pair",
    }
