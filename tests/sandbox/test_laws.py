"""Laws of the package: what it may import, and how healthy its markets are."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import krakencli.sandbox
from krakencli.sandbox.book import Book
from krakencli.sandbox.flow import Flow
from krakencli.sandbox.levels import Change

from .kit import make_exchange, play

PACKAGE = Path(krakencli.sandbox.__file__).parent


def imports(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: relative import"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize(
    "file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE))
)
def test_nothing_is_shared_with_the_client(file: Path) -> None:
    own = {name for name in imports(file) if name.split(".")[0] == "krakencli"}
    assert all(name.startswith("krakencli.sandbox") for name in own)
    if file.name not in {"server.py", "connection.py", "control.py", "runner.py", "wire.py"}:
        assert not {"asyncio", "aiohttp", "socket", "threading"} & imports(file)


def test_cryptography_is_imported_for_tls_only() -> None:
    code = "import sys, krakencli.sandbox; print('cryptography' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_every_market_stays_deep_and_uncrossed() -> None:
    exchange = make_exchange(synthetic=1, rate=100)
    for symbol in exchange.listing.pairs:
        market = exchange.market(symbol)
        wanted = 4 if market.pair.levels < 100 else 700
        for count in (0, 2000):
            for _ in range(count):
                market.step()
            assert len(market.book.bids.keys) > wanted
            assert len(market.book.asks.keys) > wanted
            assert market.quote.bid < market.quote.ask
            assert min(market.pair.price // 2, 1) <= market.last_price <= market.pair.price * 2


def test_a_window_of_a_thousand_levels_is_full_and_has_levels_below_it() -> None:
    market = make_exchange().market("BTC/USD")
    assert len(market.book.bids.keys) > 1000 < len(market.book.asks.keys)


def test_the_past_fills_ten_candles_of_every_interval() -> None:
    market = make_exchange().market("BTC/USD")
    counts = {
        interval: len(market.candles.series(interval, 10)) for interval in (1, 5, 15, 60, 1440, 10080, 21600)
    }
    assert set(counts.values()) == {10}


def test_events_come_in_order_of_time_over_all_symbols() -> None:
    exchange = make_exchange(symbols=("BTC/USD", "ETH/USD", "SHIB/USD"))
    for symbol in exchange.listing.pairs:
        exchange.market(symbol)
    times = [exchange.now() for _ in play(exchange, 300)]
    assert times == sorted(times)
    assert len({market.time for market in map(exchange.market, exchange.listing.pairs)}) == 3


def levels(changes: list[Change]) -> list[tuple[int, int]]:
    return [(change.key, change.qty) for change in changes]


def test_putting_off_moves_every_event_and_loses_none() -> None:
    late, on_time = make_exchange(symbols=("BTC/USD",)), make_exchange(symbols=("BTC/USD",))
    market, other = late.market("BTC/USD"), on_time.market("BTC/USD")
    late.postpone(5_000_000_000)
    assert late.next_time == (on_time.next_time or 0) + 5_000_000_000
    first = [market.step() for _ in range(100)]
    second = [other.step() for _ in range(100)]
    assert [event.time - 5_000_000_000 for event in first] == [event.time for event in second]
    assert [levels(event.bids) for event in first] == [levels(event.bids) for event in second]


def test_markets_nobody_asked_for_are_made_a_few_at_a_time() -> None:
    exchange = make_exchange(symbols=("BTC/USD", "ETH/USD", "SOL/USD"))
    assert exchange.next_time is None
    exchange.market("BTC/USD")
    made = []
    for _ in range(3):
        exchange.warm(1)
        made.append(len(exchange._due))
    assert made == [2, 3, 3]


def test_a_thin_side_is_quoted_and_never_taken_from() -> None:
    pair = make_exchange().listing.pairs["BTC/USD"]
    book, flow = Book(), Flow(pair, seed=1)
    book.submit(True, pair.price - 10, 100, time=0)
    for step in range(10):
        book.submit(False, pair.price + 10 + step, 100, time=0)
    instructions = [flow.next(book) for _ in range(100)]
    assert {(one.buy, one.cancel) for one in instructions} == {(True, None)}
    assert all(one.price is not None and one.qty > 0 for one in instructions)


@pytest.mark.parametrize("seed", range(40))
def test_no_order_takes_the_last_level_of_a_side(seed: int) -> None:
    """Against levels of one lot each, whatever reaches that far would sweep them all."""
    pair = make_exchange().listing.pairs["BTC/USD"]
    flow = Flow(pair, seed)
    for time in range(20):
        book = Book()
        for step in range(1, 7):
            book.submit(True, pair.price - step, 1, time)
            book.submit(False, pair.price + step, 1, time)
        instruction = flow.next(book)
        if instruction.qty:
            book.submit(instruction.buy, instruction.price, instruction.qty, time)
        assert book.bids.best()
        assert book.asks.best()
