"""`trade`: a log, without a snapshot unless asked for."""

from krakencli.channels.trade import TRADE

from .kit import assert_columns, from_sandbox, recorded


def test_what_it_asks_for() -> None:
    assert (TRADE.wire, TRADE.snapshot, TRADE.symbols) == ("trade", False, "required")
    assert ([param.name for param in TRADE.params], TRADE.key) == (["fill_timeout"], ())
    assert not any(param.wire for param in TRADE.params)
    assert TRADE.aliases == ("trades",)


def test_its_columns_are_the_wires() -> None:
    assert_columns(TRADE, [fields for _, fields in recorded(TRADE)])


def test_its_columns_are_the_sandboxs(url: str) -> None:
    records = from_sandbox(url, TRADE, "BTC/USD", count=3)
    assert_columns(TRADE, records)
    assert list(records[0]) == [column.field for column in TRADE.columns]
    assert {record["side"] for record in records} <= {"buy", "sell"}
