"""Who carries out a fault at one connection.

A watch is shown everything that the connection is sent or asks for. What does not concern it passes as it is;
where it acts it says `delivered`, with the frame that it touched and what was sent instead. Time reaches it
by `tick` only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.fault import Fault
from krakencli.sandbox.faults.speech import Speech
from krakencli.sandbox.faults.task import SetFault
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.market import Market
from krakencli.sandbox.shortage import Shortage


@dataclass(frozen=True, slots=True)
class Ending:
    """How a connection ends: closed with a code, or without a word (None)."""

    code: int | None
    reason: str = ""


class Post:
    """Where a watch stands: for one fault, at one connection, which has its `speech`."""

    def __init__(self, task: SetFault, exchange: Exchange, connection: int, speech: Speech) -> None:
        self.task = task
        self.exchange = exchange
        self.connection = connection
        self.speech = speech
        self.suited = 0
        """How much has suited the fault here so far."""

    @property
    def fault(self) -> Fault:
        return self.task.fault

    @property
    def left(self) -> int:
        """How often the fault has still to act, anywhere."""
        return self.task.left

    @property
    def seconds(self) -> float | None:
        """The fault's, in real ones."""
        seconds = self.fault.seconds
        return None if seconds is None else seconds * self.exchange.settings.second

    def market(self) -> Market:
        """The market of the fault's symbol."""
        return self.exchange.market(self.fault.symbol or "")

    def suits(self) -> bool:
        """Counts one more thing that suits; says whether the fault's turn has come here."""
        self.suited += 1
        return self.suited >= self.fault.at and self.left > 0

    def is_about(self, channel: str, symbol: str) -> bool:
        """Whether the fault concerns the topic; a fault that names none concerns all."""
        return self.fault.channel in {None, channel} and self.fault.symbol in {None, symbol}

    def delivered(self, frame: str | None, sent: list[str], **more: object) -> None:
        """The fault has acted here on `frame`, in whose place `sent` goes out."""
        self.task.delivered(connection=self.connection, frame=frame, sent=sent, **more)


class Watch:
    """One fault at one connection; as it stands here it lets everything pass."""

    def __init__(self, post: Post) -> None:
        self.post = post

    @property
    def is_over(self) -> bool:
        """Nothing can come of it any more."""
        return self.post.left <= 0

    @property
    def ending(self) -> Ending | None:
        """How it ends the connection, once it does."""
        return None

    @property
    def is_deaf(self) -> bool:
        """Whether not even a WebSocket ping is answered."""
        return False

    def take(self, text: str) -> list[str]:
        """What goes out in the place of a frame."""
        return [text]

    def release(self) -> list[str]:
        """What was held back of a subscription that ends."""
        return []

    def tick(self, now: float) -> list[str]:  # noqa: ARG002 - for those whom time concerns
        """What goes out because time has passed; `now` is in seconds of a clock that never jumps."""
        return []

    def dismisses(self) -> bool:
        """Whether the exchange is to end the subscription now; asked after each `tick`."""
        return False

    def hear(self, text: str | None) -> list[str] | None:  # noqa: ARG002 - for those whom requests concern
        """The frames that answer a request in the exchange's stead; None leaves it to the exchange."""
        return None

    def refuses(self, channel: str, symbol: str) -> bool:  # noqa: ARG002 - as above
        """Whether a subscription is to be refused."""
        return False


@dataclass(frozen=True, slots=True)
class WatchedKind:
    """A kind of fault that acts at connections: `watch` opens one there. With `of_topic` it is shown the
    frames of its channel and symbol only; `state` is the shortage of the market that a fault means.
    """

    terms: Terms
    watch: Callable[[Post], Watch]
    of_topic: bool = False
    state: Callable[[Fault], Shortage] | None = None
