"""The faults of a connection as such, as a table: it ends, it falls silent, the exchange changes its state.

Each waits until the connection has been sent `after` frames, the greeting among them, and acts at once then;
`times` counts connections.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from krakencli.sandbox.faults.fault import Fault
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.faults.watch import Ending, Post, Watch, WatchedKind

_OUTAGE = ("maintenance", "cancel_only", "post_only", "online")


class After(Watch):
    """Acts once, when so many frames have gone out."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._passed = 0
        self.has_acted = False

    def take(self, text: str) -> list[str]:
        """The frame, while the fault does not act."""
        if self._comes():
            return self._instead(text)
        self._passed += 1
        self._comes()
        return [text]

    def tick(self, now: float) -> list[str]:  # noqa: ARG002 - the interface of a watch
        """A quiet connection is no refuge."""
        self._comes()
        return []

    def _comes(self) -> bool:
        if not self.has_acted and self.post.left > 0 and self._passed >= self.post.fault.after:
            self.has_acted = True
            self._act()
        return self.has_acted

    def _act(self) -> None:
        raise NotImplementedError

    def _instead(self, text: str) -> list[str]:
        raise NotImplementedError


class End(After):
    """The connection ends; nothing goes out any more."""

    def __init__(self, how: Callable[[Fault], Ending], post: Post) -> None:
        super().__init__(post)
        self._how = how

    @property
    def is_over(self) -> bool:
        """Not once it has acted: the line stays dead."""
        return super().is_over and not self.has_acted

    @property
    def ending(self) -> Ending | None:
        """How, once it has."""
        return self._how(self.post.fault) if self.has_acted else None

    def _act(self) -> None:
        ending = self._how(self.post.fault)
        told = {} if ending.code is None else {"code": ending.code, "reason": ending.reason}
        self.post.delivered(None, [], **told)

    def _instead(self, text: str) -> list[str]:  # noqa: ARG002 - the interface of `After`
        return []


class Stall(After):
    """The connection stays open and says nothing, or only that it lives.

    After `seconds` it is as if the line had been slow: what was withheld comes, and what follows. A stall
    without an end withholds for good.
    """

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._is_on = False
        self._until: float | None = None
        self._held: list[str] = []

    @property
    def is_over(self) -> bool:
        """Not while it lasts."""
        return super().is_over and not self._is_on

    @property
    def is_deaf(self) -> bool:
        """Without heartbeats, while it lasts."""
        return self._is_on and not self.post.fault.heartbeats

    def tick(self, now: float) -> list[str]:
        """What was withheld, when it ends."""
        super().tick(now)
        if not self._is_on or self.post.seconds is None:
            return []
        if self._until is None:
            self._until = now + self.post.seconds
        if now < self._until:
            return []
        self._is_on = False
        held, self._held = self._held, []
        return held

    def _act(self) -> None:
        self._is_on = True
        self.post.delivered(None, [], heartbeats=self.post.fault.heartbeats)

    def _instead(self, text: str) -> list[str]:
        if not self._is_on or (self.post.fault.heartbeats and self.post.speech.shows_life(text)):
            return [text]
        if self.post.seconds is not None:
            self._held.append(text)
        return []


class Outage(After):
    """The exchange goes into maintenance and comes back by stages, `seconds` apart, each told to everybody by
    a status frame. `times` counts outages; one that begins during another replaces it.
    """

    def _act(self) -> None:
        task = self.post.task
        task.spend()
        self.post.exchange.engine.schedule(
            _OUTAGE, self.post.seconds or 0, lambda state: task.tell(system=state)
        )

    def _instead(self, text: str) -> list[str]:
        return [text]


def _cut(_: Fault) -> Ending:
    return Ending(None)


def _close(fault: Fault) -> Ending:
    return Ending(fault.code, fault.reason)


_TAKES = ("after", "connection")

KINDS: dict[str, WatchedKind] = {
    "drop_connection": WatchedKind(Terms(takes=_TAKES), partial(End, _cut)),
    "close": WatchedKind(
        Terms(takes=(*_TAKES, "reason"), choices={"code": (1001, 1000, 1008, 1011, 1012, 1013)}),
        partial(End, _close),
    ),
    "stall": WatchedKind(Terms(takes=(*_TAKES, "seconds", "heartbeats")), Stall),
    "system": WatchedKind(Terms(takes=_TAKES, usual={"seconds": 1.0}), Outage),
}
