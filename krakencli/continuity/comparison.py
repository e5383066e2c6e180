"""What a page of REST's trades says of a stream without ids. Values in, values out.

REST's ids are consecutive per pair (protocol notes REST §4), and ids follow time. So whatever lies between a
row that is known and a later one is complete, and a trade of the stream that is older than REST's newest row
is among its rows, or is none of the exchange's. What is newer, REST has not got yet.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from krakencli.continuity.matching import TOLERANCE, Row, Seen, match, seen


@dataclass(frozen=True, slots=True)
class Anchor:
    """The last row that is accounted for; `time` is in microseconds since 1970."""

    trade_id: int
    time: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`rows` follow the anchor, or begin with the first that the stream has, and their ids are consecutive.
    `pairs` are indices of rows and of trades; every other row is missing in the stream. Of the trades that
    are no row's, `late` are newer than REST, `surplus` are older. `doubtful` rows are alike to the first
    trade of all, and may be older than the stream.
    """

    rows: tuple[Row, ...]
    pairs: dict[int, int]
    late: frozenset[int]
    surplus: tuple[int, ...]
    doubtful: tuple[Row, ...] = ()
    broken: bool = False
    """Whether rows with other ids follow."""
    met: int | None = None
    """The time of the newest row that is a fresh trade, where there was one."""
    passed: bool = False
    """Whether REST has rows which are newer than that one, and those alike to it."""

    @property
    def matched(self) -> frozenset[int]:
        """The trades that are a row's."""
        return frozenset(self.pairs.values())

    @property
    def missing(self) -> list[Row]:
        """The rows that are to be printed."""
        left_out = {row.trade_id for row in self.doubtful}
        unpaired = (row for n, row in enumerate(self.rows) if n not in self.pairs)
        return [row for row in unpaired if row.trade_id not in left_out]


def compare(
    rows: Sequence[Row],
    trades: Sequence[Seen],
    anchor: Anchor | None,
    fresh: int | None = None,
    met: int | None = None,
) -> Comparison | None:
    """`rows` are later than the anchor, and `trades` are those of the stream that are no earlier row's. Where
    REST has one from `fresh` on, what is newer than the last of them is left to the stream; `met` is the time
    of such a one on an earlier page.

    None where nothing is known to begin with: no anchor, and no trade in common.
    """
    found = [seen(row.item) for row in rows]
    pairs = match(found, trades)
    start = 0 if anchor is not None else min(pairs, default=None)
    if start is None:
        return None
    known = rows[start].trade_id - 1 if anchor is None else anchor.trade_id
    following = tuple(_consecutive(rows[start:], known))
    broken = len(following) < len(rows) - start
    if fresh is not None:
        met = max((rows[row].time for row, trade in pairs.items() if trade >= fresh), default=met)
    upto = float("inf") if met is None else met + 2 * TOLERANCE  # the last pair may be one of several alike
    rows = tuple(row for row in following if row.time <= upto)
    pairs = {row - start: trade for row, trade in pairs.items() if 0 <= row - start < len(rows)}
    doubtful: list[Row] = []
    if anchor is None and pairs.get(0) == 0:
        unpaired = (n for n in range(1, len(rows)) if n not in pairs)
        doubtful = [rows[n] for n in unpaired if _alike(found[start + n], found[start])]
    reaches = rows[-1].time if rows else anchor.time if anchor is not None else 0
    since = float("-inf") if anchor is not None else rows[0].time + TOLERANCE
    others = sorted(set(range(len(trades))).difference(pairs.values()))
    late = frozenset(n for n in others if trades[n].time >= reaches - TOLERANCE)
    surplus = tuple(n for n in others if n not in late and trades[n].time > since)
    return Comparison(rows, pairs, late, surplus, tuple(doubtful), broken, met, len(rows) < len(following))


def in_place(comparison: Comparison, trades: Sequence[Seen], indices: Sequence[int]) -> list[Row | Seen]:
    """These trades, with the missing rows where they belong: before the row that comes next, or by time."""
    row_of = {trade: comparison.rows[row] for row, trade in comparison.pairs.items()}
    missing, merged = deque(comparison.missing), list[Row | Seen]()
    for index in indices:
        while missing and _before(missing[0], trades[index], row_of.get(index)):
            merged.append(missing.popleft())
        merged.append(trades[index])
    return [*merged, *missing]


def _before(row: Row, trade: Seen, row_of_trade: Row | None) -> bool:
    return row.time < trade.time if row_of_trade is None else row.trade_id < row_of_trade.trade_id


def _alike(one: Seen, other: Seen) -> bool:
    return one.key == other.key and abs(one.time - other.time) <= TOLERANCE


def _consecutive(rows: Sequence[Row], known: int) -> Iterator[Row]:
    """Rows up to a hole in their ids; the first has the next one."""
    for number, row in enumerate(rows, known + 1):
        if row.trade_id != number:
            return
        yield row
