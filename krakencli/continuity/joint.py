"""One symbol's trades without ids: printed as they come, held after a loss, joined with REST's.

    calm                     a trade is printed and remembered; nothing else happens
    subscribed again         new trades are held until REST has one of them: what it has before that one, and
                             the stream has not, is printed in its place
    time to compare          REST is asked, nothing is held; what is missing is printed late
    no certainty             a gap, and a new beginning

Sans I/O; `now` is monotonic seconds. Nothing grows without bound: HOLD_MOST trades are held at most,
`terms.remember` remembered, OWED_MOST rows expected to come late.
"""

from collections.abc import Iterable, Sequence

from msgspec import Raw

from krakencli.continuity.comparison import Comparison, in_place
from krakencli.continuity.item import time_of
from krakencli.continuity.join_news import Filled, Page, Reason, RowsWanted, Surplus, Told, Unjoined
from krakencli.continuity.joining import (
    ALIKE,
    APART,
    ENDED,
    LEFT_OUT,
    NO_WAITING,
    NOT_BEGUN,
    SETTLED,
    TOO_FAST,
    TOO_MANY,
    TOO_SLOW,
    Answer,
    Join,
    JointFigures,
    Terms,
)
from krakencli.continuity.matching import TOLERANCE, Row, Seen, seen
from krakencli.continuity.owed import OWED_FOR, Owed
from krakencli.continuity.series import HOLD_MOST, REORDERING
from krakencli.continuity.trail import Apart, Lacking, Trail
from krakencli.model import run_of
from krakencli.times import stamp_of


class Joint:
    """Owned by the keeper, which prints by itself, and adds to the trail, while the joint is `calm`."""

    def __init__(self, symbol: str, terms: Terms) -> None:
        self.symbol = symbol
        self.calm = True
        self.trail = Trail(terms.remember, audits=terms.audits)
        self.recent = self.trail.recent
        self.figures = JointFigures()
        self.join: Join | None = None
        self.look_again_at: float | None = None
        """When REST is asked once more what it has of the moment at which a hole was closed."""
        self._terms = terms
        self._owed = Owed(terms.unit)
        self._asked_at: float | None = None
        self._answer: Answer | None = None

    @property
    def busy(self) -> bool:
        """Whether it has a wish, or an answer that is not looked at yet."""
        return self._asked_at is not None or self._answer is not None

    @property
    def idle(self) -> bool:
        """Whether time brings nothing."""
        return self.calm and self._answer is None and self.look_again_at is None

    def take(self, items: Iterable[Raw], now: float, out: list[Told]) -> None:
        """Trades of a joint that is not calm."""
        trades = [trade for trade in map(seen, items) if not self._repeated(trade)]
        if self.join is None:
            self._print([trade.item for trade in trades], out)
            self.trail.recent.extend(trade.item for trade in trades)
            return
        self.join.held += trades
        if self.join.until is None and len(self.join.held) > self.join.fresh:
            self.join.until = now + self._terms.timeout * self._terms.unit
            self.join.ask_at = now
        if len(self.join.held) > HOLD_MOST:
            self._give_up(TOO_MANY, out)

    def resume(self, lost: str | None, stamp: str, now: float, out: list[Told]) -> None:
        """The symbol is subscribed to again, at `stamp`; nobody listened since `lost`, if that is known."""
        if self.join is not None:
            self.join.fresh, self.join.until, self.join.met = len(self.join.held), None, None
            self.join.stamp, self.join.began, self.join.ask_at = stamp, now, now
        elif not self.trail.begun:
            if lost is not None:
                out.append(Unjoined(self.symbol, lost, stamp, NOT_BEGUN))
        elif self._terms.asks and self._terms.timeout > 0:
            self.join, self.calm = Join(stamp, now, now), False
        elif not self._terms.audits:
            out.append(Unjoined(self.symbol, self.trail.certain, stamp, NO_WAITING))
            self.trail.begin_anew()

    def wish(self, reason: Reason, now: float, out: list[Told]) -> RowsWanted:
        """The next page."""
        self._look_back(out)
        self._asked_at, self.look_again_at = now, None
        until = None if self.join is None else self.join.until
        if until is None:
            until = now + (self._terms.timeout or OWED_FOR) * self._terms.unit
        return RowsWanted(self.symbol, self.trail.since, until, reason)

    def answer(self, wanted: RowsWanted, page: Page, now: float) -> None:
        """The page that was wished for; a wish that was given up meanwhile has no answer."""
        asked_at, self._asked_at = self._asked_at, None
        if asked_at is not None:
            self._answer = Answer(page, wanted.reason, asked_at, now + REORDERING * self._terms.unit)

    def fail(self, reason: str, out: list[Told]) -> None:
        """Nobody can tell: what is held waits no longer."""
        asked_at, self._asked_at = self._asked_at, None
        if self.join is not None and asked_at is not None:
            self._give_up(reason, out)

    def tick(self, now: float, out: list[Told]) -> None:
        """Let time pass, when all that has arrived is taken."""
        if self._answer is not None and now >= self._answer.due:
            answer, self._answer = self._answer, None
            self._compare(answer, now, out)
        if self.join is not None and self.join.until is not None and now >= self.join.until:
            self._give_up(TOO_SLOW, out)
        self._owed.expire(now)
        self.calm = self.join is None and not self._owed

    def release(self, out: list[Told]) -> None:
        """The stream ends."""
        if self.join is not None:
            self._give_up(ENDED, out)

    def _compare(self, answer: Answer, now: float, out: list[Told]) -> None:
        if self.trail.anchored:
            self._look_back(out)
        join = self.join or Join("", now, now)
        trades = [*map(seen, self.trail.recent), *join.held]
        if self.join is not None:
            self.join.ask_at = now + SETTLED * self._terms.unit
        match self.trail.compare(answer.page, join.held, join.fresh, join.met):
            case Apart():
                self._give_up(APART, out)
            case Lacking() as lacking:
                self.figures.missing += lacking.last_id - lacking.first_id + 1
                ids = lacking.first_id, lacking.last_id
                out.append(Unjoined(self.symbol, lacking.after, lacking.before, LEFT_OUT, ids))
            case Comparison() as found:
                self._tell(found, trades, out)
                if self.join is None:
                    self._fill(found.missing, answer.reason, now, out)
                else:
                    self._go_on(self.join, found, trades, answer.asked_at, now, out)
        if self.join is not None and (self.trail.behind or self.join.until is not None):
            self.join.ask_at = now

    def _tell(self, found: Comparison, trades: Sequence[Seen], out: list[Told]) -> None:
        """What a comparison says beside what is missing."""
        self.figures.audited += len(found.pairs)
        if found.surplus:
            self.figures.surplus += len(found.surplus)
            first, last = (time_of(trades[n].item) for n in (found.surplus[0], found.surplus[-1]))
            out.append(Surplus(self.symbol, len(found.surplus), first, last))
        if found.doubtful:
            out.append(Unjoined(self.symbol, *_times(found.doubtful), ALIKE))

    def _go_on(
        self,
        join: Join,
        found: Comparison,
        trades: Sequence[Seen],
        asked_at: float,
        now: float,
        out: list[Told],
    ) -> None:
        """Print what is known, and everything once REST has reached what came after the loss."""
        printed = len(trades) - len(join.held)
        fresh = range(printed + join.fresh, len(trades))
        join.met = found.met
        if join.met is None and not set(found.surplus).isdisjoint(fresh):
            self._give_up(APART, out)
            return
        settled = join.met is not None or asked_at >= join.began + SETTLED * self._terms.unit
        over = found.passed or (settled and not self.trail.behind and (join.met is not None or not fresh))
        late = [n for n in sorted(found.late) if n >= printed]
        due = [n for n in range(printed, len(trades)) if over or n not in found.late]
        self._print([one.item for one in in_place(found, trades, due)], out)
        self._filled(found.missing, "reconnect", now, out)
        if over:
            self.join = None
            if join.met is not None and not found.passed:
                self.trail.doubt = stamp_of(join.met - 2 * TOLERANCE)
                self.look_again_at = now + SETTLED * self._terms.unit
            self.trail.recent.extend(trades[n].item for n in late)
        else:
            join.held = [trades[n] for n in late]
            join.fresh = sum(n < fresh.start for n in late)

    def _fill(self, rows: Sequence[Row], reason: Reason, now: float, out: list[Told]) -> None:
        self._print([row.item for row in rows], out)
        self._filled(rows, reason, now, out)

    def _filled(self, rows: Sequence[Row], reason: Reason, now: float, out: list[Told]) -> None:
        """These were printed."""
        if rows:
            self.figures.backfilled += len(rows)
            self._owed.add(rows, now)
            ids = rows[0].trade_id, rows[-1].trade_id
            out.append(Filled(self.symbol, *ids, len(rows), *_times(rows), reason))

    def _give_up(self, reason: str, out: list[Told]) -> None:
        """Nobody knows what happened before the trades that are held: print them, and begin anew."""
        join, self.join = self.join or Join(self.trail.newest, 0, 0), None
        after = self.trail.certain
        before, fresh = join.held[: join.fresh], [trade.item for trade in join.held[join.fresh :]]
        self._print([trade.item for trade in before], out)
        self.trail.recent.extend(trade.item for trade in before)
        until = time_of(fresh[0]) if fresh else join.stamp
        out.append(Unjoined(self.symbol, after, until, reason))
        self._print(fresh, out)
        self.trail.begin_anew(fresh)
        self._asked_at = self._answer = self.look_again_at = None

    def _look_back(self, out: list[Told]) -> None:
        """More was printed than is remembered: that it was complete is not known where it should be."""
        times = self.trail.rolled_away()
        if times is not None and self._terms.audits:
            out.append(Unjoined(self.symbol, *times, TOO_FAST))

    def _print(self, items: Sequence[Raw], out: list[Told]) -> None:
        if items:
            run_of(out, "update").extend((self.symbol, item) for item in items)

    def _repeated(self, trade: Seen) -> bool:
        """Whether it was printed already, as REST had it."""
        repeated = self._owed.take(trade)
        self.figures.duplicates += repeated
        return repeated


def _times(rows: Sequence[Row]) -> tuple[str, str]:
    """Of the first and the last."""
    return time_of(rows[0].item), time_of(rows[-1].item)
