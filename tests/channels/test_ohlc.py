"""`ohlc`: nine intervals, with the spellings that people use."""

import pytest

from krakencli.channels.ohlc import OHLC

from .kit import assert_choices, assert_columns, from_sandbox, parameter, recorded

SPELLINGS = {
    "1m": 1, "5m": 5, "15m": 15, "30m": 30, "60m": 60, "240m": 240, "1440m": 1440, "10080m": 10080,
    "21600m": 21600,
    "1h": 60, "4h": 240, "24h": 1440, "1d": 1440, "7d": 10080, "1w": 10080, "15d": 21600,
}  # fmt: skip


def test_what_it_asks_for() -> None:
    assert (OHLC.wire, OHLC.snapshot, OHLC.symbols, OHLC.key) == (
        "ohlc",
        True,
        "required",
        ("symbol", "interval"),
    )
    intervals = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
    assert_choices(parameter(OHLC, "interval"), 1, intervals, dict(SPELLINGS))
    assert parameter(OHLC, "interval").wire


def test_closed_is_our_own_switch() -> None:
    closed = parameter(OHLC, "closed")
    assert (closed.wire, closed.default, closed.choices) == (False, False, ())


def test_its_columns_are_the_wires() -> None:
    assert_columns(OHLC, [fields for _, fields in recorded(OHLC)], unshown={"timestamp"})


@pytest.mark.parametrize("interval", [1, 21600])
def test_its_columns_are_the_sandboxs(url: str, interval: int) -> None:
    records = from_sandbox(url, OHLC, "BTC/USD", interval=interval)
    assert_columns(OHLC, records, unshown={"timestamp"})
    assert {record["interval"] for record in records} == {interval}
