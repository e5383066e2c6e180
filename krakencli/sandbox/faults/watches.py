"""Who touches the frames of one subscription as they pass.

A watch stands at one connection for one fault. It is given every frame of the fault's channel and symbol
while the market is as after that frame, and returns what is to be sent in its place. It says `delivered` when
it has really done something, with the frame that it touched and what was sent instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from krakencli.sandbox.book import Book
from krakencli.sandbox.faults.fault import Fault
from krakencli.sandbox.faults.frame import BookFrame, counts
from krakencli.sandbox.market import Market
from krakencli.sandbox.shortage import Shortage


class Task(Protocol):
    """A fault that is set, shared by the watches of all connections."""

    @property
    def fault(self) -> Fault: ...

    @property
    def state(self) -> Shortage | None:
        """The state of the market that it means, if it means one."""

    @property
    def left(self) -> int:
        """How often it has still to act."""

    def delivered(self, connection: int, frame: str, sent: list[str]) -> None:
        """It has acted on `frame`, in whose place `sent` goes out."""


class Watch(Protocol):
    """One fault at one connection."""

    def take(self, frame: BookFrame) -> list[str]:
        """What goes out in the place of a frame of this fault's subscription."""

    def release(self) -> list[str]:
        """What was held back; the subscription ends."""


OneRule = Callable[[BookFrame, Book], list[str] | None]
"""What goes out in the place of a frame; None when there is nothing in it to touch."""
TwoRule = Callable[[str, str], list[str]]
"""What goes out in the place of an update and the one that follows it."""


class OneFrame:
    """Touches single frames, as its rule says."""

    def __init__(self, rule: OneRule, task: Task, market: Market, connection: int) -> None:
        self._rule, self._task, self._book, self._connection = rule, task, market.book, connection
        self._has_begun = task.fault.on == "snapshot"
        self._suited = 0

    def take(self, frame: BookFrame) -> list[str]:
        """Touches it if it suits and its turn has come."""
        has_begun, self._has_begun = self._has_begun, True
        if not (has_begun and self._task.left and frame.kind == self._task.fault.on):
            return [frame.text]
        sent = self._rule(frame, self._book)
        self._suited += sent is not None
        if sent is None or self._suited < self._task.fault.at:
            return [frame.text]
        self._task.delivered(self._connection, frame.text, sent)
        return sent

    def release(self) -> list[str]:
        """Nothing is held back."""
        return []


class TwoFrames:
    """Holds an update back until the next one comes, and sends of the two what its rule says.

    Chosen is an update that changed the checksum, and of which something stays that the next one does not say
    anew; otherwise both go out as they are, and the next one is held.
    """

    def __init__(self, rule: TwoRule, task: Task, market: Market, connection: int) -> None:
        self._rule, self._task, self._book, self._connection = rule, task, market.book, connection
        self._checksum: int | None = None
        self._held: BookFrame | None = None
        self._suited = 0

    def take(self, frame: BookFrame) -> list[str]:
        """Decides on the update that is held, and holds this one if it may be the next to be touched."""
        before, self._checksum = self._checksum, frame.checksum
        held, self._held = self._held, None
        if held is not None and frame.kind == "update" and self._is_due(held, frame):
            sent = self._rule(held.text, frame.text)
            self._task.delivered(self._connection, held.text, sent)
            return sent
        if self._task.left and frame.kind == "update" and before not in {None, frame.checksum}:
            self._held = frame
        sent = [] if held is None else [held.text]
        return sent if self._held else [*sent, frame.text]

    def release(self) -> list[str]:
        """The update that is held, untouched."""
        held, self._held = self._held, None
        return [] if held is None else [held.text]

    def _is_due(self, held: BookFrame, frame: BookFrame) -> bool:
        if not self._task.left:
            return False
        anew = frame.last_words()
        stays = (entry for name, entry in held.last_words().items() if name not in anew)
        self._suited += any(counts(entry, self._book) for entry in stays)
        return self._suited >= self._task.fault.at


class MarketState:
    """Brings the market into the fault's state, and out of it again when `times` frames have shown it.

    On updates the event after the frame `at - 1` does it, so that the frame `at` tells it; for snapshots the
    market is in it from the moment that the fault is set (see `desk`).
    """

    def __init__(self, task: Task, market: Market, connection: int) -> None:
        self._task, self._market, self._connection = task, market, connection
        self._updates: int | None = None

    def take(self, frame: BookFrame) -> list[str]:
        """Sends it as it is: it is true."""
        if self._task.left and self._task.state is not None:
            self._updates = 0 if self._updates is None else self._updates + (frame.kind == "update")
            self._follow(frame, self._task.state)
        return [frame.text]

    def release(self) -> list[str]:
        """Nothing is held back."""
        return []

    def _follow(self, frame: BookFrame, state: Shortage) -> None:
        fault = self._task.fault
        if self._market.shortage is not state:
            if (self._updates or 0) >= fault.at - 1:
                self._market.shortage = state
        elif frame.kind == fault.on and state.shows(self._market.book):
            self._task.delivered(self._connection, frame.text, [frame.text])
            if not self._task.left:
                self._market.shortage = None
