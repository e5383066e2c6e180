"""The faults of single frames, as a table: what is no JSON, what is cut, what is strange and yet correct.

Each lets `after` frames of a connection pass; `times` counts frames.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from krakencli.sandbox.faults.speech import Speech
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.faults.watch import Post, Watch, WatchedKind
from krakencli.sandbox.wire import Fragmented

HUGE_BYTES = 1 << 21
_GARBAGE = "upstream connect error or disconnect/reset before headers"


class Insert(Watch):
    """Sends a frame of its own between two of the exchange's; never two without one between them."""

    def __init__(self, make: Callable[[Speech], str], post: Post) -> None:
        super().__init__(post)
        self._make = make
        self._to_pass = post.fault.after

    def take(self, text: str) -> list[str]:
        """The frame, and its own before it when that is due."""
        sent = [*self._insert(), text]
        self._to_pass -= 1
        return sent

    def tick(self, now: float) -> list[str]:  # noqa: ARG002 - the interface of a watch
        """Its own, when that is due."""
        return self._insert()

    def _insert(self) -> list[str]:
        if self._to_pass > 0 or not self.post.left:
            return []
        self._to_pass = 1
        text = self._make(self.post.speech)
        self.post.delivered(None, [text[:100]], size=len(text))
        return [text]


class Spoil(Watch):
    """Touches frames that tell of a market: of any, or of the fault's channel or symbol."""

    def __init__(self, rule: Callable[[str], str], post: Post) -> None:
        super().__init__(post)
        self._rule = rule
        self._to_pass = post.fault.after

    def take(self, text: str) -> list[str]:
        """What the rule makes of the frame, if its turn has come."""
        self._to_pass -= 1
        about = self.post.speech.topic(text)
        if self._to_pass >= 0 or not self.post.left or about is None or not self.post.is_about(*about):
            return [text]
        sent = self._rule(text)
        self.post.delivered(text, [sent])
        return [sent]


def _garbage(_: Speech) -> str:
    return _GARBAGE


def _huge(speech: Speech) -> str:
    return speech.huge(HUGE_BYTES)


def _truncate(text: str) -> str:
    return text[: len(text) // 2]


_TAKES = ("after", "connection")
_SPOILS = Terms(takes=(*_TAKES, "channel", "symbol"))

KINDS: dict[str, WatchedKind] = {
    "garbage": WatchedKind(Terms(takes=_TAKES), partial(Insert, _garbage)),
    "huge": WatchedKind(Terms(takes=_TAKES), partial(Insert, _huge)),
    "truncated": WatchedKind(_SPOILS, partial(Spoil, _truncate)),
    "fragmented": WatchedKind(_SPOILS, partial(Spoil, Fragmented)),
}
