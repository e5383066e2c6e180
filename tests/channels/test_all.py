"""The list of channels, and what is true of each."""

import pytest

from krakencli.channels import CHANNELS
from krakencli.channels.book import TOP
from krakencli.channels.instrument import ASSETS
from krakencli.model import Channel, Column, News, Param, Subscription

from .kit import assert_sound


def test_the_list() -> None:
    public = ["ticker", "trade", "ohlc", "book", "level3", "spread", "instrument", "status"]
    assert list(CHANNELS) == [*public, "executions", "open-orders", "own-trades", "balances"]
    assert all(channel.name == name for name, channel in CHANNELS.items())


def test_no_name_is_given_twice() -> None:
    names = [name for channel in CHANNELS.values() for name in (channel.name, *channel.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("channel", [*CHANNELS.values(), ASSETS, TOP], ids=lambda channel: channel.name)
def test_each_is_sound(channel: Channel) -> None:
    assert_sound(channel)


def test_a_column_is_headed_by_its_title_or_its_name() -> None:
    assert [Column("bid_qty").heading, Column("low", title="low 24h").heading] == ["bid qty", "low 24h"]


def test_a_subscription_is_the_same_with_and_without_its_snapshot() -> None:
    one, other = (
        Subscription("book", "A/B", (("depth", 10),), True),
        Subscription("book", "A/B", (("depth", 10),)),
    )
    assert one == other
    assert hash(one) == hash(other)
    assert one != Subscription("book", "A/B", (("depth", 25),))
    assert [str(one), str(Subscription("instrument"))] == ["book A/B", "instrument"]
    assert one.fields == {"subscription": "book", "symbol": "A/B", "depth": 10}
    assert Subscription("instrument").fields == {"subscription": "instrument"}


def test_news_have_fields_of_their_own() -> None:
    assert News("end", "t").fields == {}
    assert News("end", "t").fields is not News("end", "t").fields


def test_a_choice_is_text_or_an_alias() -> None:
    param = Param("x", "help", ("-x",), 1, (1, "two"), (("one", 1),))
    assert [param.parse(text) for text in ("1", "two", "one", "ONE")] == [1, "two", 1, 1]
    with pytest.raises(ValueError, match="'Two' is not one of 1, two"):
        param.parse("Two")
