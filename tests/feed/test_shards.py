"""Who shares a connection with whom."""

from hypothesis import given
from hypothesis import strategies as st

from krakencli.feed.shards import MOST_LEVEL3, shards
from krakencli.model import Subscription

SUBSCRIPTIONS = st.builds(
    lambda wire, symbol, value: Subscription(
        wire, f"S{symbol}/USD", ((("interval" if wire == "ohlc" else "depth"), value),)
    ),
    st.sampled_from(["ticker", "trade", "book", "ohlc", "level3"]),
    st.integers(0, 5),
    st.sampled_from([10, 25]),
)


def book(symbol: str, depth: int = 10) -> Subscription:
    return Subscription("book", symbol, (("depth", depth),))


def test_a_connection_is_filled_before_the_next_is_opened() -> None:
    wanted = [Subscription("trade", f"S{number}/USD") for number in range(250)]
    assert [len(group) for group in shards(wanted)] == [100, 100, 50]
    assert [one for group in shards(wanted, 99) for one in group] == wanted


def test_two_depths_of_books_are_apart() -> None:
    wanted = [book("A/USD"), book("A/USD", 25), book("B/USD", 25)]
    assert shards(wanted) == [[wanted[0]], [wanted[1], wanted[2]]]


def test_two_triggers_of_one_ticker_are_apart() -> None:
    wanted = [Subscription("ticker", "A/USD", (("event_trigger", one),)) for one in ("trades", "bbo")]
    assert shards(wanted) == [[wanted[0]], [wanted[1]]]


def test_intervals_of_one_symbol_share_a_connection() -> None:
    wanted = [Subscription("ohlc", "A/USD", (("interval", minutes),)) for minutes in (1, 5, 15)]
    assert shards(wanted) == [wanted]


def test_hosts_are_apart_and_level3_has_a_limit_of_its_own() -> None:
    level3 = [Subscription("level3", f"S{number}/USD") for number in range(MOST_LEVEL3 + 1)]
    trade = Subscription("trade", "A/USD")
    assert [len(group) for group in shards([*level3, trade], 1000)] == [MOST_LEVEL3, 1, 1]


def test_nothing_wanted_is_no_group() -> None:
    assert shards([]) == []


@given(st.lists(SUBSCRIPTIONS), st.integers(1, 5))
def test_whatever_is_wanted_is_in_one_group_and_never_beside_its_rival(
    wanted: list[Subscription], most: int
) -> None:
    groups = shards(wanted, most)
    assert sorted(map(repr, (one for group in groups for one in group))) == sorted(map(repr, set(wanted)))
    for group in groups:
        assert 0 < len(group) <= most
        assert len({one.host for one in group}) == 1
        kinds = {(one.wire, one.params) for one in group if one.wire != "ohlc"}
        assert len(kinds) == len({wire for wire, _ in kinds})
