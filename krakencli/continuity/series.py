"""One symbol's trades: the next id, what is held until the ids before it come, holes, figures.

    next id                  printed, and what is held right behind it
    id ahead                 held; the ids before it are a hole, which has its own clock
    id that was printed      dropped: a duplicate
    id of a told gap         dropped: late
    id before the first      dropped
    old ids, newer times     so many in a row: the exchange counts anew (`Restarted`)

Sans I/O; `now` is monotonic seconds. Nothing is held without bound: HOLD_MOST trades, as many holes at most,
GAPS_KNOWN gaps, RESTARTED_AFTER trades under suspicion.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from msgspec import Raw

from krakencli.continuity.item import marked, time_of
from krakencli.continuity.news import Backfilled, FillWanted, Gap, Out, Restarted
from krakencli.model import run_of

REORDERING = 0.2
"""Seconds that a trade may be late by itself (design §6)."""
HOLD_MOST = 10_000
"""Trades of a symbol that are held."""
RESTARTED_AFTER = 10
"""So many trades in a row with old ids and newer times, which cannot be: ids follow time (v2 §7.4)."""
GAPS_KNOWN = 100
"""The newest gaps are remembered, to tell what is late from what is a duplicate."""


class Held(NamedTuple):
    """A trade that waits, and the type of its message; `filled` where it came by `fill`."""

    type: str
    item: Raw
    filled: bool = False


@dataclass(slots=True)
class Hole:
    """Ids that were jumped over; since then some of them may have come."""

    first: int
    last: int
    since: float
    asked: bool = False


@dataclass(slots=True)
class Figures:
    """What became of a symbol's trades; `printed` counts those that came by `fill` too."""

    printed: int = 0
    backfilled: int = 0
    duplicates: int = 0
    missing: int = 0
    gaps: int = 0
    late: int = 0


class Series:
    """Owned by the keeper, which prints the next trade by itself while the series is `calm`."""

    __slots__ = (
        "_counted",
        "_figures",
        "_first",
        "_gaps",
        "_highest",
        "_suspects",
        "asked_to",
        "calm",
        "held",
        "holes",
        "newest",
        "next",
        "symbol",
    )

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.next = self._first = -1
        self.newest = Raw(b"{}")
        self.calm = False
        self.held: dict[int, Held] = {}
        self.holes: deque[Hole] = deque()
        self.asked_to: int | None = None
        self._highest = -1
        self._counted = 0
        self._figures = Figures()
        self._gaps: deque[tuple[int, int]] = deque(maxlen=GAPS_KNOWN)
        self._suspects: dict[int, Held] = {}

    @property
    def begun(self) -> bool:
        """Whether it is known which trade comes next."""
        return self.next >= 0

    @property
    def figures(self) -> Figures:
        """Ids are consecutive, so that what was printed need not be counted one by one."""
        printed = self._counted + self.next - self._first - self._figures.missing
        return replace(self._figures, printed=printed)

    def begin(self, number: int, newest: Raw | None = None) -> None:
        """The next trade is this one; `newest` was the one before it, where that is known."""
        self.next = self._first = number
        self.newest = self.newest if newest is None else newest
        self.calm = True

    def take(self, number: int, held: Held, now: float, out: list[Out]) -> None:
        """A trade that is not simply the next one of a calm series."""
        if number < self.next:
            self._old(number, held, now, out)
            return
        self.trust()
        if number in self.held:
            self._figures.duplicates += 1
        elif number == self.next:
            self.held[number] = held
            self._release(out)
        else:
            self._hold(number, held, now, out)

    def fill(self, wanted: FillWanted, items: Mapping[int, Raw], out: list[Out]) -> None:
        """An answer to a wish. What is no missing trade is ignored."""
        self._answered(wanted)
        for number, item in items.items():
            if number < self.next:
                self._figures.late += self._in_gap(number)
            elif number < self._highest and number not in self.held:
                self.held[number] = Held("update", marked(item), True)
        self._release(out)
        self._bound(out)

    def fail(self, wanted: FillWanted, out: list[Out]) -> None:
        """The answer that nobody can tell."""
        self._answered(wanted)
        self.give_up(wanted.last_id, out)

    def wish(self, now: float, patience: float, timeout: float) -> FillWanted | None:
        """One for all holes that nobody was asked for, when the first of them is no mere disorder."""
        due = next((hole for hole in self.holes if not hole.asked), None)
        if due is None or self.asked_to is not None or now - due.since < patience:
            return None
        for hole in self.holes:
            hole.asked = True
        first, last = max(due.first, self.next), self.holes[-1].last
        while first in self.held:
            first += 1
        while last in self.held:
            last -= 1
        if first > last:
            return None
        self.asked_to = last
        before = self.held.get(first - 1)
        after = time_of(self.newest if before is None else before.item)
        return FillWanted(self.symbol, first, last, after, due.since + timeout)

    def give_up(self, last: int, out: list[Out]) -> None:
        """Wait no longer for any id up to this one; print what was held for it."""
        for number in sorted(self.held):
            if self.next > last or number > last + 1:
                break
            if number > self.next:
                self._miss(number, out)
            if number == self.next:
                self._release(out)

    def give_up_all(self, out: list[Out]) -> None:
        if self.holes:
            self.give_up(self.holes[-1].last, out)

    def expire(self, now: float, patience: float, out: list[Out]) -> None:
        """Give up the holes that were waited for long enough."""
        last = max((hole.last for hole in self.holes if now - hole.since >= patience), default=-1)
        if last >= 0:
            self.give_up(last, out)

    def trust(self) -> None:
        """No trade is under suspicion any more."""
        if self._suspects:
            self._figures.late += len(self._suspects)
            self._suspects.clear()
            self.calm = not self.held

    def _hold(self, number: int, held: Held, now: float, out: list[Out]) -> None:
        highest = max(self._highest, self.next - 1)
        if number > highest + 1:
            self.holes.append(Hole(highest + 1, number - 1, now))
        self._highest = max(highest, number)
        self.held[number] = held._replace(item=held.item.copy())
        self.calm = False
        self._bound(out)

    def _bound(self, out: list[Out]) -> None:
        while len(self.held) > HOLD_MOST:
            self.give_up(self.holes[len(self.holes) // 2].last, out)

    def _answered(self, wanted: FillWanted) -> None:
        """An answer that comes after its wish was given up says nothing of the next one."""
        if self.asked_to == wanted.last_id:
            self.asked_to = None

    def _release(self, out: list[Out]) -> None:
        """Print what follows the last printed trade without a hole."""
        filled: list[int] = []
        while (held := self.held.pop(self.next, None)) is not None:
            run_of(out, held.type).append((self.symbol, held.item))
            self.newest = held.item
            if held.filled:
                filled.append(self.next)
            self.next += 1
        while self.holes and self.holes[0].last < self.next:
            self.holes.popleft()
        self.calm = not self.held and not self._suspects
        if self.asked_to is not None and self.asked_to < self.next:
            self.asked_to = None
        if filled:
            self._figures.backfilled += len(filled)
            out.append(Backfilled(self.symbol, filled[0], filled[-1], len(filled)))

    def _miss(self, number: int, out: list[Out]) -> None:
        """Go on with this id, which is held; those before it are a gap."""
        after, before = time_of(self.newest), time_of(self.held[number].item)
        gap = Gap(self.symbol, self.next, number - 1, after, before)
        self._gaps.append((gap.first_id, gap.last_id))
        self._figures.gaps += 1
        self._figures.missing += gap.missing
        out.append(gap)
        self.next = number

    def _old(self, number: int, held: Held, now: float, out: list[Out]) -> None:
        if time_of(held.item) > time_of(self.newest):
            self._suspect(number, held, now, out)
        elif self._in_gap(number):
            self._figures.late += 1
        elif number >= self._first:
            self._figures.duplicates += 1

    def _suspect(self, number: int, held: Held, now: float, out: list[Out]) -> None:
        self.calm = False
        self._suspects[number] = held._replace(item=held.item.copy())
        if len(self._suspects) < RESTARTED_AFTER:
            return
        self.give_up_all(out)
        suspects, self._suspects = sorted(self._suspects.items()), {}
        self._counted = self.figures.printed + self._figures.missing
        out.append(Restarted(self.symbol, self.next - 1, suspects[0][0]))
        self._gaps.clear()
        self._highest = -1
        self.begin(suspects[0][0])
        for again, suspect in suspects:
            self.take(again, suspect, now, out)

    def _in_gap(self, number: int) -> bool:
        return any(first <= number <= last for first, last in self._gaps)
