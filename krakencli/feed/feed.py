"""What the user wants to see, kept alive: connects, subscribes, notices loss and connects again.

What was wanted is kept as intent; each connection gets a fresh `Session` that asks for it. The feed turns
arrivals into data (`Update`, untouched) and news (`News`). It owns no thread and writes nothing.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from krakencli.clock import Clock
from krakencli.errors import StreamError, undecodable
from krakencli.feed.reconnect import Reconnection
from krakencli.model import News, Subscription
from krakencli.protocol.session import Complaint, Event, Rejected, Session, Subscribed
from krakencli.protocol.v2 import Garbage, Update
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Batch, Closed, Link, Opened

HEALTHY_AFTER = 60.0
GIVE_UP_CONNECTING_AFTER = 15.0
ASK_REFUSED_AGAIN_AFTER = 30.0


@dataclass(frozen=True, slots=True)
class RawFrame:
    """A frame as it came, for `--format raw`; `is_data` says whether it holds records of a channel."""

    frame: bytes
    is_data: bool


Output = Update | News | RawFrame
Connect = Callable[[Inbox[Arrival]], Link]


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
        keep_frames: bool = False,
        trace: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self.wanted = dict.fromkeys(wanted)
        self._channels = {s.wire for s in self.wanted} or {"status"}
        self.active: set[Subscription] = set()
        self.state: Literal["connecting", "live", "reconnecting"] = "connecting"
        self._connect, self._inbox, self._clock = connect, inbox, clock
        self._keep_frames, self._trace = keep_frames, trace
        self._reconnection = Reconnection(random.Random(), retry)  # noqa: S311 - spreads load, guards nothing
        self._link: Link | None = None
        self._session: Session | None = None
        self._connections = 0
        self._began_at = self._opened_at = 0.0
        self._next_attempt: float | None = None
        self._understood = self._maintenance = False
        self._accepted: set[Subscription] = set()
        self._failure: StreamError | None = None

    def start(self) -> None:
        self._next_attempt = None
        self._began_at = self._clock.monotonic()
        self._link = self._connect(self._inbox)
        self._link.start()

    def close(self) -> None:
        """Say goodbye to the exchange, within a moment."""
        if self._link is not None:
            self._link.close(wait=0.1)

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
                case Opened():
                    self._open(now, output)
                case Closed():
                    self._lose(arrival, now, output)
        self._tick(now, output)

    def _open(self, now: float, output: list[Output]) -> None:
        assert self._link is not None
        self.state = "live"
        self._connections += 1
        self._opened_at = now
        self._session = Session(self.wanted, now=now, unit=self._clock.unit)
        output.append(self._news("connected", url=self._link.url))
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
                    return
                case Update():
                    if event.channel == "status":
                        self._maintenance = _system(event) not in (None, "online")
                    if not self._keep_frames:
                        output.append(event)
                case Subscribed(subscription=subscription, warnings=warnings):
                    self.active.add(subscription)
                    self._accepted.add(subscription)
                    extra = {"warnings": list(warnings)} if warnings else {}
                    output.append(self._news("subscribed", **subscription.fields, **extra))
                case Rejected():
                    self._refuse(event, now, output)
                case Complaint(reason=reason):
                    output.append(self._news("rejected", reason=reason))
            self._understood = True

    def _refuse(self, rejected: Rejected, now: float, output: list[Output]) -> None:
        """A first refusal is final; one of what was once granted is tried again."""
        subscription = rejected.subscription
        again = subscription in self._accepted
        output.append(self._news("rejected", **subscription.fields, reason=rejected.reason, again=again))
        if again and self._session is not None:
            self._session.ask_again(subscription, now + ASK_REFUSED_AGAIN_AFTER * self._clock.unit)
        else:
            self.wanted.pop(subscription, None)

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
        self.active.clear()
        self.state = "reconnecting"
        if opened:
            output.append(self._news("disconnected", reason=closed.reason))
        delay = self._reconnection.after(closed, succeeded=self._understood, maintenance=self._maintenance)
        self._next_attempt = now + delay * self._clock.unit
        attempt = self._reconnection.failures
        output.append(
            self._news("reconnecting", reason=closed.reason, attempt=attempt, delay=round(delay, 3))
        )

    def _tick(self, now: float, output: list[Output]) -> None:
        if self._next_attempt is not None:
            if now >= self._next_attempt:
                self.start()
        elif self._link is not None and self._session is None:
            late = now - self._began_at > GIVE_UP_CONNECTING_AFTER * self._clock.unit
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

    def _news(self, type_: str, **fields: Any) -> News:
        return News(type_, self._clock.stamp(), {"connection": self._connections, **fields})


def _system(status: Update) -> Any:
    """The engine's state in a status message (protocol notes v2 §3.1), None where it has none."""
    try:
        item = msgspec.json.decode(status.data[0])
    except (IndexError, msgspec.DecodeError):
        return None
    return item.get("system") if isinstance(item, dict) else None
