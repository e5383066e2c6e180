"""What `watch` is asked for, and words for what is wrong with it."""

import pytest

from krakencli.channels import CHANNELS
from krakencli.channels.book import BOOK
from krakencli.cli.specs import Spec, merged, parse
from krakencli.errors import UsageError


def seconds(text: str) -> float:
    if text != "1s":
        raise ValueError(f"{text!r} is no length of time")
    return 1.0


def read(text: str) -> tuple[str, tuple[str, ...], dict[str, object]]:
    spec = parse(text, seconds)
    return spec.channel.name, spec.symbols, spec.given


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ticker:BTC/USD", ("ticker", ("BTC/USD",), {})),
        ("trades: btcusd , */EUR,", ("trade", ("btcusd", "*/EUR"), {})),
        ("book:BTC/USD,depth=25,ETH/USD", ("book", ("BTC/USD", "ETH/USD"), {"depth": 25})),
        (
            "book:A/B,emit=top,every=1s,levels=3",
            ("book", ("A/B",), {"emit": "top", "every": 1.0, "levels": 3}),
        ),
        ("book:A/B,max-resyncs=0,verify=no", ("book", ("A/B",), {"max_resyncs": 0, "verify": False})),
        ("ohlc:A/B,interval=1h,closed=true", ("ohlc", ("A/B",), {"interval": 60, "closed": True})),
        ("ticker:A/B,event-trigger=bbo", ("ticker", ("A/B",), {"event_trigger": "bbo"})),
        ("trade:A/B,snapshot=on", ("trade", ("A/B",), {"snapshot": True})),
        ("status", ("status", (), {})),
        ("instrument:", ("instrument", (), {})),
    ],
)
def test_a_spec(text: str, expected: tuple[str, tuple[str, ...], dict[str, object]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tickr:BTC/USD", "no channel 'tickr', did you mean 'ticker'"),
        ("", "no channel ''"),
        ("BTC/USD", "no channel 'BTC/USD'"),
        ("book", "'book' names no symbol"),
        ("book:depth=25", "names no symbol"),
        ("status:BTC/USD", "status takes no symbol"),
        ("book:A/B,depth=7", "depth: '7' is not one of 10, 25"),
        ("book:A/B,dept=7", "book has no parameter 'dept'"),
        ("book:A/B,levels=0", "levels: '0' is no whole number from 1 on"),
        ("book:A/B,levels=٣", "levels: '٣' is no whole number"),
        ("book:A/B,levels=99999999999999999999", "is no whole number"),
        ("book:A/B,levels=x", "levels: 'x' is no whole number"),
        ("book:A/B,every=soon", "every: 'soon' is no length of time"),
        ("ohlc:A/B,closed=maybe", "'maybe' is neither true nor false"),
        ("status:snapshot=on", "status has no parameter 'snapshot'"),
    ],
)
def test_what_is_no_spec(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        parse(text, seconds)
    assert caught.value.suggestion


def test_what_differs_in_symbols_only_is_one() -> None:
    one, other, deep = (parse(text, seconds) for text in ("book:A/B", "book:C/D", "book:E/F,depth=25"))
    assert merged([one, other, deep]) == [Spec(BOOK, ("A/B", "C/D"), {}), deep]
    assert merged([one, parse("ticker:A/B", seconds)])[1].channel is CHANNELS["ticker"]
