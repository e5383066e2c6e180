"""Spellings: what is respelled by rule, what is found, what is refused, what is suggested."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krakencli.symbols import AmbiguousError, Directory, Pair, modern, respell


def pair(internal: str, wsname: str, base_id: str, quote_id: str, altname: str = "") -> Pair:
    base, quote = modern(wsname).split("/")
    return Pair(
        internal=internal,
        altname=altname or wsname.replace("/", ""),
        wsname=wsname,
        symbol=f"{base}/{quote}",
        base=base,
        quote=quote,
        base_id=base_id,
        quote_id=quote_id,
        status="online",
    )


PAIRS = (
    pair("XXBTZUSD", "XBT/USD", "XXBT", "ZUSD"),
    pair("XXBTZEUR", "XBT/EUR", "XXBT", "ZEUR"),
    pair("XBTUSDT", "XBT/USDT", "XXBT", "USDT"),
    pair("XBTUSDC", "XBT/USDC", "XXBT", "USDC"),
    pair("XBTCHF", "XBT/CHF", "XXBT", "CHF"),
    pair("XDGUSD", "XDG/USD", "XXDG", "ZUSD"),
    pair("XXDGXXBT", "XDG/XBT", "XXDG", "XXBT", altname="XDGXBT"),
    pair("XETHZUSD", "ETH/USD", "XETH", "ZUSD"),
    pair("ETHUSDT", "ETH/USDT", "XETH", "USDT"),
    pair("XETHXXBT", "ETH/XBT", "XETH", "XXBT"),
    pair("USDTZUSD", "USDT/USD", "USDT", "ZUSD"),
    pair("XTZUSD", "XTZ/USD", "XTZ", "ZUSD"),
    pair("ZEURZUSD", "EUR/USD", "ZEUR", "ZUSD"),
    pair("SOLUSD", "SOL/USD", "SOL", "ZUSD"),
    pair("SOLEUR", "SOL/EUR", "SOL", "ZEUR"),
    pair("AUSD", "A/USD", "A", "ZUSD"),
    pair("ABCDUSD", "ABCD/USD", "ABCD", "ZUSD"),
    pair("ABCDUSDX", "ABC/DUSD", "ABC", "DUSD"),
)
DIRECTORY = Directory(PAIRS)


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("xbt/usd", "BTC/USD"),
        ("XBT/USD", "BTC/USD"),
        ("Btc/Usd", "BTC/USD"),
        ("xdg/xbt", "DOGE/BTC"),
        ("eth/xbt", "ETH/BTC"),
        (" BTC/USD ", "BTC/USD"),
        ("1inch/eur", "1INCH/EUR"),
        ("usdt.f/usd", "USDT.F/USD"),
        ("XBTC/USD", "XBTC/USD"),
        ("AAPLx/USD", "AAPLx/USD"),
        ("aaplx/usd", "AAPLX/USD"),
    ],
)
def test_a_slashed_symbol_is_respelled_by_rule(text: str, symbol: str) -> None:
    assert respell(text) == symbol


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "BTCUSD",
        "BTC-USD",
        "BTC/",
        "/USD",
        "BTC/USD/EUR",
        "*/USD",
        "BTC/U$D",
        "BTC/USD\n",
        "B\x1bTC/USD",
        "\u0411TC/USD",
        "BTC/US\u200bD",
        "./USD",
        "A" * 31 + "/USD",
        "BTC/" + "U" * 500,
        'BTC/USD"',
    ],
)
def test_anything_else_is_not_respelled(text: str) -> None:
    assert respell(text) is None


@given(st.one_of(st.text(), st.from_regex(r"[A-Za-z0-9.]{1,6}/[A-Za-z0-9.]{1,6}", fullmatch=True)))
def test_respelling_twice_changes_nothing_more(text: str) -> None:
    once = respell(text)
    assert once is None or (respell(once) == once and once.isascii() and once.isprintable())


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("XXBTZUSD", "BTC/USD"),
        ("xbtusd", "BTC/USD"),
        ("btcusd", "BTC/USD"),
        ("BTC-USD", "BTC/USD"),
        ("xbt_usd", "BTC/USD"),
        ("xbt:usd", "BTC/USD"),
        ("XXBT/ZUSD", "BTC/USD"),
        ("xxbt-usd", "BTC/USD"),
        (" btc/usd\n", "BTC/USD"),
        ("xdgusd", "DOGE/USD"),
        ("dogeusd", "DOGE/USD"),
        ("xxdg/zusd", "DOGE/USD"),
        ("dogexbt", "DOGE/BTC"),
        ("xdg-btc", "DOGE/BTC"),
        ("XETHXXBT", "ETH/BTC"),
        ("ethbtc", "ETH/BTC"),
        ("USDTZUSD", "USDT/USD"),
        ("usdtusd", "USDT/USD"),
        ("xtzusd", "XTZ/USD"),
        ("zeurzusd", "EUR/USD"),
        ("abcd/usd", "ABCD/USD"),
    ],
)
def test_every_spelling_finds_its_pair(text: str, symbol: str) -> None:
    found = DIRECTORY.find(text)
    assert found is not None
    assert found.symbol == symbol


@pytest.mark.parametrize(
    "text", ["", "BTC", "TZ/USD", "BTCUSDD", "BTC/USD/EUR", "-", "*/USD", "BTC//USD", "\x00"]
)
def test_what_spells_no_pair_is_not_guessed(text: str) -> None:
    assert DIRECTORY.find(text) is None


def test_two_readings_of_an_unseparated_text_are_refused_with_the_choices() -> None:
    with pytest.raises(AmbiguousError) as caught:
        DIRECTORY.find("abcdusd")
    assert caught.value.choices == ("ABC/DUSD", "ABCD/USD")
    assert "ABC/DUSD, ABCD/USD" in str(caught.value)


@given(st.sampled_from(PAIRS), st.sampled_from(["/", "-", "_", ":"]), st.booleans())
def test_a_separator_never_leaves_two_readings(wanted: Pair, separator: str, low: bool) -> None:
    text = wanted.symbol.replace("/", separator)
    assert DIRECTORY.find(text.lower() if low else text) == wanted


@pytest.mark.parametrize(
    ("pattern", "filters", "symbols"),
    [
        ("ETH*", {}, ["ETH/BTC", "ETH/USD", "ETH/USDT"]),
        ("sol/*", {}, ["SOL/EUR", "SOL/USD"]),
        ("*/XBT", {}, ["DOGE/BTC", "ETH/BTC"]),
        ("*-btc", {}, ["DOGE/BTC", "ETH/BTC"]),
        ("xbt/us*", {}, ["BTC/USD", "BTC/USDC", "BTC/USDT"]),
        ("solus?", {}, ["SOL/USD"]),
        ("*", {"quote": "zeur"}, ["BTC/EUR", "SOL/EUR"]),
        ("*", {"base": "xbt", "quote": "USD"}, ["BTC/USD"]),
        ("ETH/[UB]*", {}, ["ETH/BTC", "ETH/USD", "ETH/USDT"]),
        ("*/JPY", {}, []),
        ("*", {"quote": "NOSUCH"}, []),
        ("(((", {}, []),
    ],
)
def test_globs_choose_pairs_in_order(pattern: str, filters: dict[str, str], symbols: list[str]) -> None:
    assert [found.symbol for found in DIRECTORY.match(pattern, **filters)] == symbols


def test_a_star_is_every_pair() -> None:
    assert DIRECTORY.match("*") == sorted(PAIRS, key=lambda found: found.symbol)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("BTC/USDD", "BTC/USD"),
        ("XBTUSDD", "BTC/USD"),
        ("ETHUDS", "ETH/USD"),
        ("ETH/UDS", "ETH/USD"),
        ("DOGEUSD", "DOGE/USD"),
        ("DOGE/USDT", "DOGE/USD"),
        ("SOLL/USD", "SOL/USD"),
        ("USD/BTC", "BTC/USD"),
        ("usdbtc", "BTC/USD"),
        ("BTC", "BTC/USD"),
        ("BTC/ZZZ", "BTC/USD"),
        ("xxbt/zzz", "BTC/USD"),
        ("USTD/USD", "USDT/USD"),
        ("ustdusd", "USDT/USD"),
        ("XETHUSD", "ETH/USD"),
        ("ETH/USDC", "ETH/USD"),
        ("ETH/CHF", "ETH/USD"),
    ],
)
def test_the_likeliest_name_is_suggested_first(text: str, first: str) -> None:
    assert DIRECTORY.nearest(text)[0] == first


def test_suggestions_are_few_distinct_and_absent_where_nothing_is_near() -> None:
    assert len(set(DIRECTORY.nearest("BTC/USDD"))) == 3
    assert len(DIRECTORY.nearest("BTC/USDD", n=1)) == 1
    assert DIRECTORY.nearest("QQQQQQ") == []
    assert DIRECTORY.nearest("") == []
    assert DIRECTORY.nearest("/" * 100_000) == []


def test_the_start_of_a_stream_loads_nothing_rare() -> None:
    program = (
        "import sys, krakencli.symbols; print([m for m in ('difflib', 'json', 'ssl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
