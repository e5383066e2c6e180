"""A book that verifies itself: what L2 and L3 share. Sans I/O: no clock, no symbols, no retries.

The law (protocol notes v2 §7.2, §8, §9): a snapshot replaces everything; a message is applied whole, then
both sides are cut to the depth, then the checksum is compared. Padding is tried only where the wire's own
digits do not verify. Whether and when to subscribe again is the caller's:

    any state       snapshot             LIVE, or DOUBTFUL where it does not verify
    LIVE            update               LIVE, or DOUBTFUL where it does not verify
    DOUBTFUL        pad                  LIVE where the padded digits verify
    DOUBTFUL        reject               BROKEN
    any state       a malformed message  BROKEN
    any state       expect               EMPTY
    all but LIVE    update               refused, nothing changes
"""

from typing import Any, Generic, Protocol, TypeVar

from krakencli.books.checksum import checksum
from krakencli.books.digits import LIMIT
from krakencli.books.ladder import Ladder
from krakencli.books.outcome import Outcome, State, Verdict
from krakencli.books.summary import Top, top

AnySide = TypeVar("AnySide", bound=Ladder[Any])


class Message(Protocol):
    """One decoded item of `book` or `level3`."""

    symbol: str
    bids: Any
    asks: Any
    checksum: int | None
    timestamp: str | None


class Checked(Generic[AnySide]):
    """Two sides, a depth and a state; its owner reads `bids` and `asks`, only `apply` and `take` change them.

    `state` says whether the levels may be used. `precisions` are the pair's decimals of price and quantity,
    where they are known: with them a message that does not verify as it came is tried padded, by itself.
    """

    __slots__ = ("_expected", "_verify", "asks", "bids", "depth", "precisions", "state")

    def __init__(
        self,
        bids: AnySide,
        asks: AnySide,
        depth: int,
        *,
        precisions: tuple[int, int] | None,
        verify: bool,
    ) -> None:
        if depth < 1:
            raise ValueError(f"a book of depth {depth}")
        self.bids = bids
        self.asks = asks
        self.depth = depth
        self.precisions = None if precisions is None else _sane(*precisions)
        self.state = State.EMPTY
        self._verify = verify
        self._expected: int | None = None

    def take(self, message: Message, snapshot: bool) -> Outcome:
        """`apply` of a message that is decoded already.

        ValueError where it is malformed; the book is then BROKEN, for what the message said is lost.
        """
        if snapshot:
            self._clear()
        elif self.state is not State.LIVE:
            return self._refuse()
        bids, asks, depth = self.bids, self.asks, self.depth
        try:
            if message.bids:
                bids.update(message.bids)
            if message.asks:
                asks.update(message.asks)
        except ValueError:
            self.reject()
            raise
        if len(bids.keys) > depth:
            bids.cut(depth)
        if len(asks.keys) > depth:
            asks.cut(depth)
        if bids.decimals != asks.decimals:
            self._align()
        self.state = State.LIVE
        return self._judge(message.checksum)

    def pad(self, price_precision: int, qty_precision: int) -> Outcome | None:
        """Tell the pair's decimals, which are kept; a message in doubt is judged again with them.

        The outcome of that message: VERIFIED and padded, after which the book is LIVE, or MISMATCH, after
        which it is still DOUBTFUL and `reject` is next. None where no message is in doubt.
        ValueError where they are no numbers of decimals.
        """
        self.precisions = _sane(price_precision, qty_precision)
        return self._judge(self._expected) if self.state is State.DOUBTFUL else None

    def reject(self) -> None:
        """Give the book up: it has no levels and refuses updates until the next snapshot."""
        self._clear()
        self.state = State.BROKEN

    def expect(self) -> None:
        """Wait for a first snapshot again: a new subscription has been granted, or is about to be."""
        self._clear()
        self.state = State.EMPTY

    def top(self) -> Top:
        """The best of both sides, with spread, mid and imbalance."""
        return top(self.bids, self.asks)

    def _judge(self, expected: int | None) -> Outcome:
        bids, asks = self.bids, self.asks
        crossed = bool(bids.keys and asks.keys and asks.keys[0] + bids.keys[0] <= 0)
        if expected is None or not self._verify:
            return Outcome(Verdict.UNVERIFIABLE, expected, None, crossed)
        computed = checksum(asks.digits(), bids.digits())
        if computed == expected:
            return Outcome(Verdict.VERIFIED, expected, computed, crossed)
        if self._verifies_padded(expected):
            self.state = State.LIVE
            return Outcome(Verdict.VERIFIED, expected, computed, crossed, True)
        self.state, self._expected = State.DOUBTFUL, expected
        return Outcome(Verdict.MISMATCH, expected, computed, crossed)

    def _verifies_padded(self, expected: int) -> bool:
        if self.precisions is None:
            return False
        bids, asks = (side.padded_digits(*self.precisions) for side in (self.bids, self.asks))
        return checksum(asks, bids) == expected

    def _refuse(self) -> Outcome:
        first = self.state is State.EMPTY
        return Outcome(Verdict.NO_SNAPSHOT if first else Verdict.BROKEN)

    def _align(self) -> None:
        """Both sides at one scale, so that their keys can be compared."""
        decimals = max(self.bids.decimals, self.asks.decimals)
        self.bids.refine(decimals)
        self.asks.refine(decimals)

    def _clear(self) -> None:
        self.bids.clear()
        self.asks.clear()
        self._expected = None


def _sane(price_precision: int, qty_precision: int) -> tuple[int, int]:
    for precision in (price_precision, qty_precision):
        if not 0 <= precision <= LIMIT:
            raise ValueError(f"{precision} is no number of decimals")
    return price_precision, qty_precision
