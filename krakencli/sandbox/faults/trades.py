"""The faults of trades, as a table: what becomes of the updates of one symbol's `trade` on their way.

The market knows nothing of them: what the socket does not say, or says twice or too late, REST tells as it
was. The first frame of a subscription passes untouched, so that a client can notice.
"""

from __future__ import annotations

from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.faults.watch import Post, Watch, WatchedKind


class Updates(Watch):
    """Shown the frames of the subscription, minds its updates."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._has_begun = False

    def take(self, text: str) -> list[str]:
        """What goes out in the place of a frame."""
        has_begun, self._has_begun = self._has_begun, True
        return self._take(text) if has_begun and self.post.speech.is_update(text) else [text]

    def trade_ids(self, text: str) -> list[int]:
        """Those of a frame that goes out just now, in order; where it has none, the market knows."""
        trades, speech = self.post.speech.trades(text), self.post.speech
        ids = [found for found in map(speech.trade_id, trades) if found is not None]
        return ids or [one.trade_id for one in self.post.market().trades.last(len(trades))]

    def _take(self, text: str) -> list[str]:
        raise NotImplementedError


class Lose(Updates):
    """Leaves trades out, and frames in which none is left. `at` and `times` count trades."""

    def _take(self, text: str) -> list[str]:
        kept, lost = list[str](), list[int]()
        for trade, trade_id in zip(self.post.speech.trades(text), self.trade_ids(text), strict=True):
            if self.post.suits():
                self.post.task.spend()
                lost.append(trade_id)
            else:
                kept.append(trade)
        if not lost:
            return [text]
        sent = [self.post.speech.with_trades(text, kept)] if kept else []
        self.post.task.tell(connection=self.post.connection, frame=text, sent=sent, trade_ids=lost)
        return sent


class Duplicate(Updates):
    """Sends a frame twice."""

    def _take(self, text: str) -> list[str]:
        if not self.post.suits():
            return [text]
        self.post.delivered(text, [text, text], trade_ids=self.trade_ids(text))
        return [text, text]


class Reorder(Updates):
    """Holds a frame back until the next one has gone out, the subscription ends, or the fault has acted
    elsewhere.
    """

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._held: str | None = None
        self._ids: list[int] = []

    @property
    def is_over(self) -> bool:
        """Not while it holds one back."""
        return super().is_over and self._held is None

    def _take(self, text: str) -> list[str]:
        held, self._held = self._held, None
        if held is not None and self.post.left > 0:
            self.post.delivered(held, [text, held], trade_ids=self._ids)
            return [text, held]
        if held is not None:
            return [held, text]
        if not self.post.suits():
            return [text]
        self._held, self._ids = text, self.trade_ids(text)
        return []

    def release(self) -> list[str]:
        """The frame that is held, untouched."""
        held, self._held = self._held, None
        return [] if held is None else [held]


_TERMS = Terms(("symbol",), ("at", "connection"), {"channel": ("trade",)})

KINDS: dict[str, WatchedKind] = {
    "lose_trades": WatchedKind(_TERMS, Lose, of_topic=True),
    "duplicate_trades": WatchedKind(_TERMS, Duplicate, of_topic=True),
    "reorder_trades": WatchedKind(_TERMS, Reorder, of_topic=True),
}
