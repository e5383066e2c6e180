"""One symbol's book and its history: failures, the snapshots that heal them, a message in doubt.

    well      message verifies                      well, and the message may be printed
    well      does not verify, decimals unknown     in doubt: it and what follows are held until they are told
    well      does not verify                       away: `Failed`
    in doubt  decimals told                         well where the padded digits verify, else away
    away      snapshot verifies                     well again: `Restored`
    away      anything else                         nothing; its subscription is being renewed
    any       `lose`                                away, until the next connection's snapshot

Sans I/O; `now` is monotonic seconds, `unit` the length of a second.
"""

from collections import deque
from typing import Any, NamedTuple

from msgspec import Raw

from krakencli.books.checked import Checked, Message
from krakencli.books.news import Failed, Failure, Hopeless, Restored
from krakencli.books.outcome import Outcome, State, Verdict
from krakencli.books.pane import Pane, Standing
from krakencli.books.summary import Top, rungs
from krakencli.books.trust import Trust

DELAYS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""Seconds before each new subscription since the book was last well; the last one again and again."""
COUNTED_FOR = 600.0
"""A failure older than this is forgotten."""
WELL_AFTER = 60.0
"""A book that was trusted for so long begins anew."""


class Held(NamedTuple):
    """A message in doubt, or one behind it."""

    message: Message
    item: Raw
    type: str


class Kept:
    """Owned by the keeper, which feeds `book` and `held`; the rest changes by the methods."""

    def __init__(self, symbol: str, book: Checked[Any], *, max_resyncs: int, unit: float) -> None:
        self.symbol = symbol
        self.book = book
        self.trust = Trust()
        self.crossed = self.dropped = self.unchecked = False
        self.held: list[Held] = []
        self.doubt: Outcome | None = None
        self.doubt_since = 0.0
        self.away_since: float | None = None
        self.renewed_at = 0.0
        self.renewing = False
        self._max_resyncs, self._unit = max_resyncs, unit
        self._failure: Failure | None = None
        self._failures: deque[float] = deque()
        self._restored_at: float | None = None

    def accept(self, outcome: Outcome, snapshot: bool, now: float) -> Restored | None:
        """Count a message that may be printed; what its snapshot has healed."""
        trust = self.trust
        if outcome.verdict is Verdict.VERIFIED:
            trust.verified += 1
            trust.padded += outcome.padded
        else:
            trust.unverified += 1
        if not snapshot:
            return None
        self.renewed_at = now
        self.trust.renewed += self.renewing
        self.renewing = False
        if self.away_since is None:
            return None
        away, self.away_since = now - self.away_since, None
        trust.away += away
        failure, self._failure, self._restored_at = self._failure, None, now
        if failure is None:
            return None
        trust.resyncs += 1
        return Restored(self.symbol, failure, len(self._failures), away)

    def hold(self, outcome: Outcome, now: float) -> None:
        """The message did not verify as it came; the pair's decimals may save it."""
        self.doubt, self.doubt_since = outcome, now

    def release(self) -> list[Held]:
        """Nothing is in doubt any more; what was held, in order."""
        held, self.held, self.doubt = self.held, [], None
        return held

    def fail(self, failure: Failure, now: float) -> Failed | Hopeless:
        """Give the book up; what was held of it is dropped."""
        self.book.reject()
        self.release()
        self.renewing = False
        self.trust.failed += 1
        self.trust.last_failure = str(failure)
        if self.away_since is None:
            self.away_since = now
        self._failure = self._failure or failure
        attempt = self._count(now)
        if attempt > self._max_resyncs:
            return Hopeless(self.symbol, failure, attempt - 1)
        delay = DELAYS[min(attempt, len(DELAYS)) - 1] * self._unit
        return Failed(self.symbol, failure, attempt, delay)

    def _count(self, now: float) -> int:
        """How many failures there are that are neither old nor made good by a healthy while."""
        if self._restored_at is not None and now - self._restored_at >= WELL_AFTER * self._unit:
            self._failures.clear()
        self._restored_at = None
        while self._failures and now - self._failures[0] > COUNTED_FOR * self._unit:
            self._failures.popleft()
        self._failures.append(now)
        return len(self._failures)

    def lose(self, now: float) -> None:
        """The connection is gone: the next one brings a snapshot."""
        if self.book.state is not State.EMPTY and self.away_since is None:
            self.away_since = now
        self.release()
        self.renewing = False
        self.book.expect()

    def expect(self) -> None:
        """The subscription has been renewed: its snapshot comes first, if it has not come already."""
        if self.book.state is State.BROKEN or self.renewing:
            self.release()
            self.book.expect()

    def renew(self, now: float) -> None:
        """A new snapshot is asked for without need: until it comes the book may have changed unseen."""
        self.renewed_at, self.renewing = now, True
        if self.away_since is None:
            self.away_since = now

    def pane(self, levels: int, *, verify: bool, has_orders: bool) -> Pane:
        """The book as a person looks at it."""
        book, live = self.book, self.book.state is State.LIVE
        asks, bids = ((list(rungs(side, levels)) if live else []) for side in (book.asks, book.bids))
        top = book.top() if live else Top()
        return Pane(self.symbol, self._standing(verify=verify), asks, bids, top, self.trust, has_orders)

    def _standing(self, *, verify: bool) -> Standing:
        match self.book.state:
            case State.LIVE:
                return "verified" if verify and not self.unchecked else "unverified"
            case State.DOUBTFUL:
                return "doubtful"
            case State.BROKEN:
                return "away"
            case State.EMPTY:
                return "waiting" if self.away_since is None else "away"
