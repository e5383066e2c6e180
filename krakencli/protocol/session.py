"""One connection's conversation: what was asked for, what was granted, what is to be sent next.

    WANTED --asked--> ASKED --acknowledged--> ACTIVE
                        |---refused---------> REFUSED    until `ask_again`
                        |---no answer, or "Exceeded msg rate"---> asked again after a pause

Every subscription is acknowledged one by one (protocol notes v2 §4); an acknowledgement that does not come is
asked for again, a refusal is told with its subscription. Requests are packed and paced, because the exchange
refuses clients that send too many messages (protocol notes, limits §2). Sans I/O: frames in, events out.
`now` is seconds of any monotonic clock; `unit` is the length of a second, which tests shrink.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from krakencli.model import Subscription
from krakencli.protocol import v2
from krakencli.protocol.v2 import Garbage, Response, Update

SYMBOLS_PER_REQUEST = 100
BURST = 10
PAUSE = 0.2
ACKNOWLEDGE_WITHIN = 8.0
SLOW_DOWN = (2.0, 30.0)
PING_AFTER = 10.0
LOST_AFTER = 20.0


class Phase(Enum):
    """Where a subscription stands; the module's docstring draws the ways between."""

    WANTED = auto()
    ASKED = auto()
    ACTIVE = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The exchange granted a subscription; `warnings` are its words about deprecated fields."""

    subscription: Subscription
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """The exchange refused a subscription, in its own words."""

    subscription: Subscription
    reason: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error that belongs to no subscription."""

    reason: str


Event = Update | Subscribed | Rejected | Complaint | Garbage


@dataclass(slots=True)
class _Request:
    """A subscribe request under way: what it asked for and is not answered yet."""

    open: dict[str | None, Subscription]
    asked_at: float | None = field(default=None)


class Session:
    """The conversation of one connection, from its opening to its end; a new connection gets a new one."""

    def __init__(self, wanted: Iterable[Subscription], *, now: float, unit: float = 1.0) -> None:
        self.phases: dict[Subscription, Phase] = dict.fromkeys(wanted, Phase.WANTED)
        self._channels = {s.wire for s in self.phases}
        self._unit = unit
        self._requests: dict[int, _Request] = {}
        self._outbox: deque[tuple[int, bytes]] = deque()
        self._later: list[tuple[float, Subscription]] = []
        self._number = 0
        self._allowance, self._refilled_at = float(BURST), now
        self._resume_at, self._pause = now, SLOW_DOWN[0]
        self._heard_at, self._pinged_at = now, now
        self._ask(self.phases)

    def receive(self, frames: Iterable[bytes]) -> tuple[list[Event], bool]:
        """What frames say, in order, and whether all of it is data of the channels asked for.

        Messages of other channels and heartbeats say nothing, whatever their shape; a `status` is an `Update`
        but no data.
        """
        events: list[Event] = []
        only_data, channels, decode, append = True, self._channels, v2.decode_update, events.append
        for frame in frames:
            try:
                update = decode(frame)
            except v2.UNREADABLE:
                only_data = False
                events += self._receive_other(v2.decode(frame))
                continue
            if update.method is None and update.channel in channels:
                append(update)
            elif update.channel != "heartbeat":
                only_data = False
                events += self._receive_other(v2.decode(frame))
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

    def tick(self, now: float) -> None:
        """Let time pass: pings when it is silent, requests again that were not answered."""
        for number, request in list(self._requests.items()):
            if request.asked_at is not None and now - request.asked_at > ACKNOWLEDGE_WITHIN * self._unit:
                del self._requests[number]
                self._ask(request.open.values())
        due = [s for at, s in self._later if at <= now]
        if due:
            self._later = [(at, s) for at, s in self._later if at > now]
            self._ask(due)
        if now - max(self._heard_at, self._pinged_at) >= PING_AFTER * self._unit:
            self._pinged_at = now
            self._outbox.append((0, v2.ping(self._next_number())))

    def lost(self, now: float) -> bool:
        """Whether silence has lasted so long that the connection must be given up."""
        return now - self._heard_at >= LOST_AFTER * self._unit

    def ask_again(self, subscription: Subscription, at: float) -> None:
        """Ask for a refused subscription once more when the clock reaches `at`."""
        self._later.append((at, subscription))

    def outgoing(self, now: float) -> list[bytes]:
        """The frames to send now; the pace holds back what would be too much at once."""
        if not self._outbox:
            return []
        refill = (now - self._refilled_at) / (PAUSE * self._unit)
        self._allowance, self._refilled_at = min(float(BURST), self._allowance + refill), now
        frames = []
        while self._outbox and self._allowance >= 1:
            self._allowance -= 1
            number, frame = self._outbox.popleft()
            if number in self._requests:
                self._requests[number].asked_at = now
            frames.append(frame)
        return frames

    def _ask(self, subscriptions: Iterable[Subscription]) -> None:
        for group in packed(subscriptions):
            number = self._next_number()
            self._requests[number] = _Request({s.symbol: s for s in group})
            self._outbox.append((number, v2.subscribe("subscribe", group, number)))
            self.phases.update(dict.fromkeys(group, Phase.ASKED))

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _answer(self, response: Response) -> list[Event]:
        if response.method == "pong":
            return []
        if "exceeded msg rate" in response.error.lower():
            return self._slow_down(response)
        answered = self._match(response)
        if not answered:
            return (
                [] if response.success else [Complaint(response.error or "a request failed without a reason")]
            )
        if response.success or response.error.lower() == "already subscribed":
            self.phases.update(dict.fromkeys(answered, Phase.ACTIVE))
            return [Subscribed(s, tuple(response.warnings)) for s in answered]
        self.phases.update(dict.fromkeys(answered, Phase.REFUSED))
        return [Rejected(s, response.error or "refused without a reason") for s in answered]

    def _match(self, response: Response) -> list[Subscription]:
        """The subscriptions that a response answers: by request and symbol, or by symbol alone.

        A refusal without a symbol is about a shared parameter and so about the whole request (§4, rule 2).
        """
        number = response.req_id
        candidates = [number] if number is not None else list(self._requests)
        for candidate in candidates:
            request = self._requests.get(candidate)
            if request is None:
                continue
            if response.symbol in request.open:
                answered = [request.open.pop(response.symbol)]
            elif response.symbol is None and not response.success and number is not None:
                answered = list(request.open.values())
                request.open.clear()
            else:
                continue
            if not request.open:
                del self._requests[candidate]
            return answered
        return []

    def _slow_down(self, response: Response) -> list[Event]:
        """Send nothing for a while, longer each time; then ask again for what may be refused (limits §2)."""
        if self._heard_at >= self._resume_at:
            self._resume_at = self._heard_at + self._pause * self._unit
            self._allowance, self._refilled_at = 1.0, self._resume_at  # less than one until then
            self._pause = min(2 * self._pause, SLOW_DOWN[1])
        refused = [n for n in self._requests if n == response.req_id] or list(self._requests)
        again = [s for n in refused for s in self._requests.pop(n).open.values()]
        self._outbox = deque((number, frame) for number, frame in self._outbox if number not in refused)
        self._ask(again)
        return [Complaint(response.error)]


def packed(subscriptions: Iterable[Subscription]) -> Iterable[list[Subscription]]:
    """Groups that one request can carry: alike but for their symbol, at most SYMBOLS_PER_REQUEST each."""
    groups: dict[tuple[object, ...], list[Subscription]] = {}
    for subscription in subscriptions:
        alike = (subscription.wire, subscription.params, subscription.snapshot, subscription.symbol is None)
        groups.setdefault(alike, []).append(subscription)
    for group in groups.values():
        for start in range(0, len(group), SYMBOLS_PER_REQUEST):
            yield group[start : start + SYMBOLS_PER_REQUEST]
