"""One market, heard over both protocols at once: equal trades, candles and books, in all that both have."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from .program import Program

Record = dict[str, Any]
SPEED, RATE = 240, 10
"""Four minutes of the market are a second; so many events happen in a second of it."""
TIMES = ("timestamp", "interval_begin")
SIDES = ("bids", "asks")
APART = ("type", "checksum")
"""v1's checksums cover v1's digits."""


@pytest.fixture
def market(program: Program) -> str:
    """The REST address of a busy sandbox."""
    served = program.start("sandbox", "--symbols", "BTC/USD", "--rate", str(RATE), "--speed", str(SPEED))
    address: str = served.record()["rest"]
    return address


def heard(program: Program, market: str, *arguments: str) -> tuple[list[Record], list[Record]]:
    """What the same command prints over v1 and over v2, begun at the same time, in comparable values."""
    command = [*arguments, "--sandbox-url", market, "--json", "-q"]  # by this clock it is far ahead
    running = [program.start(*command, "--api", api) for api in ("v1", "v2")]
    first, second = (one.ended() for one in running)
    assert [(one.status, one.err) for one in (first, second)] == [(0, ""), (0, "")]
    return changes(first.records), changes(second.records)


def changes(records: list[Record]) -> list[Record]:
    """What came after the beginning, of which v2 has more than v1; every record is a whole book."""
    return [comparable(one) for one in records if one["type"] == "update" or one["channel"] == "book"]


def comparable(record: Record) -> Record:
    return {name: value(name, text) for name, text in record.items() if name not in APART}


def value(name: str, text: Any) -> Any:
    """Numbers as decimals, times as instants, the rest as text."""
    if name in TIMES:
        return datetime.fromisoformat(text[:26].removesuffix("Z"))
    if name in SIDES:
        return tuple((Decimal(level["price"]), Decimal(level["qty"])) for level in text)
    try:
        return Decimal(text)
    except ArithmeticError:
        return text


def pairs(first: list[Record], second: list[Record], *lacking: str) -> list[tuple[Record, Record]]:
    """Both streams from where the later one begins, one record beside the other; v1 lacks some fields."""
    second = [{name: one[name] for name in one if name not in lacking} for one in second]
    for earlier, later in ((first, second), (second, first)):
        for skipped in range(len(earlier) - 2):
            if earlier[skipped : skipped + 3] == later[:3]:
                rest = first[skipped * (earlier is first) :], second[skipped * (earlier is second) :]
                return list(zip(*rest, strict=False))
    raise AssertionError("the two have no beginning in common")


def test_trades_are_equal(program: Program, market: str) -> None:
    found = pairs(*heard(program, market, "trade", "BTC/USD", "-n", "1500"), "trade_id")
    assert len(found) >= 1000
    for one, other in found:
        assert one == other
        assert list(one) == ["channel", "symbol", "side", "price", "qty", "ord_type", "timestamp"]


def test_candles_are_equal(program: Program, market: str) -> None:
    """v1 tells of each trade, v2 of several at a time: every state of a candle that both tell is the same."""
    one, other = heard(program, market, "ohlc", "BTC/USD", "-n", "1800")
    told = {(record["interval_begin"], record["trades"]): record for record in one}
    both = [
        (told[key], record)
        for record in other
        if (key := (record["interval_begin"], record["trades"])) in told
    ]
    assert len(both) >= 500
    for mine, yours in both:
        assert mine == yours
    final = {key[0]: key for key in told}  # the last state of each candle
    closed = list(final.values())[1:-1]
    assert len(closed) >= 10
    assert {key for key in closed if key in [(r["interval_begin"], r["trades"]) for _, r in both]} == set(
        closed
    )


def test_books_are_equal(program: Program, market: str) -> None:
    command = ["book", "BTC/USD", "--emit", "book", "-d", "25", "-n", "2500"]
    found = pairs(*heard(program, market, *command), "timestamp")
    assert len(found) >= 1000
    for one, other in found:
        assert one == other
        assert one["bids"]
        assert one["asks"]


def test_quotes_are_equal(program: Program, market: str) -> None:
    found = pairs(*heard(program, market, "spread", "BTC/USD", "-n", "500"))
    assert len(found) >= 100
    for one, other in found:
        assert one == other
