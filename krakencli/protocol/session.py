"""One connection's conversation: what was asked for, what was granted, what is to be sent next.

    ASKED --acknowledged--> ACTIVE --renew--> LEAVING --acknowledged--> ASKED
      |---refused---------> REFUSED    until `ask_again`
      |---no answer, or "Exceeded msg rate"---> asked again after a pause

Every subscription is acknowledged one by one (protocol notes v2 §4); an acknowledgement that does not come is
asked for again, a refusal is told with its subscription. A fresh snapshot takes an unsubscription, its
acknowledgement and a subscription, in this order (§4, rule 8). Sans I/O: frames in, events out.
`now` is seconds of any monotonic clock; `unit` is the length of a second, which tests shrink.
"""

from collections.abc import Iterable
from enum import Enum, auto

from krakencli.model import Subscription
from krakencli.protocol import v2
from krakencli.protocol.awaited import Awaited
from krakencli.protocol.dialect import Dialect, Method
from krakencli.protocol.events import Complaint, Event, Rejected, Subscribed
from krakencli.protocol.messages import UNREADABLE, Garbage, Response, Update
from krakencli.protocol.pace import Pace
from krakencli.protocol.requests import Requests, open_ones
from krakencli.protocol.server_time import ServerTime

ACKNOWLEDGE_WITHIN = 8.0
PING_AFTER = 10.0
LOST_AFTER = 20.0
DOUBTED_FOR = 5.0
KEEP_ALIVE_EVERY = 25.0
_LABELS = ("channel", "symbol", "warnings")
DEAF_AFTER = 3
"""So many times in a row a request stayed without an answer while nothing but heartbeats came."""


class Phase(Enum):
    """Where a subscription stands; the module's docstring draws the ways between."""

    ASKED = auto()
    ACTIVE = auto()
    LEAVING = auto()
    REFUSED = auto()


class Session:
    """The conversation of one connection, from its opening to its end; a new connection gets a new one.

    `token` is what the host of the connection wants in every subscription, None where it wants none;
    `keep_alive` sends a ping now and then to a host that closes what is quiet from here (§3.4). `dialect` is
    how this one connection speaks.
    """

    def __init__(
        self,
        wanted: Iterable[Subscription],
        *,
        now: float,
        unit: float = 1.0,
        token: str | None = None,
        keep_alive: bool = False,
        dialect: Dialect = v2,
    ) -> None:
        self.phases: dict[Subscription, Phase] = {}
        self._channels: set[str] = set()
        self._unit = unit
        self._dialect = dialect
        self._requests = Requests(dialect, token)
        self._pace = Pace(now, unit)
        self._later: dict[Subscription, float] = {}
        self._when_granted: set[Subscription] = set()
        self._renewed: set[Subscription] = set()
        self._heard_at, self._pinged_at = now, now
        self._keep_alive = keep_alive
        self._unanswered = 0
        self._awaited = Awaited()
        self.server_time = ServerTime()
        self.ask(wanted)

    def receive(self, frames: Iterable[bytes]) -> tuple[list[Event], bool]:
        """What frames say, in order, and whether all of it is data of the channels asked for.

        Messages of other channels and heartbeats say nothing, whatever their shape; a `status` is an `Update`
        but no data.
        """
        events: list[Event] = []
        only_data, channels, append = True, self._channels, events.append
        decode = self._dialect.decode_update
        for frame in frames:
            try:
                update = decode(frame)
            except UNREADABLE:
                only_data = False
                events += self._receive_other(self._dialect.decode(frame))
                continue
            if update.method is None and update.channel in channels:
                append(update)
            elif update.channel != "heartbeat":
                only_data = False
                events += self._receive_other(self._dialect.decode(frame))
        if events:
            self._unanswered = 0
        if self._awaited:
            self._awaited.came([event for event in events if isinstance(event, Update)])
        return events, only_data

    def _receive_other(self, message: Update | Response | Garbage) -> list[Event]:
        if isinstance(message, Response):
            return self._answer(message)
        if isinstance(message, Garbage):
            known = not message.channel or message.channel in (self._channels or {"status"})
        else:
            known = message.channel in self._channels or message.channel == "status"
        return [message] if known else []

    def heard(self, now: float) -> None:
        """Something arrived: the connection lives."""
        self._heard_at = now

    def delivers(self, subscription: Subscription) -> bool:
        """Whether something of it came since it was granted, where a snapshot was due."""
        return self._awaited.paid(subscription)

    def owes(self, subscription: Subscription) -> bool:
        """Whether it is granted and its snapshot has not come."""
        return self._awaited.owes(subscription)

    def expect_nothing(self, subscription: Subscription) -> None:
        """It may never send anything."""
        self._awaited.forget([subscription])

    def forgive(self, seconds: float) -> None:
        """So long nobody has looked at what arrived: it is no silence, and counts against no subscription."""
        self._heard_at += seconds
        self._pinged_at += seconds
        self._awaited.forgive(seconds)

    def doubt(self, now: float) -> None:
        """Ping at once, and give the connection up if it says nothing within `DOUBTED_FOR` seconds."""
        self._heard_at = min(self._heard_at, now - (LOST_AFTER - DOUBTED_FOR) * self._unit)
        self._pinged_at = min(self._pinged_at, self._heard_at)

    def overdue(self, now: float) -> list[Subscription]:
        """Granted subscriptions of which nothing came in time, where a snapshot was due; each once."""
        return self._awaited.overdue(now, self._unit)

    def tick(self, now: float) -> None:
        """Let time pass: pings when it is silent, requests again that were not answered."""
        late = self._requests.late(now - ACKNOWLEDGE_WITHIN * self._unit)
        self._unanswered += bool(late)
        for method, subscriptions in open_ones(late).items():
            self._requests.ask(method, self._still(method, subscriptions))
        due = [s for s, at in self._later.items() if at <= now]
        if due:
            for subscription in due:
                del self._later[subscription]
            self._renew([s for s in due if s in self.phases])
        silent = now - max(self._heard_at, self._pinged_at) >= PING_AFTER * self._unit
        if silent or (self._keep_alive and now - self._pinged_at >= KEEP_ALIVE_EVERY * self._unit):
            self._pinged_at = now
            self._requests.ping()

    def lost(self, now: float) -> str | None:
        """Why the connection must be given up, if it must: silence, or heartbeats and nothing else."""
        if now - self._heard_at >= LOST_AFTER * self._unit:
            return "silent for too long"
        return "requests are not answered" if self._unanswered >= DEAF_AFTER else None

    def ask(self, subscriptions: Iterable[Subscription]) -> None:
        """Subscribe to these."""
        asked = list(subscriptions)
        self._channels |= {s.wire for s in asked}
        self._requests.ask("subscribe", asked)
        self.phases.update(dict.fromkeys(asked, Phase.ASKED))

    def ask_again(self, subscription: Subscription, at: float) -> None:
        """Ask for it anew when the clock reaches `at`: a refused one, or a granted one for a new snapshot.

        One that is asked for and not yet granted is renewed when it is: its snapshot may have come before.
        """
        self._later[subscription] = min(at, self._later.get(subscription, at))

    def leave(self, subscription: Subscription) -> None:
        """Unsubscribe; nothing of it is told any more."""
        self._awaited.forget([subscription])
        self._when_granted.discard(subscription)
        self._renewed.discard(subscription)
        if self.phases.pop(subscription, Phase.REFUSED) is not Phase.REFUSED:
            self._requests.ask("unsubscribe", [subscription])
        self._channels = {s.wire for s in self.phases}

    def outgoing(self, now: float) -> list[bytes]:
        """The frames to send now; the pace holds back what would be too much at once."""
        return self._requests.outgoing(now, self._pace)

    def _still(self, method: Method, subscriptions: Iterable[Subscription]) -> list[Subscription]:
        """Those that are not left meanwhile; whoever leaves may always be told again."""
        return [s for s in subscriptions if method == "unsubscribe" or s in self.phases]

    def _renew(self, subscriptions: list[Subscription]) -> None:
        refused = [s for s in subscriptions if self.phases[s] is Phase.REFUSED]
        active = [s for s in subscriptions if self.phases[s] is Phase.ACTIVE]
        self._when_granted.update(s for s in subscriptions if self.phases[s] is Phase.ASKED)
        self.ask(refused)
        self._requests.ask("unsubscribe", active)
        self._awaited.forget(active)
        self.phases.update(dict.fromkeys(active, Phase.LEAVING))

    def _answer(self, response: Response) -> list[Event]:
        if response.method == "pong":
            return []
        self._unanswered = 0
        if "exceeded msg rate" in response.error.lower():
            return self._slow_down(response)
        method, answered, asked_at = self._requests.match(response)
        self._measure(response, asked_at)
        if not answered:
            return self._unasked(response)
        if method == "unsubscribe":  # refused means that it was not there, which is as good
            left = [s for s in answered if self.phases.get(s) is Phase.LEAVING]
            self._renewed.update(left)
            self.ask(left)
            return []
        answered = [s for s in answered if s in self.phases]
        if response.success or response.error.lower() == "already subscribed":
            return self._grant(answered, response, asked_at)
        self.phases.update(dict.fromkeys(answered, Phase.REFUSED))
        self._when_granted.difference_update(answered)
        return [Rejected(s, response.error or "refused without a reason") for s in answered]

    def _unasked(self, response: Response) -> list[Event]:
        """An error about nothing in particular, or the end of a subscription, which v1 may tell (v1 §4)."""
        if not response.success:
            return [Complaint(response.error or "a request failed without a reason")]
        if response.method != "unsubscribe":
            return []
        ended = [
            one
            for one, phase in self.phases.items()
            if phase is Phase.ACTIVE and (one.wire, one.symbol) == (response.channel, response.symbol)
        ]
        self.phases.update(dict.fromkeys(ended, Phase.REFUSED))
        self._awaited.forget(ended)
        return [Rejected(one, "ended by the exchange", ended=True) for one in ended]

    def _measure(self, response: Response, asked_at: float | None) -> None:
        """The exchange's clock, from the times at which it had the request and answered (§2.2)."""
        if asked_at is not None:
            self.server_time.answered(asked_at, self._heard_at, response.time_in, response.time_out)

    def _grant(self, granted: list[Subscription], response: Response, asked_at: float | None) -> list[Event]:
        self.phases.update(dict.fromkeys(granted, Phase.ACTIVE))
        self._awaited.granted(granted, self._heard_at)
        again = [s for s in granted if s in self._when_granted]
        anew = self._renewed.difference(again)
        self._renewed.difference_update(granted)
        self._when_granted.difference_update(again)
        self._renew(again)
        warnings = tuple(response.warnings)
        acknowledged = {name: value for name, value in response.result.items() if name not in _LABELS}
        after = None if asked_at is None else self._heard_at - asked_at
        return [Subscribed(s, warnings, s in anew, acknowledged, after) for s in granted]

    def _slow_down(self, response: Response) -> list[Event]:
        """Send nothing for a while, longer each time; then ask again for what may be refused (limits §2)."""
        self._pace.slow_down(self._heard_at)
        for method, subscriptions in open_ones(self._requests.refused(response)).items():
            self._requests.ask(method, self._still(method, subscriptions))
        return [Complaint(response.error)]
