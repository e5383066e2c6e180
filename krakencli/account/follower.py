"""One subscription to `executions` over all of its connections (protocol notes v2 §11.1; design §6).

    first snapshot            what the user asked for of it is printed
    update                    printed, a fill that was printed before is not
    a jump of `sequence`      the subscription is renewed, as after a lost connection
    snapshot after a loss     compared with what is known: new fills and changed orders are printed
      without a known fill    fills may be missing: history is wanted
      always, for orders      some may have ended, or come and gone unheard: history is wanted

While history is wanted everything waits, `fill_timeout` at most. Then come the fills in order of time, the
ends of orders, the orders that changed, and what waited. Sans I/O; `now` is monotonic seconds.
"""

from krakencli.account.known import Known
from krakencli.account.news import (
    Backfilled,
    Gap,
    History,
    HistoryWanted,
    Malformed,
    Out,
    SequenceBroken,
    Unsettled,
)
from krakencli.account.orders import Orders
from krakencli.account.report import Report, marked, read
from krakencli.account.terms import Figures, Message, Wants
from krakencli.model import Run

SNAPSHOT_TRADES = 50
"""So many fills a snapshot holds at most (§11.1)."""
SETTLED_AFTER = 1.0
"""Seconds after a snapshot's first frame in which a second one may come: orders and trades may be apart."""


class Follower:
    """`orders` are the open ones at each moment. `unit` is the length of a second. After `empty_after`
    seconds a snapshot that did not come is taken as empty: v1 may send none then (protocol notes v1 §7).
    """

    def __init__(
        self,
        wants: Wants,
        *,
        fill_timeout: float = 10.0,
        empty_after: float | None = None,
        unit: float = 1.0,
    ) -> None:
        self.orders = Orders()
        self.figures = Figures()
        self._wants, self._timeout, self._unit = wants, fill_timeout * unit, unit
        self._empty_after, self._granted_at = empty_after, float("inf")
        self._fills, self._ends = Known(), Known()
        self._sequence: int | None = None
        self._started = self._resuming = False
        self._lost_at = self._back_at = self._heard_at = ""
        self._snapshot: list[Report] = []
        self._snapshot_at: float | None = None
        self._held: list[Message] = []
        self._wish: HistoryWanted | None = None

    @property
    def merges(self) -> bool:
        """Whether a table shows the open orders."""
        return self._wants.merged

    @property
    def waiting(self) -> bool:
        """Whether anything is held back."""
        return self._wish is not None or bool(self._held)

    def take(self, message: Message, now: float) -> list[Out]:
        """What a frame brings. An item that is no report ends the list with `Malformed`."""
        out: list[Out] = []
        try:
            self._take(message, now, out)
        except (ValueError, RecursionError) as error:
            out.append(Malformed(str(error)))
        return out

    def lost(self, time: str) -> None:
        """The connection is gone, at this time (RFC 3339); the next one begins with a snapshot."""
        self._resume(time)

    def granted(self, time: str, now: float, *, renewed: bool = False) -> None:
        """The subscription is granted; where it was left before, a new snapshot comes first."""
        self._granted_at = now
        if renewed and not self._resuming:
            self._resume(self._heard_at or time)
        self._back_at, self._sequence = time, None

    def tick(self, now: float) -> list[Out]:
        """What time brings: a snapshot that is complete, history that nobody told."""
        out: list[Out] = []
        if self._wish is not None and now >= self._wish.until:
            self._go_on(History(), out)
        elif self._snapshot_is_whole(now) or self._snapshot_is_missing(now):
            self._settle(now, out)
        return out

    def fill(self, wish: HistoryWanted, history: History) -> list[Out]:
        """The answer to a wish; an empty history where nobody can tell."""
        out: list[Out] = []
        if self._wish is wish:
            try:
                self._go_on(history, out)
            except (ValueError, RecursionError) as error:
                out.append(Malformed(str(error)))
        return out

    def release(self, now: float) -> list[Out]:
        """The stream ends: all that is held."""
        out: list[Out] = []
        if self._snapshot_at is not None:
            self._settle(now, out)
        if self._held and self._resuming:  # the snapshot that they wait for will not come
            out.append(Gap(self._lost_at, self._held_from))
            self._resuming = False
        if self._wish is not None or self._held:
            self._go_on(History(), out)
        return out

    @property
    def _held_from(self) -> str:
        """The time of the first report that waits."""
        reports = (read(item) for message in self._held for item in message.data)
        times = (report.timestamp for report in reports if report.timestamp)
        return min(times, default=self._lost_at)

    def _snapshot_is_whole(self, now: float) -> bool:
        return self._snapshot_at is not None and now - self._snapshot_at >= SETTLED_AFTER * self._unit

    def _snapshot_is_missing(self, now: float) -> bool:
        waits = self._resuming and self._started and self._wish is None and self._snapshot_at is None
        patience = self._empty_after
        return waits and patience is not None and now - self._granted_at >= patience * self._unit

    def _take(self, message: Message, now: float, out: list[Out]) -> None:
        if message.type == "snapshot":
            self._sequence = message.sequence
            if self._resuming and self._started:
                self._collect(message, now)
            else:
                self._begin(message, out)
            return
        broken = self._follow_sequence(message, out)
        if self._resuming and message.sequence == 1 and self._snapshot_at is None:
            self._snapshot_at = now  # v1 sends news at once where a snapshot would have been empty
        if self._snapshot_at is not None:
            self._settle(now, out)
        if self._resuming or self._wish is not None or broken:
            self._held.append(message)
        else:
            self._print(message, out)

    def _follow_sequence(self, message: Message, out: list[Out]) -> bool:
        before, self._sequence = self._sequence, message.sequence
        if before is None or message.sequence is None or message.sequence == before + 1:
            return False
        out.append(SequenceBroken(before + 1, message.sequence))
        self._resume(self._heard_at)
        return True

    def _resume(self, time: str) -> None:
        self._lost_at = self._lost_at or time
        self._resuming = True
        self._snapshot, self._snapshot_at, self._wish = [], None, None
        self._sequence, self._granted_at = None, float("inf")

    def _begin(self, message: Message, out: list[Out]) -> None:
        """The first snapshot, or its second half."""
        self._started, self._resuming, self._lost_at = True, False, ""
        out.append(
            Run(
                "snapshot",
                [
                    (None, report.item)
                    for report in map(read, message.data)
                    if self._learn(report) and self._is_wanted_at_first(report)
                ],
                message.sequence,
            )
        )

    def _collect(self, message: Message, now: float) -> None:
        """A snapshot of a new subscription; it is looked at when it is complete."""
        self._snapshot += map(read, message.data)
        self._snapshot_at = now if self._snapshot_at is None else self._snapshot_at

    def _settle(self, now: float, out: list[Out]) -> None:
        """The snapshot is complete: is anything missing between it and what is known?"""
        self._snapshot_at, self._resuming = None, False
        fills = [one for one in self._snapshot if one.fill is not None]
        there = {one.order_id for one in self._snapshot if one.fill is None}
        vanished = [one for one in self.orders.open if one not in there] if self._wants.orders else []
        overlap = any(one.fill in self._fills for one in fills)
        hole = self._wants.trades and not overlap and bool(self._fills or len(fills) >= SNAPSHOT_TRADES)
        if not hole and not self._wants.orders:
            self._go_on(History(complete=True), out)
            return
        known, after = self._fills.newest or (None, self._lost_at)
        lost_at = self._lost_at if self._wants.orders else ""
        self._wish = HistoryWanted(hole, after, known, vanished, lost_at, now + self._timeout)
        out.append(self._wish)

    def _go_on(self, history: History, out: list[Out]) -> None:
        """Print what was missed, as far as it is known, then what waited."""
        wish, self._wish = self._wish, None
        missed = sorted(map(read, history.fills.values()), key=lambda one: one.place)
        places = {one.fill: one.place for one in [*self._snapshot, *missed]}
        newest_first = reversed(self._snapshot)  # which tells trades of one moment apart that have no numbers
        new = {one.fill: one for one in [*missed, *newest_first] if one.fill is not None}
        there = {one.fill for one in self._snapshot}
        filled = [one.fill for one in missed if one.fill not in self._fills and one.fill not in there]
        if wish is not None and wish.fills and not history.complete:
            out.append(Gap(wish.after, self._back_at or self._lost_at))
        for report in sorted(new.values(), key=lambda one: places[one.fill]):
            self._print_one(report, "snapshot" if report.fill in there else "update", out)
        if filled:
            self.figures.backfilled += len(filled)
            out.append(Backfilled(str(filled[0]), str(filled[-1]), len(filled)))
        self._tell_orders(wish, history, out)
        self._snapshot, self._lost_at = [], ""
        held, self._held = self._held, []
        for message in held:
            self._print(message, out)

    def _tell_orders(self, wish: HistoryWanted | None, history: History, out: list[Out]) -> None:
        for report in sorted(map(read, history.orders.values()), key=lambda one: one.place):
            self._print_one(report, "update", out)
        for order_id in wish.orders if wish is not None else ():
            if order_id not in history.orders:
                self.figures.unsettled += 1
                self.orders.drop(order_id)
                out.append(Unsettled(order_id, self._lost_at, self._back_at or self._lost_at))
        for report in self._snapshot:
            if report.fill is None:
                if self.orders.differs(report):
                    self._print_one(report, "snapshot", out)
                else:
                    self.orders.take(report)

    def _print(self, message: Message, out: list[Out]) -> None:
        run = Run(message.type, [], message.sequence)
        for report in map(read, message.data):
            if self._learn(report) and self._is_wanted(report):
                run.records.append((None, report.item))
        if run.records:
            out.append(run)

    def _print_one(self, report: Report, type_: str, out: list[Out]) -> None:
        if self._learn(report) and self._is_wanted(report):
            item = marked(report.item, "backfill") if type_ == "update" else report.item
            out.append(Run(type_, [(None, item)]))

    def _learn(self, report: Report) -> bool:
        """Take what a report says; False for a fill, or an order's end, that is known already."""
        self._heard_at = max(self._heard_at, report.timestamp)
        new = True
        if report.fill is not None:
            new = self._fills.add(report.fill, report.timestamp)
            self.figures.fills += new
        elif report.ends:
            new = self._ends.add(report.order_id, report.timestamp)
        self.figures.duplicates += not new
        over = report.fill is not None and report.order_id not in self.orders.open
        if new and not over:
            self.orders.take(report)
        return new

    def _is_wanted(self, report: Report) -> bool:
        return self._wants.orders if report.fill is None else self._wants.trades

    def _is_wanted_at_first(self, report: Report) -> bool:
        return self._wants.first_orders if report.fill is None else self._wants.first_trades
