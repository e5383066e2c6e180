"""One connection and what is wanted of it: connects, notices loss and connects again.

What was wanted is kept as intent; each link gets a fresh `Conversation` that asks for it. It owns no thread
and writes nothing.
"""

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from krakencli.errors import UnreachableError
from krakencli.feed.conversation import FILLED, Common, Conversation
from krakencli.feed.output import Connect, Output
from krakencli.feed.reconnect import Reconnection
from krakencli.feed.speech import codec
from krakencli.feed.stalls import Stalls
from krakencli.feed.wanted import Wanted
from krakencli.model import Api, Host, News, Subscription
from krakencli.protocol.session import Session
from krakencli.transport.link import Arrival, Batch, Closed, Link, Opened, Postponed

HEALTHY_AFTER = 60.0
GIVE_UP_CONNECTING_AFTER = 15.0
NO_ROOM_PAUSE = 5.0

State = Literal["connecting", "live", "reconnecting"]


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
        self.conversation: Conversation | None = None
        self.stalls = Stalls()
        self._had_some = bool(self.wanted.all)
        self._connect, self._common, self._clock = connect, common, common.clock
        self._reconnection = Reconnection(random.Random(), retry)  # noqa: S311 - spreads load, guards nothing
        self._number = 0
        self._began_at = self._opened_at = 0.0
        self._next_attempt: float | None = None
        self._maintenance = self._token_refused = self._resumed = False

    @property
    def number(self) -> int:
        """Of the present or the last link that was opened; 0 before the first."""
        return self._number

    @property
    def idle(self) -> bool:
        """Whether nothing of what it was made for is wanted any more."""
        return self._had_some and not self.wanted.all

    def start(self) -> None:
        """Begin an attempt to connect."""
        self._next_attempt = None
        self._began_at = self._clock.monotonic()
        try:
            self.link = self._connect(self.host, self._common.inbox)
        except OSError as error:  # no more files may be opened
            self._postpone(error)
        else:
            self.link.start()

    def retire(self) -> None:
        """Nothing is wanted of it any more: it says goodbye and never comes back."""
        self.ask_to_close()
        self.conversation = self.link = self._next_attempt = None
        self.state = "live"

    def ask_to_close(self) -> None:
        """Say goodbye to the exchange, without waiting for it."""
        if self.link is not None:
            self.link.close()

    def close(self) -> None:
        """The same, and wait a moment."""
        if self.link is not None:
            self.link.close(wait=0.1)

    def renew(self, wire: str, symbol: str | None, at: float) -> None:
        """Subscribe to a channel's symbol anew when the clock reaches `at`, for a fresh snapshot."""
        if self.conversation is not None:  # otherwise the next link brings one
            for subscription in self.wanted.of(wire, symbol):
                self.conversation.session.ask_again(_with_snapshot(subscription, self._common.speech.api), at)

    def drop(self, wire: str, symbol: str) -> None:
        """Want a channel's symbol no more."""
        for subscription in self.wanted.drop(wire, symbol):
            if self.conversation is not None:
                self.conversation.session.leave(subscription)

    def consult(self, subscription: Subscription) -> bool:
        """Ask for a channel's snapshot beside what is streamed, once, on the present link if there is one."""
        if self.conversation is None:
            return False
        self.conversation.consult(subscription)
        return True

    def forgive(self, seconds: float) -> None:
        """So long this program stood still: nobody was silent or slow."""
        self._began_at += seconds
        if self.conversation is not None:
            self.conversation.session.forgive(seconds)

    def doubt(self, now: float) -> None:
        """The other side may be gone without a word: it has a few seconds to say something."""
        if self.conversation is not None:
            self.conversation.session.doubt(now)

    def take(self, arrival: Arrival, now: float, output: list[Output]) -> None:
        """What the link reports."""
        match arrival:
            case Batch(frames=frames):
                if self.conversation is not None:
                    self.conversation.receive(frames, now, output)
                    self._end_if_over(now, output)
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
        elif self.link is not None and self.conversation is None:
            late = now - self._began_at > self._common.connect_within * self._clock.unit
            if late and self._common.inbox.empty():
                self._drop_link(self.link, "no answer in time", now, output)
        elif self.link is not None and self.conversation is not None:
            reason = self.conversation.session.lost(now)
            if reason is not None and self._common.inbox.empty():
                self._drop_link(self.link, reason, now, output)
            else:
                self.conversation.tick(now, output)
                self._end_if_over(now, output)
                self._send(now)

    def _postpone(self, error: OSError) -> None:
        """This machine cannot open a connection: hopeless at first, later it may have room again."""
        if not self._common.understood:
            raise UnreachableError(
                f"cannot open one more connection: {error.strerror or error}",
                suggestion="allow more open files (ulimit -n), or raise --per-connection",
            ) from None
        self._next_attempt = self._began_at + NO_ROOM_PAUSE * self._clock.unit

    def _open(self, token: str | None, now: float, output: list[Output]) -> None:
        assert self.link is not None
        self.state = "live"
        self._common.opened += 1
        self._number = self._common.opened
        self._opened_at = now
        private = self.host != "public"
        self.conversation = Conversation(
            self.wanted,
            Session(
                self._to_ask(),
                now=now,
                unit=self._clock.unit,
                token=token,
                keep_alive=private,
                dialect=codec(self._common.speech.api, self._clock.stamp),
            ),
            self._common,
            number=self._number,
            stalls=self.stalls,
            token=token,
            private=private,
            token_refused=self._token_refused,
        )
        output.append(self._news("connected", url=self.link.url))
        self._send(now)

    def _to_ask(self) -> list[Subscription]:
        """All that is wanted; after a loss with the snapshots that say what was missed."""
        again = self._resumed and not self._common.speech.keep_frames
        self._resumed = True
        return [_with_snapshot(one, self._common.speech.api) if again else one for one in self.wanted.all]

    def _end_if_over(self, now: float, output: list[Output]) -> None:
        over = None if self.conversation is None else self.conversation.over
        if over is not None and self.link is not None:
            self._drop_link(self.link, over.reason, now, output, garbage=over.garbage)

    def _drop_link(
        self, link: Link, reason: str, now: float, output: list[Output], *, garbage: bool = False
    ) -> None:
        link.close()
        opened = self.conversation is not None
        self._lose(Closed(link, reason, opened=opened, garbage=garbage), now, output)

    def _lose(self, closed: Closed, now: float, output: list[Output]) -> None:
        """Decide after the end of a link, or of an attempt, whether and when to try again."""
        conversation, self.conversation, self.link = self.conversation, None, None
        if conversation is not None:
            self._token_refused = conversation.token_refused
            if conversation.maintenance is not None:
                self._maintenance = conversation.maintenance
            if now - self._opened_at >= HEALTHY_AFTER * self._clock.unit:
                self._reconnection.healthy()
        self.wanted.disconnected(self._clock.stamp())
        self.state = "reconnecting"
        if conversation is not None:
            output.append(self._news("disconnected", reason=closed.reason))
        succeeded = self._common.understood
        delay = self._reconnection.after(closed, succeeded=succeeded, maintenance=self._maintenance)
        self._next_attempt = now + delay * self._clock.unit
        attempt = self._reconnection.failures
        output.append(
            self._news("reconnecting", reason=closed.reason, attempt=attempt, delay=round(delay, 3))
        )

    def _send(self, now: float) -> None:
        if self.conversation is not None and self.link is not None:
            for frame in self.conversation.session.outgoing(now):
                if self._common.speech.trace:
                    self._common.speech.trace(">", frame)
                self.link.send(frame)

    def _news(self, type_: str, **fields: Any) -> News:
        return News(type_, self._clock.stamp(), {"connection": self._number, **fields})


def _with_snapshot(subscription: Subscription, api: Api) -> Subscription:
    """Asked for again, what can be filled brings what was missed; API v1 has no snapshot of trades."""
    has_one = subscription.wire in FILLED and (subscription.wire, api) != ("trade", "v1")
    return replace(subscription, snapshot=True) if has_one else subscription
