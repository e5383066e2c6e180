"""Whatever a line does to a stream, every trade comes out once and in order, except what a gap names.

The market makes trades one by one. The line loses, repeats, swaps and cuts; REST knows all trades but some,
answers late, in part, or not at all. A naive count of what was made is the oracle.
"""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from msgspec import Raw

from krakencli.continuity import HOLD_MOST, Backfilled, Continuity, FillWanted, Gap, Malformed, Out, Restarted

from .kit import BTC, ETH, Batch, printed, trade

STEP = 0.08
SNAPSHOT = 5
"""Trades in a snapshot: few, so that holes reach beyond it."""


@dataclass
class Line:
    """One symbol's market and the way to us."""

    symbol: str
    made: int = 0
    delayed: list[int] = field(default_factory=list)

    def deliver(self, fate: str) -> list[Batch]:
        self.made += 1
        number, late = self.made, self.delayed
        self.delayed = []
        match fate:
            case "lose":
                self.delayed = late
                return []
            case "delay":
                self.delayed = [number, *late]
                return []
            case "twice":
                return [self.message(number), self.message(number, *late)]
            case "shuffle":
                self.made += 2
                return [self.message(number + 2, number, number + 1, *late)]
            case "cut":
                first = max(number - SNAPSHOT + 1, 1)
                return [Batch("snapshot", [trade(n, self.symbol) for n in range(first, number + 1)])]
        return [self.message(number, *late)]

    def message(self, *numbers: int) -> Batch:
        return Batch("update", [trade(number, self.symbol) for number in numbers])


@dataclass
class Run:
    """A stream with its REST, which answers `delay` steps after a wish."""

    kept: Continuity
    unknown: set[int]
    delay: int
    outs: list[Out] = field(default_factory=list)
    asked: list[tuple[int, FillWanted]] = field(default_factory=list)
    step: int = 0

    def follow(self, outs: list[Out]) -> None:
        self.outs += outs
        self.asked += [(self.step + self.delay, out) for out in outs if isinstance(out, FillWanted)]

    def turn(self, batches: list[Batch]) -> None:
        self.step += 1
        self.follow(self.kept.take(batches, self.step * STEP))
        self.follow(self.kept.tick(self.step * STEP))
        due = [wish for step, wish in self.asked if step <= self.step]
        self.asked = [entry for entry in self.asked if entry[0] > self.step]
        for wish in due:
            self.answer(wish)

    def answer(self, wish: FillWanted) -> None:
        known = set(range(wish.first_id, wish.last_id + 1)) - self.unknown
        self.follow(self.kept.fill(wish, rest_of(wish.symbol, known)) if known else self.kept.fail(wish))


def rest_of(symbol: str, known: set[int]) -> dict[int, Raw]:
    return {number: trade(number, symbol) for number in sorted(known, reverse=True)}


FATES = st.sampled_from(["pass", "pass", "lose", "delay", "twice", "shuffle", "cut"])


@st.composite
def streams(draw: DrawFn) -> tuple[list[tuple[str, str]], set[int], int, float]:
    fates = draw(st.lists(st.tuples(st.sampled_from([BTC, ETH]), FATES), max_size=80))
    unknown = draw(st.sets(st.integers(1, 90), max_size=12))
    return fates, unknown, draw(st.integers(0, 30)), draw(st.sampled_from([0.0, 0.3, 1.0, 10.0]))


@given(streams())
@settings(max_examples=400, deadline=None)
def test_every_trade_once_and_in_order_but_what_a_gap_names(
    stream: tuple[list[tuple[str, str]], set[int], int, float],
) -> None:
    fates, unknown, delay, timeout = stream
    lines = {symbol: Line(symbol) for symbol in (BTC, ETH)}
    run = Run(Continuity(fill_timeout=timeout), unknown, delay)
    run.turn([line.message(0) for line in lines.values()])
    for symbol, fate in fates:
        if fate == "cut":
            run.kept.lost([symbol])
        run.turn(lines[symbol].deliver(fate))
    run.turn([line.deliver("pass")[-1] for line in lines.values()])
    run.follow(run.kept.release())
    assert not run.kept.waiting
    for symbol, line in lines.items():
        judge(run, symbol, line.made)


def judge(run: Run, symbol: str, made: int) -> None:
    """Records and gaps, in the order in which they were told, are the numbers from 0 to the last one."""
    told, records = [], printed(run.outs, symbol)
    for out in run.outs:
        assert not isinstance(out, Malformed | Restarted)
        told += [number for number, _ in printed([out], symbol)]
        if isinstance(out, Gap) and out.symbol == symbol:
            assert out.after < out.before
            told += range(out.first_id, out.last_id + 1)
    assert told == list(range(made + 1))
    figures = run.kept.figures()[symbol]
    filled = [number for number, type_ in records if type_ == "filled"]
    assert (figures.printed, figures.backfilled) == (len(records), len(filled))
    assert figures.missing == made + 1 - len(records)
    counts = [out.count for out in run.outs if isinstance(out, Backfilled) and out.symbol == symbol]
    assert sum(counts) == len(filled)


@given(streams())
@settings(max_examples=200, deadline=None)
def test_with_patience_and_a_complete_rest_nothing_is_missing(
    stream: tuple[list[tuple[str, str]], set[int], int, float],
) -> None:
    fates, _, delay, _ = stream
    line = Line(BTC)
    run = Run(Continuity(fill_timeout=1e9), set(), delay)
    run.turn([line.message(0)])
    for _, fate in fates:
        run.turn(line.deliver(fate))
    for _ in range(2 * delay + 8):
        run.turn([])
    run.turn(line.deliver("pass"))
    for _ in range(delay + 8):
        run.turn([])
    assert not run.kept.waiting
    judge(run, BTC, line.made)
    assert run.kept.figures()[BTC].missing == 0


@given(st.lists(st.integers(1, 3 * HOLD_MOST), min_size=1, max_size=30), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_what_is_held_has_a_bound(starts: list[int], step: int) -> None:
    kept = Continuity(fill_timeout=1e9)
    kept.take([Batch("update", [trade(0)])], 0)
    for start in starts:
        numbers = range(start, start + 1_000 * step, step)
        kept.take([Batch("update", [trade(number) for number in numbers])], 0)
    assert len(printed(kept.release())) <= HOLD_MOST
