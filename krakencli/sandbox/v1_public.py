"""The market data of one v1 conversation: which channels of which pairs it follows (protocol notes v1 §4).

Several depths or intervals of a pair may run side by side: each is a channel of its own, with a name and an
id. Snapshots wait for `work`, so that every acknowledgement of a request goes out before them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from krakencli.sandbox import v1_params as params
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.session import Refuses
from krakencli.sandbox.topic import Topic
from krakencli.sandbox.v1_params import Wish

Fields = dict[str, Any]


class PublicSide:
    """The subscriptions that are held, by channelName and pair."""

    def __init__(self, exchange: Exchange, emit: Callable[[str], None], refuses: Refuses) -> None:
        self._exchange = exchange
        self._emit = emit
        self._refuses = refuses
        self._topics: dict[tuple[str, str], Topic] = {}
        self._waiting: deque[Topic] = deque()

    def __bool__(self) -> bool:
        return bool(self._topics)

    def find(self, wsname: str) -> Pair:
        """The pair of this very wsname. Raises RefusedError."""
        params.check_form(wsname)
        found = self._exchange.listing.find(wsname)
        if found is None or found.wsname != wsname:
            raise _unsupported(wsname)
        return found

    def subscribe(self, wish: Wish, pair: Pair) -> Fields:
        """Begins a subscription, and says so. Raises RefusedError."""
        if (wish.name, pair.wsname) in self._topics:
            raise RefusedError("Already subscribed")
        if self._refuses(wish.channel, pair.symbol):
            raise _unsupported(pair.wsname)
        topic = self._topics[wish.name, pair.wsname] = Topic(wish.channel, pair.symbol, wish.variant, "v1")
        self._waiting.append(topic)
        return _acknowledged("subscribed", wish, pair)

    def unsubscribe(self, wish: Wish, pair: Pair) -> Fields:
        """Ends a subscription, and says so. Raises RefusedError when there is none, be it for its depth."""
        topic = self._topics.pop((wish.name, pair.wsname), None)
        if topic is None:
            raise RefusedError("Subscription Not Found")
        self._exchange.leave(topic, self._emit)
        return _acknowledged("unsubscribed", wish, pair)

    def unsubscribe_id(self, number: object) -> Fields:
        """The same by channelID, the old way."""
        for topic in self._topics.values():
            wish, pair = Wish(topic.channel, topic.variant), self._exchange.listing.pairs[topic.symbol]
            if params.channel_id(pair.place, wish) == number:
                return self.unsubscribe(wish, pair)
        raise RefusedError("Subscription Not Found")

    def dismiss(self, channel: str, symbol: str) -> list[Fields]:
        """Ends all subscriptions of a channel and a symbol, and says so of each."""
        pair = self._exchange.listing.pairs[symbol]
        ended = [
            topic for topic in self._topics.values() if (topic.channel, topic.symbol) == (channel, symbol)
        ]
        return [self.unsubscribe(Wish(channel, topic.variant), pair) for topic in ended]

    def work(self) -> bool:
        """Begins one subscription, with its first frame if it has one; False when none was left to begin."""
        if not self._waiting:
            return False
        topic = self._waiting.popleft()
        # Unsubscribed, or subscribed anew, while it waited: identity tells which of the two this one is.
        if any(topic is known for known in self._topics.values()):
            publisher = self._exchange.publisher(topic.symbol)
            publisher.join(topic, self._emit)
            snapshot = publisher.snapshot(topic, self._exchange.now())
            if snapshot is not None:
                self._emit(snapshot)
        return True

    def end(self) -> None:
        """Leaves every feed."""
        self._waiting.clear()
        for topic in self._topics.values():
            self._exchange.leave(topic, self._emit)
        self._topics.clear()


def _unsupported(wsname: str) -> RefusedError:
    return RefusedError(f"Currency pair not supported {wsname}")


def _acknowledged(status: str, wish: Wish, pair: Pair) -> Fields:
    return {
        "channelID": params.channel_id(pair.place, wish),
        "channelName": wish.name,
        "pair": pair.wsname,
        "status": status,
        "subscription": wish.echo(),
    }
