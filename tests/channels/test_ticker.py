"""`ticker`: complete in every record."""

from krakencli.channels.ticker import TICKER

from .kit import assert_choices, assert_columns, from_sandbox, parameter, recorded

YOUNG = {"trades", "timestamp"}  # added in 2026 and 2024 (protocol notes v2 §7.1)


def test_what_it_asks_for() -> None:
    assert (TICKER.wire, TICKER.snapshot, TICKER.symbols, TICKER.fixed) == ("ticker", True, "required", ())
    assert [param.name for param in TICKER.params] == ["event_trigger"]
    assert_choices(parameter(TICKER, "event_trigger"), "trades", ("trades", "bbo"), {})
    assert parameter(TICKER, "event_trigger").wire


def test_its_columns_are_the_wires() -> None:
    assert_columns(TICKER, [fields for _, fields in recorded(TICKER)], rare=YOUNG)


def test_its_columns_are_the_sandboxs(url: str) -> None:
    records = from_sandbox(url, TICKER, "BTC/USD", "ETH/USD", count=2, event_trigger="bbo")
    assert_columns(TICKER, records)
    assert {record["symbol"] for record in records[:2]} == {"BTC/USD", "ETH/USD"}
    assert list(records[0]) == [column.field for column in TICKER.columns]
