"""`instrument`: pairs, or assets, of one message."""

from krakencli.channels.instrument import ASSETS, INSTRUMENT

from .kit import assert_columns, from_sandbox, parameter, recorded

MARGIN = {"margin_initial", "position_limit_long", "position_limit_short"}
OLD = {"tick_size", "ws_display_price_precision"}


def test_what_it_asks_for() -> None:
    for channel in (INSTRUMENT, ASSETS):
        assert (channel.name, channel.wire, channel.symbols) == ("instrument", "instrument", "filter")
    assert (INSTRUMENT.member, INSTRUMENT.key) == ("pairs", ("symbol",))
    assert (ASSETS.member, ASSETS.key) == ("assets", ("id",))
    assert INSTRUMENT.variants == (("assets", True, ASSETS),)


def test_its_switches() -> None:
    assets, tokenised = parameter(INSTRUMENT, "assets"), parameter(INSTRUMENT, "include_tokenized_assets")
    assert (assets.wire, assets.default, assets.flags) == (False, False, ("--assets",))
    assert (tokenised.wire, tokenised.default) == (True, False)


def test_pairs_have_the_wires_columns() -> None:
    records = [fields for _, fields in recorded(INSTRUMENT)]
    assert_columns(INSTRUMENT, records, rare=MARGIN | {"cost_min", "price_increment"}, unshown=OLD)


def test_assets_have_the_wires_columns() -> None:
    assert_columns(
        ASSETS, [fields for _, fields in recorded(ASSETS)], rare={"margin_rate", "class", "collateral_value"}
    )


def test_pairs_have_the_sandboxs_columns(url: str) -> None:
    records = from_sandbox(url, INSTRUMENT)
    assert_columns(INSTRUMENT, records, rare=MARGIN, unshown=OLD)
    assert {"BTC/USD", "ETH/USD"} <= {record["symbol"] for record in records}


def test_assets_have_the_sandboxs_columns(url: str) -> None:
    records = from_sandbox(url, ASSETS)
    assert_columns(ASSETS, records, rare={"margin_rate"})
    assert {"BTC", "USD"} <= {record["id"] for record in records}
