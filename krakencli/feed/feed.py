"""What the user wants to see, over as many connections as it takes, as one stream.

The feed shares subscriptions out over connections, gives each what its link reports, and merges what they
say. It owns no thread and writes nothing.
"""

from collections.abc import Collection, Iterable
from typing import Any

from krakencli.clock import Clock
from krakencli.errors import StreamError
from krakencli.feed.connection import GIVE_UP_CONNECTING_AFTER, Connection, State
from krakencli.feed.conversation import Common
from krakencli.feed.output import Connect, Output
from krakencli.feed.shards import PER_CONNECTION, shards
from krakencli.feed.speech import Speech
from krakencli.feed.standing import Standing, standings
from krakencli.model import News, Subscription
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival

_WORST_FIRST: tuple[State, ...] = ("reconnecting", "connecting", "live")
LOOK_EVERY = 0.02
"""Seconds between two looks at what time brings to connections of which nothing arrives."""
ASLEEP = 20.0
"""Seconds by which the time of day is ahead of the clock that stops while a machine sleeps."""
BUSY = 1.0
"""Longer than this between two polls, and the program was busy with something else, or stopped."""


SPEECH = Speech()


class Feed:
    """`start`, then `poll` again and again, then `close`.

    `connect` makes a link that reports to the inbox.
    """

    def __init__(
        self,
        wanted: Iterable[Subscription],
        connect: Connect,
        inbox: Inbox[Arrival],
        *,
        clock: Clock,
        retry: int | None = None,
        per_connection: int = PER_CONNECTION,
        connect_within: float = GIVE_UP_CONNECTING_AFTER,
        speech: Speech = SPEECH,
    ) -> None:
        self._common = Common(inbox, clock, connect_within, speech)
        groups = shards(wanted, per_connection) or [[]]  # without any the greeting alone is of interest
        self._connections = [
            Connection(group[0].host if group else "public", group, connect, self._common, retry)
            for group in groups
        ]
        self.source = 0
        """Which connection, counted from 0, the data of the last poll came over."""
        self._looked_at = float("-inf")
        self._polled_at = clock.monotonic()
        self._apart = clock.wall() - self._polled_at
        self._failure: StreamError | None = None

    @property
    def wanted(self) -> Collection[Subscription]:
        """What is still to be streamed."""
        return [one for connection in self._connections for one in connection.wanted.all]

    @property
    def places(self) -> list[list[Subscription]]:
        """What each connection is still wanted for, in the order that `source` counts."""
        return [list(connection.wanted.all) for connection in self._connections]

    @property
    def active(self) -> Collection[Subscription]:
        """What is granted on the present connections."""
        return {one for connection in self._connections for one in connection.wanted.active}

    @property
    def state(self) -> State:
        """live where all connections are."""
        states = {connection.state for connection in self._connections}
        return next((state for state in _WORST_FIRST if state in states), "live")

    @property
    def caught_up(self) -> bool:
        """Whether everything that has arrived has been polled: before that no silence is the exchange's."""
        return self._common.inbox.empty()

    def symbols_of(self, number: object, wire: str) -> list[str]:
        """The symbols of a channel on the connection that has this number in its news."""
        return [
            one.symbol
            for connection in self._connections
            if connection.number == number
            for one in connection.wanted.all
            if one.symbol is not None and one.wire == wire
        ]

    def standings(self) -> list[Standing]:
        """How each subscription stands, those that were refused too."""
        wall, now = self._common.clock.wall(), self._common.clock.monotonic()
        return [one for connection in self._connections for one in standings(connection, wall, now)]

    def start(self) -> None:
        for connection in self._connections:
            connection.start()

    def close(self) -> None:
        """Say goodbye to the exchange, within a moment."""
        for connection in self._connections:
            connection.ask_to_close()
        for connection in self._connections:
            connection.close()

    def renew(self, wire: str, symbol: str | None, delay: float) -> None:
        """Subscribe to a channel's symbol anew after so many seconds, for a fresh snapshot; None where the
        channel has no symbols.
        """
        at = self._common.clock.monotonic() + delay
        for connection in self._connections:
            connection.renew(wire, symbol, at)

    def drop(self, wire: str, symbol: str) -> None:
        """Want a channel's symbol no more."""
        for connection in self._connections:
            connection.drop(wire, symbol)

    def consult(self, subscription: Subscription) -> None:
        """Ask for a channel's snapshot beside what is streamed, once, on a connection of its host.

        It is given as an `Update`; one without data says that the exchange refused. What is streamed anyway
        is not asked for: its own snapshot has come or will.
        """
        if subscription in self.wanted:
            return
        for connection in self._connections:
            if connection.host == subscription.host and connection.consult(subscription):
                return

    def poll(self, timeout: float) -> list[Output]:
        """What has happened, waiting `timeout` seconds at most for something to happen.

        Raises what `Connection` raises; what came before the failure is given first.
        """
        if self._failure is not None:
            raise self._failure
        output: list[Output] = []
        try:
            self._turn(timeout, output)
        except StreamError as error:
            if not output:
                raise
            self._failure = error
        return output

    def is_on(self, number: object, wire: str) -> bool:
        """Whether the connection that has this number in its news carries a channel."""
        return any(
            one.wire == wire
            for connection in self._connections
            if connection.number == number
            for one in connection.wanted.all
        )

    def stamp(self) -> str:
        """Now, as RFC 3339."""
        return self._common.clock.stamp()

    def news(self, type_: str, wire: str, symbol: str | None, **fields: Any) -> News:
        """News of a channel's symbol, with the number of its connection."""
        numbers = (c.number for c in self._connections if c.wanted.of(wire, symbol))
        named = {"connection": next(numbers, 0), **({} if symbol is None else {"symbol": symbol})}
        return News(type_, self._common.clock.stamp(), {**named, **fields})

    def _turn(self, timeout: float, output: list[Output]) -> None:
        arrival = self._common.inbox.get(timeout)
        now = self._common.clock.monotonic()
        self._forgive(now, timeout)
        self._notice_sleep(now)
        if arrival is not None:
            for number, connection in enumerate(self._connections):
                if connection.link is arrival.link:
                    self.source = number
                    connection.take(arrival, now, output)
                    connection.tick(now, output)
                    break
        if arrival is None or now - self._looked_at >= LOOK_EVERY * self._common.clock.unit:
            self._looked_at = now
            self._retire_idle()
            for connection in self._connections:
                connection.tick(now, output)

    def _retire_idle(self) -> None:
        """Close what is wanted no more. The last connection stays: the stream's owner decides on the end."""
        idle = [connection for connection in self._connections if connection.idle]
        if len(idle) < len(self._connections):
            for connection in idle:
                connection.retire()

    def _forgive(self, now: float, timeout: float) -> None:
        """What came while this program stood still may not be read yet; waiting in `poll` is no standing."""
        stood, self._polled_at = now - self._polled_at - timeout, now
        if stood > BUSY * self._common.clock.unit:
            for connection in self._connections:
                connection.forgive(stood)

    def _notice_sleep(self, now: float) -> None:
        """The exchange may have forgotten a machine that slept: its connections must prove themselves."""
        before, self._apart = self._apart, self._common.clock.wall() - now
        if self._apart - before > ASLEEP * self._common.clock.unit:
            for connection in self._connections:
                connection.doubt(now)
