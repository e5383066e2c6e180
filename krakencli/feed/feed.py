"""What the user wants to see, kept alive: connects, subscribes, notices loss and connects again.

What was wanted is kept as intent; each connection gets a fresh `Session` that asks for it. The feed turns
arrivals into data (`Update`, untouched) and news (`News`). It owns no thread and writes nothing.
"""

import random
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, Literal

import msgspec

from krakencli.clock import Clock
from krakencli.errors import AuthError, StreamError, undecodable
from krakencli.feed.output import Connect, Output, RawFrame
from krakencli.feed.reconnect import Reconnection
from krakencli.feed.wanted import Wanted
from krakencli.model import News, Subscription
from krakencli.protocol.session import Complaint, Event, Rejected, Session, Subscribed
from krakencli.protocol.v2 import Garbage, Update
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Batch, Closed, Link, Opened

HEALTHY_AFTER = 60.0
GIVE_UP_CONNECTING_AFTER = 15.0
ASK_REFUSED_AGAIN_AFTER = 30.0
TOKEN_REFUSAL = re.compile(r"\b(token|session)\b", re.IGNORECASE)
"""What a refused token's error says (protocol notes, limits §4, rule 4)."""


class Feed:
    """`start`, then `poll` again and again, then `close`.

    `connect` makes a link that reports to the inbox. `keep_frames` makes `poll` give every frame as it came
    instead of decoded updates. `trace` sees every frame that is sent (">") or has come ("<").
    """

    def __init__(
        self,
        wanted: Iterable[Subscription],
        connect: Connect,
        inbox: Inbox[Arrival],
        *,
        clock: Clock,
        retry: int | None = None,
        connect_within: float = GIVE_UP_CONNECTING_AFTER,
        keep_frames: bool = False,
        trace: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self._wanted = Wanted(wanted)
        self._channels = self._wanted.channels
        self.state: Literal["connecting", "live", "reconnecting"] = "connecting"
        self._connect, self._inbox, self._clock = connect, inbox, clock
        self._connect_within = connect_within
        self._keep_frames, self._trace = keep_frames, trace
        self._reconnection = Reconnection(random.Random(), retry)  # noqa: S311 - spreads load, guards nothing
        self._link: Link | None = None
        self._session: Session | None = None
        self._connections = 0
        self._began_at = self._opened_at = 0.0
        self._next_attempt: float | None = None
        self._understood = self._maintenance = self._token_refused = False
        self._failure: StreamError | None = None

    @property
    def wanted(self) -> Collection[Subscription]:
        """What is still to be streamed."""
        return self._wanted.all.keys()

    @property
    def active(self) -> Collection[Subscription]:
        """What is granted on the present connection."""
        return self._wanted.active

    @property
    def caught_up(self) -> bool:
        """Whether everything that has arrived has been polled: before that no silence is the exchange's."""
        return self._inbox.empty()

    def start(self) -> None:
        self._next_attempt = None
        self._began_at = self._clock.monotonic()
        self._link = self._connect(self._inbox)
        self._link.start()

    def close(self) -> None:
        """Say goodbye to the exchange, within a moment."""
        if self._link is not None:
            self._link.close(wait=0.1)

    def renew(self, symbol: str, delay: float) -> None:
        """Subscribe to a symbol anew after so many seconds, for a fresh snapshot."""
        if self._session is not None:  # otherwise the next connection brings one
            for subscription in self._wanted.of(symbol):
                self._session.ask_again(subscription, self._clock.monotonic() + delay)

    def drop(self, symbol: str) -> None:
        """Want a symbol no more."""
        for subscription in self._wanted.drop(symbol):
            if self._session is not None:
                self._session.leave(subscription)

    def consult(self, subscription: Subscription) -> None:
        """Ask for a channel's snapshot beside what is streamed, once, on the present connection.

        It is given as an `Update`; one without data says that the exchange refused.
        """
        if self._session is not None and subscription not in self._wanted.consulted:
            self._wanted.consulted.add(subscription)
            self._session.ask([subscription])

    def poll(self, timeout: float) -> list[Output]:
        """What has happened, waiting `timeout` seconds at most for something to happen.

        Raises UnreachableError when no connection can be had, ProtocolError when the other side does not
        speak the exchange's protocol; what came before the failure is given first.
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

    def _turn(self, timeout: float, output: list[Output]) -> None:
        arrival = self._inbox.get(timeout)
        now = self._clock.monotonic()
        if arrival is not None and arrival.link is self._link:
            match arrival:
                case Batch(frames=frames):
                    self._receive(frames, now, output)
                case Opened(token=token):
                    self._open(token, now, output)
                case Closed():
                    self._lose(arrival, now, output)
        self._tick(now, output)

    def _open(self, token: str | None, now: float, output: list[Output]) -> None:
        assert self._link is not None
        self.state = "live"
        self._connections += 1
        self._opened_at = now
        self._session = Session(self.wanted, now=now, unit=self._clock.unit, token=token)
        output.append(self.news("connected", url=self._link.url))
        self._send(now)

    def _receive(self, frames: list[bytes], now: float, output: list[Output]) -> None:
        if self._session is None:
            return
        self._session.heard(now)
        if self._trace:
            for frame in frames:
                self._trace("<", frame)
        if self._keep_frames:
            for frame in frames:
                self._receive_raw(frame, now, output)
            return
        events, only_data = self._session.receive(frames)
        if only_data:
            self._understood = True
            output += events  # type: ignore[arg-type] # that is what only_data says
        else:
            self._handle(events, now, output)

    def _receive_raw(self, frame: bytes, now: float, output: list[Output]) -> None:
        if self._session is None:
            return
        events, _ = self._session.receive([frame])
        update = events[0] if events and isinstance(events[0], Update) else None
        output.append(RawFrame(frame, is_data=update is not None and update.channel in self._channels))
        self._handle(events, now, output)

    def _handle(self, events: list[Event], now: float, output: list[Output]) -> None:
        """Data goes on, the rest becomes news; what stands behind garbage is left out with its connection."""
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
            self._understood = True

    def _pass_on(self, update: Update, output: list[Output]) -> None:
        if update.channel == "status":
            self._maintenance = _system(update) not in (None, "online")
        if update.channel not in self._channels:
            self._leave_consulted(update.channel)
        if not self._keep_frames:
            output.append(update)

    def _answer(self, answer: Subscribed | Rejected | Complaint, now: float, output: list[Output]) -> None:
        """What the exchange says to a request; of what is only consulted nothing is told."""
        consulted = getattr(answer, "subscription", None) in self._wanted.consulted
        match answer:
            case Subscribed() if consulted:
                pass
            case Rejected(subscription=subscription) if consulted:
                output.append(Update(subscription.wire))
            case Subscribed(subscription=subscription, warnings=warnings):
                self._wanted.granted(subscription)
                self._token_refused = False
                extra = {"warnings": list(warnings)} if warnings else {}
                output.append(self.news("subscribed", **subscription.fields, **extra))
            case Rejected(reason=reason) | Complaint(reason=reason) if TOKEN_REFUSAL.search(reason):
                self._renew_token(reason, now, output)
            case Rejected():
                self._refuse(answer, now, output)
            case Complaint(reason=reason):
                output.append(self.news("rejected", reason=reason))

    def _refuse(self, rejected: Rejected, now: float, output: list[Output]) -> None:
        """A first refusal is final; one of what was once granted is tried again."""
        subscription = rejected.subscription
        again = self._wanted.refused(subscription)
        output.append(self.news("rejected", **subscription.fields, reason=rejected.reason, again=again))
        if again and self._session is not None:
            self._session.ask_again(subscription, now + ASK_REFUSED_AGAIN_AFTER * self._clock.unit)

    def _renew_token(self, reason: str, now: float, output: list[Output]) -> None:
        """A refused token may be too old: one new connection with a new one, then it is hopeless."""
        if self._token_refused:
            raise AuthError(
                f"the exchange refused the token: {reason}",
                suggestion="get a new one with kraken-stream token",
            )
        self._token_refused = True
        if self._link is not None:
            self._drop(self._link, f"the exchange refused the token: {reason}", now, output)

    def _leave_consulted(self, channel: str) -> None:
        """What was asked once has been answered."""
        for subscription in [s for s in self._wanted.consulted if s.wire == channel]:
            self._wanted.consulted.remove(subscription)
            if self._session is not None:
                self._session.leave(subscription)

    def _discard(self, garbage: Garbage, now: float, output: list[Output]) -> None:
        """Renew a connection that brought something that nobody can understand."""
        assert self._link is not None
        if garbage.channel in self._channels:
            raise undecodable(garbage.channel, f"{garbage.reason}: {garbage.sample}")
        reason = f"the server sent what is no message of Kraken's: {garbage.sample}"
        self._link.close()
        self._lose(Closed(self._link, reason, opened=True, garbage=True), now, output)

    def _lose(self, closed: Closed, now: float, output: list[Output]) -> None:
        """Decide after the end of a connection, or of an attempt, whether and when to try again."""
        opened, self._session, self._link = self._session is not None, None, None
        if opened and now - self._opened_at >= HEALTHY_AFTER * self._clock.unit:
            self._reconnection.healthy()
        self._wanted.disconnected()
        self.state = "reconnecting"
        if opened:
            output.append(self.news("disconnected", reason=closed.reason))
        delay = self._reconnection.after(closed, succeeded=self._understood, maintenance=self._maintenance)
        self._next_attempt = now + delay * self._clock.unit
        attempt = self._reconnection.failures
        output.append(self.news("reconnecting", reason=closed.reason, attempt=attempt, delay=round(delay, 3)))

    def _tick(self, now: float, output: list[Output]) -> None:
        if self._next_attempt is not None:
            if now >= self._next_attempt:
                self.start()
        elif self._link is not None and self._session is None:
            late = now - self._began_at > self._connect_within * self._clock.unit
            if late and self._inbox.empty():
                self._drop(self._link, "no answer in time", now, output)
        elif self._link is not None and self._session is not None:
            if self._session.lost(now) and self._inbox.empty():
                self._drop(self._link, "silent for too long", now, output)
            else:
                self._session.tick(now)
                self._send(now)

    def _drop(self, link: Link, reason: str, now: float, output: list[Output]) -> None:
        link.close()
        self._lose(Closed(link, reason, opened=self._session is not None), now, output)

    def _send(self, now: float) -> None:
        if self._session is not None and self._link is not None:
            for frame in self._session.outgoing(now):
                if self._trace:
                    self._trace(">", frame)
                self._link.send(frame)

    def news(self, type_: str, **fields: Any) -> News:
        return News(type_, self._clock.stamp(), {"connection": self._connections, **fields})


def _system(status: Update) -> Any:
    """The engine's state in a status message (protocol notes v2 §3.1), None where it has none."""
    try:
        item = msgspec.json.decode(status.data[0])
    except (IndexError, msgspec.DecodeError):
        return None
    return item.get("system") if isinstance(item, dict) else None
