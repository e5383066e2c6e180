"""The table of --stats: what is known of each subscription at the end, for a person."""

from krakencli.formatters.stats import stats

BOOK = {
    "connection": 1, "subscription": "book", "symbol": "BTC/USD", "state": "live",
    "parameters": {"depth": 10}, "acknowledged": {"depth": 10}, "acknowledged_after": 0.012,
    "records": 1254, "rate": 12.5, "age": 0.0004, "latency": None, "clock_error": 0.003,
    "clock_uncertainty": 0.004, "gaps": 0, "updates": 1254, "verified": 1254, "failed": 0, "away": 0.25,
}  # fmt: skip


def test_one_line_a_subscription_figures_aligned() -> None:
    other = {**BOOK, "symbol": "ETH/USD", "state": "stalled", "records": 7, "verified": 12, "away": 3600.0}
    assert stats([BOOK, other]) == [
        "subscription    state  records    rate     age  latency  ack after  gaps  verified    away",
        "book BTC/USD     live    1,254  12.5/s  0.4 ms        -      12 ms     0     1,254  250 ms",
        "book ETH/USD  stalled        7  12.5/s  0.4 ms        -      12 ms     0        12    60 m",
    ]


def test_figures_that_are_zero_everywhere_are_left_out() -> None:
    assert "failed" not in stats([BOOK])[0]
    assert "failed" in stats([{**BOOK, "failed": 1}, BOOK])[0]


def test_a_channel_without_symbols_and_figures_that_only_some_have() -> None:
    assert stats(
        [{"subscription": "status", "records": 1}, {"subscription": "x", "records": 2, "gaps": 3}]
    ) == [
        "subscription  records  gaps",
        "status              1     -",
        "x                   2     3",
    ]


def test_nothing_at_all() -> None:
    assert stats([]) == ["subscription"]
