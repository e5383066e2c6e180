"""The table of --stats: what the end record says, for a person."""

from krakencli.formatters.stats import stats


def test_one_line_a_subscription_figures_aligned() -> None:
    book = {"channel": "book", "symbol": "BTC/USD", "records": 1254, "verified": 1254, "away": 0.25}
    other = {**book, "symbol": "ETH/USD", "records": 7, "verified": 12, "away": 3600.0}
    assert stats([book, other]) == [
        "subscription  records  verified       away",
        "book BTC/USD    1,254     1,254      0.2 s",
        "book ETH/USD        7        12  3,600.0 s",
    ]


def test_a_channel_without_symbols_and_a_figure_that_only_some_have() -> None:
    assert stats([{"channel": "status", "records": 1}, {"channel": "x", "records": 2, "gaps": 3}]) == [
        "subscription  records  gaps",
        "status              1     0",
        "x                   2     3",
    ]


def test_nothing_at_all() -> None:
    assert stats([]) == ["subscription"]
