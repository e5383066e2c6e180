"""What is said over one link: data goes on as it came, everything else becomes news. Sans I/O.

A conversation ends when its link does. `over` says why the link is to be given up, where that is not the
other side's doing.
"""

import re
from dataclasses import dataclass
from typing import Any

import msgspec

from krakencli.clock import Clock
from krakencli.errors import AuthError, undecodable
from krakencli.feed.lag import Lag
from krakencli.feed.output import Output, RawFrame
from krakencli.feed.speech import Speech
from krakencli.feed.stalls import Stalls
from krakencli.feed.wanted import Grant, Wanted
from krakencli.model import News, Subscription
from krakencli.protocol.awaited import SNAPSHOT_WITHIN
from krakencli.protocol.events import Complaint, Event, Rejected, Subscribed
from krakencli.protocol.masking import masked
from krakencli.protocol.messages import Garbage, Update
from krakencli.protocol.session import Session
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival

ASK_REFUSED_AGAIN_AFTER = 30.0
ASK_ENDED_AGAIN_AFTER = 1.0
CONSULT_AGAIN_AFTER = 5.0
TOKEN_REFUSAL = re.compile(r"\b(token|session)\b", re.IGNORECASE)
"""What a refused token's error says (protocol notes, limits §4, rule 4)."""

RIGHTS = {
    "executions": "'Query open orders & trades' and 'Query closed orders & trades'",
    "balances": "'Funds – Query'",  # noqa: RUF001 - the exchange's spelling
    "openOrders": "'Query open orders & trades'",
    "ownTrades": "'Query closed orders & trades'",
    "level3": "'WebSocket interface'",
}
"""What a key must be allowed for a channel, as the exchange's page of keys calls it (limits §5, rule 6)."""

FILLED = ("trade", "ohlc", "executions", "balances", "openOrders", "ownTrades")
"""Channels whose stage tells what is missing of them, because it can fill it."""


@dataclass(slots=True)
class Common:
    """What the connections of one feed share.

    `understood` is set by the first valid frame of any: from then on nothing is given up. `opened` counts
    the connections that were opened, which gives each its number.
    """

    inbox: Inbox[Arrival]
    clock: Clock
    connect_within: float
    speech: Speech
    opened: int = 0
    understood: bool = False


@dataclass(frozen=True, slots=True)
class Over:
    """Why a link is given up; `garbage` where it brought what is no message."""

    reason: str
    garbage: bool = False


class Conversation:
    """`private` hosts want a token; `token_refused` says that the one before was refused."""

    def __init__(
        self,
        wanted: Wanted,
        session: Session,
        common: Common,
        *,
        number: int,
        stalls: Stalls,
        token: str | None = None,
        private: bool = False,
        token_refused: bool = False,
    ) -> None:
        self.session = session
        self.over: Over | None = None
        self.maintenance: bool | None = None
        """Whether the exchange said that it is not online; None where it said nothing."""
        self.token_refused = token_refused
        self._wanted, self._common, self._clock = wanted, common, common.clock
        self._speech = common.speech
        self._number, self._stalls = number, stalls
        self._token, self._private = token, private
        self._channels = wanted.channels
        self._lag = Lag(self._clock.unit)

    def receive(self, frames: list[bytes], now: float, output: list[Output]) -> None:
        """What frames bring; nothing behind what ends the conversation.

        Raises ProtocolError for data of a channel that is none, AuthError for a token refused twice.
        """
        self.session.heard(now)
        if self._token is not None:
            frames = masked(frames, self._token)
        if self._speech.trace:
            for frame in frames:
                self._speech.trace("<", frame)
        if self._speech.keep_frames:
            for frame in frames:
                self._receive_raw(frame, now, output)
            return
        events, only_data = self.session.receive(frames)
        if self._lag.due(now):
            self._look_for_lag(events, now, output)
        if only_data:
            self._common.understood = True
            output += events  # type: ignore[arg-type] # that is what only_data says
        else:
            self._handle(events, now, output)

    def tick(self, now: float, output: list[Output]) -> None:
        """What time brings: what is not answered is asked for again, what does not deliver is renewed."""
        self.session.tick(now)
        stalls = self._stalls.look(self.session, now, caught_up=self._common.inbox.empty())
        for subscription, remedy in stalls:
            reason = f"acknowledged, and nothing came in {SNAPSHOT_WITHIN:.0f} s"
            output.append(self.news("stall", **subscription.fields, reason=reason, remedy=remedy))
            if remedy == "subscribing again":
                self.session.ask_again(subscription, now)
            elif remedy == "connecting again":
                self.over = Over(f"{subscription} was acknowledged and does not deliver")
                return

    def consult(self, subscription: Subscription) -> None:
        """Ask for a channel's snapshot beside what is streamed, once."""
        now, asked_at = self._clock.monotonic(), self._wanted.consulted.get(subscription)
        if asked_at is None or now - asked_at >= CONSULT_AGAIN_AFTER * self._clock.unit:
            self._wanted.consulted[subscription] = now
            self.session.leave(subscription)
            self.session.ask([subscription])

    def news(self, type_: str, **fields: Any) -> News:
        return News(type_, self._clock.stamp(), {"connection": self._number, **fields})

    def _look_for_lag(self, events: list[Event], now: float, output: list[Output]) -> None:
        update = next((event for event in reversed(events) if isinstance(event, Update)), None)
        if update is None or update.channel == "status" or update.type == "snapshot":
            return
        inbox = self._common.inbox
        behind = self._lag.look(update, self._clock.wall(), now, backlog=not inbox.empty())
        if behind is not None:
            output.append(self.news("lag", seconds=round(behind, 3), frames=inbox.count))

    def _receive_raw(self, frame: bytes, now: float, output: list[Output]) -> None:
        if self.over is not None:
            return
        events, _ = self.session.receive([frame])
        update = events[0] if events and isinstance(events[0], Update) else None
        output.append(RawFrame(frame, is_data=update is not None and update.channel in self._channels))
        self._handle(events, now, output)

    def _handle(self, events: list[Event], now: float, output: list[Output]) -> None:
        for event in events:
            match event:
                case Garbage():
                    self._discard(event)
                case Update():
                    self._pass_on(event, output)
                case _:
                    self._answer(event, now, output)
            if self.over is not None:
                return
            self._common.understood = True

    def _pass_on(self, update: Update, output: list[Output]) -> None:
        if update.channel == "status":
            self.maintenance = _system(update) not in (None, "online")
        if update.channel not in self._channels:
            self._leave_consulted(update.channel)
        if not self._speech.keep_frames:
            output.append(update)

    def _answer(self, answer: Subscribed | Rejected | Complaint, now: float, output: list[Output]) -> None:
        """What the exchange says to a request; of what is only consulted nothing is told."""
        consulted = getattr(answer, "subscription", None) in self._wanted.consulted
        match answer:
            case Subscribed(subscription=subscription) if consulted:
                self.session.expect_nothing(subscription)  # whoever asked has a patience of his own
            case Rejected(subscription=subscription) if consulted:
                output.append(Update(subscription.wire))
            case Subscribed():
                self._subscribed(answer, output)
            case Rejected() | Complaint() if self._is_of_the_token(answer):
                self._refuse_token(answer.reason)
            case Rejected():
                self._refuse(answer, now, output)
            case Complaint(reason=reason):
                output.append(self.news("rejected", reason=reason))

    def _subscribed(self, answer: Subscribed, output: list[Output]) -> None:
        subscription = answer.subscription
        grant = Grant(answer.acknowledged, answer.warnings, answer.after)
        since = self._wanted.granted(subscription, grant)
        self.token_refused = False
        extra: dict[str, Any] = {"warnings": list(answer.warnings)} if answer.warnings else {}
        if answer.renewed:
            extra["renewed"] = True
        subscribed = self.news("subscribed", **subscription.fields, **extra)
        output.append(subscribed)
        if since is not None and (self._speech.keep_frames or subscription.wire not in FILLED):
            output.append(self.news("gap", **subscription.fields, **{"from": since, "to": subscribed.time}))

    def _refuse(self, rejected: Rejected, now: float, output: list[Output]) -> None:
        """A first refusal is final; one of what was once granted is tried again."""
        subscription = rejected.subscription
        if self._private and "permission denied" in rejected.reason.lower():
            raise AuthError(
                f"the key behind the token may not see {subscription.wire}: {rejected.reason}",
                suggestion=f"grant it {RIGHTS.get(subscription.wire, 'WebSocket interface')}",
            )
        again = self._wanted.refused(subscription, rejected.reason, self._clock.stamp())
        output.append(self.news("rejected", **subscription.fields, reason=rejected.reason, again=again))
        if again:
            after = ASK_ENDED_AGAIN_AFTER if rejected.ended else ASK_REFUSED_AGAIN_AFTER
            self.session.ask_again(subscription, now + after * self._clock.unit)

    def _is_of_the_token(self, answer: Rejected | Complaint) -> bool:
        """Its words say so; the name of a coin that they repeat does not count."""
        symbol = answer.subscription.symbol if isinstance(answer, Rejected) else None
        words = answer.reason.replace(symbol, "") if symbol else answer.reason
        return self._private and TOKEN_REFUSAL.search(words) is not None

    def _refuse_token(self, reason: str) -> None:
        """A refused token may be too old: one new link with a new one, then it is hopeless."""
        words = f"the exchange refused the token: {reason}"
        if self.token_refused:
            raise AuthError(words, suggestion="get a new one with kraken-stream token")
        self.token_refused = True
        self.over = Over(words)

    def _leave_consulted(self, channel: str) -> None:
        """What was asked once has been answered."""
        for subscription in [s for s in self._wanted.consulted if s.wire == channel]:
            del self._wanted.consulted[subscription]
            self.session.leave(subscription)

    def _discard(self, garbage: Garbage) -> None:
        """Renew a link that brought something that nobody can understand."""
        if garbage.channel in self._channels:
            raise undecodable(garbage.channel, f"{garbage.reason}: {garbage.sample}")
        self.over = Over(f"the server sent what is no message of Kraken's: {garbage.sample}", garbage=True)


def _system(status: Update) -> Any:
    """The engine's state in a status message (protocol notes v2 §3.1), None where it has none."""
    try:
        item = msgspec.json.decode(status.data[0])
    except (IndexError, msgspec.DecodeError):
        return None
    return item.get("system") if isinstance(item, dict) else None
