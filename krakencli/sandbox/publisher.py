"""One symbol's feeds: who gets which channel in which variant, and the frames that one event makes for them.

Each frame is written once, however many receive it. For one event the order is ticker, trade, ohlc, spread,
book, level3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from krakencli.sandbox import v1_feeds, v2_feeds
from krakencli.sandbox.market import Event, Market
from krakencli.sandbox.topic import Api, Feeds, Topic, Update

Send = Callable[[str], None]

_ORDER = ("ticker", "trade", "ohlc", "spread", "book", "level3")
_FEEDS: Mapping[Api, Feeds] = {"v1": v1_feeds, "v2": v2_feeds}


class Publisher:
    """The feeds of one market."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._receivers: dict[Topic, list[Send]] = {}
        self._updates: dict[Topic, Update] = {}

    def join(self, topic: Topic, send: Send) -> None:
        """From the next event on `send` gets the topic's updates."""
        self._receivers.setdefault(topic, []).append(send)
        self._receivers = dict(
            sorted(self._receivers.items(), key=lambda item: _ORDER.index(item[0].channel))
        )
        if topic not in self._updates:
            self._updates[topic] = _FEEDS[topic.api].follow(topic, self.market)

    def leave(self, topic: Topic, send: Send) -> None:
        """Ends what `join` began; harmless when it never did."""
        receivers = self._receivers.get(topic, [])
        if send in receivers:
            receivers.remove(send)
        if not receivers:
            self._receivers.pop(topic, None)
            self._updates.pop(topic, None)

    def snapshot(self, topic: Topic, now: int) -> str | None:
        """The topic's first frame as of the market's last event, if it has one; `now` only dates it."""
        return _FEEDS[topic.api].snapshot(topic, self.market, now)

    def publish(self, event: Event) -> None:
        """Sends what `event` means to everybody who follows it."""
        for topic, receivers in list(self._receivers.items()):
            for frame in self._updates[topic](event):
                for send in list(receivers):
                    send(frame)
