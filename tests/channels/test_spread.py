"""`spread`: made from ticker, with six of its fields."""

from krakencli.channels.spread import SPREAD

from .kit import assert_columns, from_sandbox, recorded


def test_what_it_asks_for() -> None:
    assert (SPREAD.wire, SPREAD.snapshot, SPREAD.symbols) == ("ticker", True, "required")
    assert (SPREAD.fixed, SPREAD.params) == ((("event_trigger", "bbo"),), ())
    assert SPREAD.only == tuple(column.field for column in SPREAD.columns)


def test_its_columns_are_the_wires() -> None:
    assert_columns(SPREAD, [fields for _, fields in recorded(SPREAD)], rare={"timestamp"})


def test_its_columns_are_the_sandboxs(url: str) -> None:
    records = from_sandbox(url, SPREAD, "BTC/USD", count=3)
    assert_columns(SPREAD, records)
    assert [list(record) for record in records[:1]] == [[column.field for column in SPREAD.columns]]
