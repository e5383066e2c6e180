"""The whole exchange without its sockets: the listing, every market, the feeds, the accounts and the clock.

The clock is an argument, so that a test plays a market event by event and a server plays it in time.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random

from krakencli.sandbox.accounts import Accounts
from krakencli.sandbox.engine import Engine
from krakencli.sandbox.log import Log
from krakencli.sandbox.market import Market
from krakencli.sandbox.pairs import Listing
from krakencli.sandbox.publisher import Publisher, Send
from krakencli.sandbox.settings import Settings
from krakencli.sandbox.shortage import Shortage
from krakencli.sandbox.times import SECOND, nanoseconds
from krakencli.sandbox.topic import Topic
from krakencli.sandbox.trading.desk import Desk
from krakencli.sandbox.trading.service import Service

Clock = Callable[[], int]


class Exchange:
    """One exchange. Markets come into being when somebody asks for them, with the data they would have had
    anyway.
    """

    def __init__(self, settings: Settings, clock: Clock, log: Log | None = None) -> None:
        """`clock` gives nanoseconds since 1970. Raises ValueError for a symbol that is not listed."""
        self.settings = settings
        self.now = clock
        self.log = log or Log()
        self.engine = Engine()
        self.listing = Listing(settings.symbols, settings.synthetic)
        self.desk = Accounts(settings, self.listing)
        self.trading = Desk(settings.seed, self.publisher, clock, self.engine)
        self.service = Service(self.trading, self.listing, int(settings.second * SECOND))
        self._start = nanoseconds(settings.start) if settings.start else clock()
        # Reproducible on purpose: the ids are debugging aids, not secrets.
        self._ids = Random(f"{settings.seed}/connections")  # noqa: S311
        self._total_weight = sum(pair.weight for pair in self.listing.pairs.values())
        self._publishers: dict[str, Publisher] = {}
        self._due: list[tuple[int, str]] = []
        self._cold = list(reversed(self.listing.pairs))

    def connection_id(self) -> int:
        """The next connection's id: 64 bits, above 2^63 every other time (protocol notes §2.4)."""
        return self._ids.getrandbits(64)

    def publisher(self, symbol: str) -> Publisher:
        """The feeds of a listed v2 symbol, at the market's state of now. Raises KeyError for any other."""
        if symbol not in self._publishers:
            pair = self.listing.pairs[symbol]
            market = Market(pair, self.settings.seed, self._start, self._rate(pair.weight))
            self._publishers[symbol] = Publisher(market)
            now = self.now()
            while market.next_time is not None and market.next_time <= now:
                market.step()
            if market.next_time is not None:
                heapq.heappush(self._due, (market.next_time, symbol))
        return self._publishers[symbol]

    def leave(self, topic: Topic, send: Send) -> None:
        """Ends the updates of a topic that `send` may have joined; brings no market into being for it."""
        if topic.symbol in self._publishers:
            self._publishers[topic.symbol].leave(topic, send)

    def market(self, symbol: str) -> Market:
        """The market of a listed v2 symbol."""
        return self.publisher(symbol).market

    def shorten(self, symbol: str, shortage: Shortage) -> None:
        """Brings a shortage about in a symbol's market at once, and publishes it."""
        publisher = self.publisher(symbol)
        publisher.market.shortage = shortage
        event = publisher.market.withdraw(self.now())
        publisher.publish(event)
        self.trading.follow(publisher.market, event)

    def warm(self, levels: int) -> None:
        """Brings markets of about `levels` book levels a side into being, unasked, so that none
        starts late.
        """
        while self._cold and levels > 0:
            symbol = self._cold.pop()
            if symbol not in self._publishers:
                levels -= self.publisher(symbol).market.pair.levels

    @property
    def next_time(self) -> int | None:
        """When the next event is due (nanoseconds); None when nothing is."""
        return self._due[0][0] if self._due else None

    def advance(self, until: int, limit: int) -> int:
        """Plays at most `limit` of the events due by `until`, in order of time, and publishes them; says how
        many.
        """
        for played in range(limit):
            if not self._due or self._due[0][0] > until:
                self.trading.alarms.ring(until)
                return played
            due, symbol = self._due[0]
            self.trading.alarms.ring(due)
            publisher = self._publishers[symbol]
            event = publisher.market.step()
            self._requeue(publisher.market)
            publisher.publish(event)
            self.trading.follow(publisher.market, event)
        return limit

    def postpone(self, delay: int) -> None:
        """Puts everything still to come off by `delay` nanoseconds: the machine cannot keep up."""
        for publisher in self._publishers.values():
            publisher.market.postpone(delay)
        self._due = [(time + delay, symbol) for time, symbol in self._due]

    def _requeue(self, market: Market) -> None:
        if market.next_time is None:
            heapq.heappop(self._due)
        else:
            heapq.heapreplace(self._due, (market.next_time, market.pair.symbol))

    def _rate(self, weight: int) -> float:
        return self.settings.rate * weight / self._total_weight
