"""What can be subscribed to of one symbol's market."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from krakencli.sandbox.market import Event, Market

Api = Literal["v1", "v2"]
Update = Callable[[Event], Iterable[str]]
"""The frames that an event means to one topic; asked for every event, in order."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A channel of one symbol (v2's name) in one variant and one protocol.

    `variant` is a book's depth, ohlc's interval, v2's trigger of ticker; `""` where there is none.
    """

    channel: str
    symbol: str
    variant: int | str = ""
    api: Api = "v2"


class Feeds(Protocol):
    """How one protocol tells of a market."""

    def snapshot(self, topic: Topic, market: Market, now: int) -> str | None:
        """The topic's first frame as of the market's last event, if it has one; `now` may date it."""

    def follow(self, topic: Topic, market: Market) -> Update:
        """What tells the topic's events from the next one on."""
