"""How far REST was followed, and what was printed since and is none of its rows yet.

Rows are followed by their ids from `anchor` on, so that no two pages need to meet in time. Without an anchor
the newest trades that were printed are looked for, and the first that is found is the beginning. A trade that
is no row's is remembered as long as REST may only be late; `most` bounds what is remembered.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from msgspec import Raw

from krakencli.continuity.comparison import Anchor, Comparison, compare
from krakencli.continuity.item import time_of
from krakencli.continuity.join_news import Page
from krakencli.continuity.matching import TOLERANCE, Row, Seen, seen
from krakencli.times import stamp_of

OVERLAP = 50
OVERLAP_WITHIN = 2_000_000
"""So many of the newest trades, and no older ones by microseconds, are to be found again in REST."""
HOLES_BORNE = 3
"""So often REST is asked again from a little earlier on when it leaves out ids."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """Rows that REST itself does not tell, and the times around them."""

    first_id: int
    last_id: int
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class Apart:
    """REST and the stream have no trade in common where they should."""


class Trail:
    """`audits` says that all that was printed is compared, not only the end of it before a loss."""

    def __init__(self, most: int, *, audits: bool) -> None:
        self.recent: deque[Raw] = deque(maxlen=most)
        self.behind = False
        """Whether REST has more than was compared."""
        self.doubt = ""
        """The time at which REST may have told a part of one moment, until it has told more."""
        self._most, self._audits = most, audits
        self._anchor: Anchor | None = None
        self._cursor: int | None = None
        self._holes = 0
        self._newest = ""

    @property
    def begun(self) -> bool:
        """Whether anything is known of which REST could tell what follows."""
        return bool(self.recent) or self._anchor is not None

    @property
    def anchored(self) -> bool:
        """Whether the next row's id is known."""
        return self._anchor is not None

    @property
    def newest(self) -> str:
        """The time of the last trade that is known, as text."""
        return time_of(self.recent[-1]) if self.recent else self._newest

    @property
    def certain(self) -> str:
        """Up to which time the stream is known to be complete, as text: without audits what was printed is
        taken to be.
        """
        if not self._audits:
            return self.doubt or self.newest
        if self._anchor is not None:
            return stamp_of(self._anchor.time)
        return time_of(self.recent[0]) if self.recent else self._newest

    @property
    def since(self) -> int | None:
        """Where the next page begins, in nanoseconds: at what is known, which is found again."""
        if self._cursor is not None:
            return self._cursor
        if self._anchor is not None:
            return (self._anchor.time - TOLERANCE) * 1000
        times = [seen(item).time for item in self.recent]
        if not times:
            return None
        overlap = max(times[-OVERLAP:][0], times[-1] - OVERLAP_WITHIN)
        return (min(times if self._audits else [overlap]) - 2 * TOLERANCE) * 1000

    def begin_anew(self, items: Iterable[Raw] = ()) -> None:
        """Behind a gap nothing is known but these trades."""
        self._newest = self.newest
        self.recent.clear()
        self.recent.extend(items)
        self._anchor = self._cursor = None
        self._holes, self.behind, self.doubt = 0, False, ""

    def rolled_away(self) -> tuple[str, str] | None:
        """The times between which it cannot be compared any more what was printed, if there is such a time:
        more came than is remembered, and its rows could not be told from missing ones.
        """
        if len(self.recent) < self._most:
            return None
        oldest = time_of(self.recent[0])
        since = oldest if self._anchor is None else stamp_of(self._anchor.time)
        self._anchor = self._cursor = None
        return since, oldest

    def compare(
        self, page: Page, held: Sequence[Seen] = (), fresh: int = 0, met: int | None = None
    ) -> Comparison | Lacking | Apart | None:
        """What a page says of what was printed and, behind it, what is held, of which the trades from `fresh`
        on came after a loss; `met` is the time of one that REST had already. None where it is too early.
        """
        trades = [*map(seen, self.recent), *held]
        known = -1 if self._anchor is None else self._anchor.trade_id
        rows = tuple(row for row in page.rows if row.trade_id > known)
        found = compare(rows, trades, self._anchor, len(self.recent) + fresh if held else None, met)
        self.behind = page.full
        if found is None:
            return self._nothing_in_common(page, trades)
        if found.broken and not (found.rows or found.passed):
            self.behind = True
            return self._left_out(rows[0])
        if page.full and not rows:  # of one moment, more than a page holds
            self._cursor = page.last
        self.behind |= found.broken
        self._account(found, trades)
        return found

    def _account(self, found: Comparison, trades: Sequence[Seen]) -> None:
        """What was compared needs no comparing any more."""
        printed = len(self.recent)
        self._newest = self.newest
        if found.rows:
            self._anchor = Anchor(found.rows[-1].trade_id, found.rows[-1].time)
            self._cursor, self._holes = None, 0
            self._newest = max(self._newest, time_of(found.rows[-1].item))
            self.doubt = ""
        self.recent.clear()
        self.recent.extend(trades[n].item for n in sorted(found.late) if n < printed)

    def _nothing_in_common(self, page: Page, trades: Sequence[Seen]) -> Apart | None:
        """Without an anchor: REST has not come so far yet, or begins here, or means something else."""
        if not page.rows:
            return None
        newest = page.rows[-1]
        if not trades:
            self._anchor, self.behind = Anchor(newest.trade_id, newest.time), False
            return None
        ahead = [trade.time >= newest.time - TOLERANCE for trade in trades]
        if page.full and any(ahead):
            self._cursor = page.last and page.last - 1  # a page may end between trades of one moment
        return None if all(ahead) or (page.full and any(ahead)) else Apart()

    def _left_out(self, row: Row) -> Lacking | None:
        """REST leaves out what should come before this row: it is asked from earlier on, then believed."""
        assert self._anchor is not None
        self._holes += 1
        if self._holes <= HOLES_BORNE:
            self._cursor = (self._anchor.time - 10 ** (3 + self._holes)) * 1000
            return None
        lacking = Lacking(
            self._anchor.trade_id + 1, row.trade_id - 1, stamp_of(self._anchor.time), time_of(row.item)
        )
        self._anchor = Anchor(lacking.last_id, self._anchor.time)
        self._cursor, self._holes = None, 0
        return lacking
