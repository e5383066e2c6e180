"""One connection and what is wanted of it: connects, subscribes, notices loss and connects again.

What was wanted is kept as intent; each link gets a fresh `Session` that asks for it. Arrivals become data
(`Update`, untouched) and news (`News`). It owns no thread and writes nothing.
"""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec

from krakencli.clock import Clock
from krakencli.errors import AuthError, undecodable
from krakencli.feed.lag import Lag
from krakencli.feed.output import Connect, Output, RawFrame
from krakencli.feed.reconnect import Reconnection
from krakencli.feed.stalls import Stalls
from krakencli.feed.wanted import Wanted
from krakencli.model import Host, News, Subscription
from krakencli.protocol.awaited import SNAPSHOT_WITHIN
from krakencli.protocol.masking import masked
from krakencli.protocol.session import Complaint, Event, Rejected, Session, Subscribed
from krakencli.protocol.v2 import Garbage, Update
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Batch, Closed, Link, Opened, Postponed

HEALTHY_AFTER = 60.0
CONSULT_AGAIN_AFTER = 5.0
GIVE_UP_CONNECTING_AFTER = 15.0
ASK_REFUSED_AGAIN_AFTER = 30.0
TOKEN_REFUSAL = re.compile(r"\b(token|session)\b", re.IGNORECASE)
"""What a refused token's error says (protocol notes, limits §4, rule 4)."""

NUMBERED = ("trade",)
"""Channels whose records are numbered: what is missing of them their stage says, and can fill."""

State = Literal["connecting", "live", "reconnecting"]


@dataclass(slots=True)
class Common:
    """What the connections of one feed share.

    `understood` is set by the first valid frame of any: from then on nothing is given up. `opened` counts
    the connections that were opened, which gives each its number.
    """

    inbox: Inbox[Arrival]
    clock: Clock
    connect_within: float = GIVE_UP_CONNECTING_AFTER
    keep_frames: bool = False
    trace: Callable[[str, bytes], None] | None = None
    opened: int = 0
    understood: bool = False


class Connection:
    """`start` it, give it its link's arrivals by `take`, and let time pass by `tick`; both add to `output`.

    They raise UnreachableError when no connection can be had, ProtocolError when the other side does not
    speak the exchange's protocol, AuthError when it refuses the token.
    """

    def __init__(
        self, host: Host, wanted: Iterable[Subscription], connect: Connect, common: Common, retry: int | None
    ) -> None:
        self.host = host
        self.wanted = Wanted(wanted)
        self.state: State = "connecting"
        self.link: Link | None = None
        self._channels = self.wanted.channels
        self._had_some = bool(self.wanted.all)
        self._connect, self._common, self._clock = connect, common, common.clock
        self._reconnection = Reconnection(random.Random(), retry)  # noqa: S311 - spreads load, guards nothing
        self._session: Session | None = None
        self._token: str | None = None
        self._number = 0
        self._began_at = self._opened_at = 0.0
        self._next_attempt: float | None = None
        self._maintenance = self._token_refused = self._resumed = False
        self._stalls = Stalls(self._clock.unit)
        self._lag = Lag(self._clock.unit)

    @property
    def number(self) -> int:
        """Of the present or the last link that was opened; 0 before the first."""
        return self._number

    @property
    def idle(self) -> bool:
        """Whether nothing of what it was made for is wanted any more."""
        return self._had_some and not self.wanted.all

    def start(self) -> None:
        self._next_attempt = None
        self._began_at = self._clock.monotonic()
        self.link = self._connect(self.host, self._common.inbox)
        self.link.start()

    def retire(self) -> None:
        """Nothing is wanted of it any more: it says goodbye and never comes back."""
        self.ask_to_close()
        self._session = self.link = self._next_attempt = None
        self.state = "live"

    def ask_to_close(self) -> None:
        """Say goodbye to the exchange, without waiting for it."""
        if self.link is not None:
            self.link.close()

    def close(self) -> None:
        """The same, and wait a moment."""
        if self.link is not None:
            self.link.close(wait=0.1)

    def renew(self, wire: str, symbol: str, at: float) -> None:
        """Subscribe to a channel's symbol anew when the clock reaches `at`, for a fresh snapshot."""
        if self._session is not None:  # otherwise the next link brings one
            for subscription in self.wanted.of(wire, symbol):
                self._session.ask_again(subscription, at)

    def drop(self, wire: str, symbol: str) -> None:
        """Want a channel's symbol no more."""
        for subscription in self.wanted.drop(wire, symbol):
            if self._session is not None:
                self._session.leave(subscription)

    def consult(self, subscription: Subscription) -> bool:
        """Ask for a channel's snapshot beside what is streamed, once, on the present link if there is one."""
        if self._session is None:
            return False
        now, asked_at = self._clock.monotonic(), self.wanted.consulted.get(subscription)
        if asked_at is None or now - asked_at >= CONSULT_AGAIN_AFTER * self._clock.unit:
            self.wanted.consulted[subscription] = now
            self._session.leave(subscription)
            self._session.ask([subscription])
        return True

    def take(self, arrival: Arrival, now: float, output: list[Output]) -> None:
        """What the link reports."""
        match arrival:
            case Batch(frames=frames):
                self._receive(frames, now, output)
            case Opened(token=token):
                self._open(token, now, output)
            case Postponed(seconds=seconds):
                self._began_at = now + seconds
                reason = "too many connection attempts in ten minutes"
                output.append(self._news("reconnecting", reason=reason, attempt=0, delay=round(seconds, 3)))
            case Closed():
                self._lose(arrival, now, output)

    def tick(self, now: float, output: list[Output]) -> None:
        """What time brings: attempts that are due or too slow, silence, requests that the pace held back."""
        if self._next_attempt is not None:
            if now >= self._next_attempt:
                self.start()
        elif self.link is not None and self._session is None:
            late = now - self._began_at > self._common.connect_within * self._clock.unit
            if late and self._common.inbox.empty():
                self._drop_link(self.link, "no answer in time", now, output)
        elif self.link is not None and self._session is not None:
            if self._session.lost(now) and self._common.inbox.empty():
                self._drop_link(self.link, "silent for too long", now, output)
            else:
                self._session.tick(now)
                self._look_for_stalls(now, output)
                self._send(now)

    def _open(self, token: str | None, now: float, output: list[Output]) -> None:
        assert self.link is not None
        self.state = "live"
        self._common.opened += 1
        self._number = self._common.opened
        self._opened_at = now
        self._stalls.opened(now)
        self._lag = Lag(self._clock.unit)
        self._token = token
        self._session = Session(self._to_ask(), now=now, unit=self._clock.unit, token=token)
        output.append(self._news("connected", url=self.link.url))
        self._send(now)

    def _to_ask(self) -> list[Subscription]:
        """All that is wanted; after a loss with the snapshots that say what was missed."""
        again = self._resumed and not self._common.keep_frames
        self._resumed = True
        return [
            replace(one, snapshot=True) if again and one.wire in NUMBERED else one for one in self.wanted.all
        ]

    def _receive(self, frames: list[bytes], now: float, output: list[Output]) -> None:
        if self._session is None:
            return
        self._session.heard(now)
        if self._token is not None:
            frames = masked(frames, self._token)
        if self._common.trace:
            for frame in frames:
                self._common.trace("<", frame)
        if self._common.keep_frames:
            for frame in frames:
                self._receive_raw(frame, now, output)
            return
        events, only_data = self._session.receive(frames)
        if self._lag.due(now):
            self._look_for_lag(events, now, output)
        if only_data:
            self._common.understood = True
            output += events  # type: ignore[arg-type] # that is what only_data says
        else:
            self._handle(events, now, output)

    def _look_for_lag(self, events: list[Event], now: float, output: list[Output]) -> None:
        update = next((event for event in reversed(events) if isinstance(event, Update)), None)
        if update is None or update.channel == "status" or update.type == "snapshot":
            return
        inbox = self._common.inbox
        behind = self._lag.look(update, self._clock.wall(), now, backlog=not inbox.empty())
        if behind is not None:
            output.append(self._news("lag", seconds=round(behind, 3), frames=inbox.count))

    def _receive_raw(self, frame: bytes, now: float, output: list[Output]) -> None:
        if self._session is None:
            return
        events, _ = self._session.receive([frame])
        update = events[0] if events and isinstance(events[0], Update) else None
        output.append(RawFrame(frame, is_data=update is not None and update.channel in self._channels))
        self._handle(events, now, output)

    def _handle(self, events: list[Event], now: float, output: list[Output]) -> None:
        """Data goes on, the rest becomes news; what stands behind garbage is left out with its link."""
        for event in events:
            match event:
                case Garbage():
                    self._discard(event, now, output)
                case Update():
                    self._pass_on(event, output)
                case _:
                    self._answer(event, now, output)
            if self._session is None:
                return
            self._common.understood = True

    def _pass_on(self, update: Update, output: list[Output]) -> None:
        if update.channel == "status":
            self._maintenance = _system(update) not in (None, "online")
        if update.channel not in self._channels:
            self._leave_consulted(update.channel)
        if not self._common.keep_frames:
            output.append(update)

    def _answer(self, answer: Subscribed | Rejected | Complaint, now: float, output: list[Output]) -> None:
        """What the exchange says to a request; of what is only consulted nothing is told."""
        consulted = getattr(answer, "subscription", None) in self.wanted.consulted
        match answer:
            case Subscribed(subscription=subscription) if consulted:
                if self._session is not None:
                    self._session.expect_nothing(subscription)  # whoever asked has a patience of his own
            case Rejected(subscription=subscription) if consulted:
                output.append(Update(subscription.wire))
            case Subscribed():
                self._subscribed(answer, output)
            case Rejected() | Complaint() if self._is_of_the_token(answer):
                self._renew_token(answer.reason, now, output)
            case Rejected():
                self._refuse(answer, now, output)
            case Complaint(reason=reason):
                output.append(self._news("rejected", reason=reason))

    def _subscribed(self, answer: Subscribed, output: list[Output]) -> None:
        subscription = answer.subscription
        since = self.wanted.granted(subscription)
        self._token_refused = False
        extra: dict[str, Any] = {"warnings": list(answer.warnings)} if answer.warnings else {}
        if answer.renewed:
            extra["renewed"] = True
        subscribed = self._news("subscribed", **subscription.fields, **extra)
        output.append(subscribed)
        if since is not None and (self._common.keep_frames or subscription.wire not in NUMBERED):
            output.append(self._news("gap", **subscription.fields, **{"from": since, "to": subscribed.time}))

    def _is_of_the_token(self, answer: Rejected | Complaint) -> bool:
        """Its words say so; the name of a coin that they repeat does not count."""
        symbol = answer.subscription.symbol if isinstance(answer, Rejected) else None
        words = answer.reason.replace(symbol, "") if symbol else answer.reason
        return self.host != "public" and TOKEN_REFUSAL.search(words) is not None

    def _refuse(self, rejected: Rejected, now: float, output: list[Output]) -> None:
        """A first refusal is final; one of what was once granted is tried again."""
        subscription = rejected.subscription
        again = self.wanted.refused(subscription)
        output.append(self._news("rejected", **subscription.fields, reason=rejected.reason, again=again))
        if again and self._session is not None:
            self._session.ask_again(subscription, now + ASK_REFUSED_AGAIN_AFTER * self._clock.unit)

    def _renew_token(self, reason: str, now: float, output: list[Output]) -> None:
        """A refused token may be too old: one new link with a new one, then it is hopeless."""
        if self._token_refused:
            raise AuthError(
                f"the exchange refused the token: {reason}",
                suggestion="get a new one with kraken-stream token",
            )
        self._token_refused = True
        if self.link is not None:
            self._drop_link(self.link, f"the exchange refused the token: {reason}", now, output)

    def _leave_consulted(self, channel: str) -> None:
        """What was asked once has been answered."""
        for subscription in [s for s in self.wanted.consulted if s.wire == channel]:
            del self.wanted.consulted[subscription]
            if self._session is not None:
                self._session.leave(subscription)

    def _discard(self, garbage: Garbage, now: float, output: list[Output]) -> None:
        """Renew a link that brought something that nobody can understand."""
        assert self.link is not None
        if garbage.channel in self._channels:
            raise undecodable(garbage.channel, f"{garbage.reason}: {garbage.sample}")
        reason = f"the server sent what is no message of Kraken's: {garbage.sample}"
        self.link.close()
        self._lose(Closed(self.link, reason, opened=True, garbage=True), now, output)

    def _look_for_stalls(self, now: float, output: list[Output]) -> None:
        assert self._session is not None
        stalls = self._stalls.look(self._session, now, caught_up=self._common.inbox.empty())
        for subscription, remedy in stalls:
            reason = f"acknowledged, and nothing came in {SNAPSHOT_WITHIN:.0f} s"
            output.append(self._news("stall", **subscription.fields, reason=reason, remedy=remedy))
            if remedy == "subscribing again":
                self._session.ask_again(subscription, now)
            elif remedy == "connecting again" and self.link is not None:
                reason = f"{subscription} was acknowledged and does not deliver"
                self._drop_link(self.link, reason, now, output)
                return

    def _drop_link(self, link: Link, reason: str, now: float, output: list[Output]) -> None:
        link.close()
        self._lose(Closed(link, reason, opened=self._session is not None), now, output)

    def _lose(self, closed: Closed, now: float, output: list[Output]) -> None:
        """Decide after the end of a link, or of an attempt, whether and when to try again."""
        opened, self._session, self.link = self._session is not None, None, None
        if opened and now - self._opened_at >= HEALTHY_AFTER * self._clock.unit:
            self._reconnection.healthy()
        self.wanted.disconnected(self._clock.stamp())
        self.state = "reconnecting"
        if opened:
            output.append(self._news("disconnected", reason=closed.reason))
        succeeded = self._common.understood
        delay = self._reconnection.after(closed, succeeded=succeeded, maintenance=self._maintenance)
        self._next_attempt = now + delay * self._clock.unit
        attempt = self._reconnection.failures
        output.append(
            self._news("reconnecting", reason=closed.reason, attempt=attempt, delay=round(delay, 3))
        )

    def _send(self, now: float) -> None:
        if self._session is not None and self.link is not None:
            for frame in self._session.outgoing(now):
                if self._common.trace:
                    self._common.trace(">", frame)
                self.link.send(frame)

    def _news(self, type_: str, **fields: Any) -> News:
        return News(type_, self._clock.stamp(), {"connection": self._number, **fields})


def _system(status: Update) -> Any:
    """The engine's state in a status message (protocol notes v2 §3.1), None where it has none."""
    try:
        item = msgspec.json.decode(status.data[0])
    except (IndexError, msgspec.DecodeError):
        return None
    return item.get("system") if isinstance(item, dict) else None
