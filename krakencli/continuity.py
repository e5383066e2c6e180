"""Trades without holes: which ids are missing, what is held until they come, what is told when they do not.

`trade_id` is consecutive per pair (protocol notes v2 §7.4, REST §4), so that a hole is seen at once. A symbol
whose next trade is missing is held, for a moment because messages may come out of order, then until its
missing trades are told by whoever can ask for them, at most for `fill_timeout`. Every trade comes out once
and in the order of ids; what stays missing is a `Gap`. Sans I/O; `now` is monotonic seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
from msgspec import Raw, Struct

from krakencli.model import Record, Run

REORDERING = 0.2
"""Seconds that a trade may be late by itself."""
FILL_TIMEOUT = 10.0
HOLD_MOST = 10_000
"""Trades of a symbol that are held."""
RESTARTED_AFTER = 50
"""So many trades in a row with old ids and no new one: the exchange counts anew."""


class _Trade(Struct, gc=False):
    symbol: str
    trade_id: int


class _Time(Struct, gc=False):
    timestamp: str = ""


_trade = msgspec.json.Decoder(_Trade)
_time = msgspec.json.Decoder(_Time)


class Batch(Protocol):
    """A message of the channel: its type, and its items as text."""

    @property
    def type(self) -> str: ...

    @property
    def data(self) -> Sequence[Raw]: ...


@dataclass(frozen=True, slots=True)
class FillWanted:
    """Trades `first_id` to `last_id` are missing; `after` is the time of the one before them."""

    symbol: str
    first_id: int
    last_id: int
    after: str


@dataclass(frozen=True, slots=True)
class Backfilled:
    symbol: str
    first_id: int
    last_id: int
    count: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Trades that will not come any more; the times are those of the trades around them."""

    symbol: str
    first_id: int
    last_id: int
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """An item that is no trade; nothing after it was looked at."""

    reason: str


Out = Run | FillWanted | Backfilled | Gap | Malformed


@dataclass(slots=True)
class Figures:
    """What came of one symbol beside its records."""

    backfilled: int = 0
    duplicates: int = 0
    missing: int = 0


class _Series:
    """One symbol. `last` is the id that was printed last, `held` what waits for the ids before it."""

    __slots__ = ("asked", "figures", "filled", "held", "last", "newest", "old", "resumed", "since")

    def __init__(self) -> None:
        self.last: int | None = None
        self.newest = Raw(b"{}")
        self.held: dict[int, Raw] = {}
        self.filled: set[int] = set()
        self.since = 0.0
        self.asked = self.resumed = False
        self.old = 0
        self.figures = Figures()


class Continuity:
    """All symbols of a stream. `fill_timeout` 0 holds nothing: a hole is told at once."""

    def __init__(self, *, fill_timeout: float = FILL_TIMEOUT, unit: float = 1.0) -> None:
        self._timeout, self._unit = fill_timeout, unit
        self._series: dict[str, _Series] = {}
        self._open: dict[str, _Series] = {}

    def take(self, batches: Iterable[Batch], now: float) -> list[Out]:
        """What trades bring; an item that is none ends the list."""
        out: list[Out] = []
        decode, find = _trade.decode, self._series.get
        run: list[Record] | None = None
        type_ = ""
        try:
            for batch in batches:
                if batch.type != type_:
                    run, type_ = None, batch.type
                silent = self._unknown_before(batch) if type_ == "snapshot" else None
                for item in batch.data:
                    trade = decode(item)
                    series = find(trade.symbol)
                    if silent and series is not None and trade.symbol in silent:
                        series.last, series.newest = max(trade.trade_id, series.last or 0), item
                    elif series is not None and series.last is not None and trade.trade_id == series.last + 1:
                        if run is None:
                            run = _run(out, type_)
                        series.last, series.newest = trade.trade_id, item
                        run.append((trade.symbol, item))
                        if series.held:
                            self._drain(trade.symbol, series, out)
                            run = None
                    else:
                        self._unusual(trade, item, type_, now, out)
                        run = None
        except msgspec.DecodeError as error:
            out.append(Malformed(str(error)))
        return out

    def _unknown_before(self, snapshot: Batch) -> set[str]:
        """Symbols of which a resubscription's snapshot only says where to begin."""
        symbols = {_trade.decode(item).symbol for item in snapshot.data}
        return {
            symbol
            for symbol in symbols
            if (series := self._series.get(symbol)) is not None and series.resumed and series.last is None
        }

    def lost(self, symbols: Iterable[str]) -> None:
        """The connection of these symbols is gone; the next one begins with a snapshot."""
        for symbol in symbols:
            self._series.setdefault(symbol, _Series()).resumed = True

    def began(self, symbol: str) -> bool:
        """Whether a trade of the symbol is known, so that what is missing after it can be told by ids."""
        series = self._series.get(symbol)
        return series is not None and series.last is not None

    def tick(self, now: float) -> list[Out]:
        """What time brings: holes to be asked for, and those that were waited for long enough."""
        out: list[Out] = []
        for symbol, series in list(self._open.items()):
            if now - series.since >= self._timeout * self._unit:
                self._give_up(symbol, series, out)
            elif not series.asked and now - series.since >= REORDERING * self._unit:
                series.asked = True
                assert series.last is not None
                out.append(FillWanted(symbol, series.last + 1, max(series.held) - 1, _stamp(series.newest)))
        return out

    def fill(self, symbol: str, trades: Mapping[int, Raw]) -> list[Out]:
        """Missing trades by id, as items to print."""
        out: list[Out] = []
        series = self._open.get(symbol)
        if series is None or series.last is None:
            return out
        new = {number: item for number, item in trades.items() if number > series.last}
        missing = [number for number in new if number not in series.held and number < max(series.held)]
        series.held.update({number: new[number] for number in missing})
        series.filled.update(missing)
        self._drain(symbol, series, out)
        series.asked = False  # what is still missing, or came to be meanwhile, is asked for anew
        return out

    def fail(self, symbol: str) -> list[Out]:
        """Nobody can tell what is missing."""
        out: list[Out] = []
        if symbol in self._open:
            self._give_up(symbol, self._open[symbol], out)
        return out

    def release(self) -> list[Out]:
        """The stream ends: all that is held, with its gaps."""
        out: list[Out] = []
        for symbol, series in list(self._open.items()):
            self._give_up(symbol, series, out)
        return out

    @property
    def waiting(self) -> bool:
        """Whether anything is held."""
        return bool(self._open)

    def figures(self) -> dict[str, Figures]:
        return {symbol: series.figures for symbol, series in self._series.items()}

    def _unusual(self, trade: _Trade, item: Raw, type_: str, now: float, out: list[Out]) -> None:
        """Anything but the next trade of its symbol."""
        symbol, number = trade.symbol, trade.trade_id
        series = self._series.setdefault(symbol, _Series())
        if series.last is None:
            series.last, series.newest = number, item
            _run(out, type_).append((symbol, item))
        elif number <= series.last:
            self._old(symbol, series, trade, item, type_, out)
        elif number not in series.held:
            self._hold(symbol, series, number, item, now, out)

    def _old(
        self, symbol: str, series: _Series, trade: _Trade, item: Raw, type_: str, out: list[Out]
    ) -> None:
        """Printed already, as a rule."""
        series.figures.duplicates += 1
        series.old = series.old + 1 if type_ != "snapshot" else 0
        if series.old > RESTARTED_AFTER and _stamp(item) > _stamp(series.newest):
            self._open.pop(symbol, None)
            series.held.clear()
            series.last, series.newest, series.old = trade.trade_id, item, 0
            _run(out, type_).append((symbol, item))

    def _hold(self, symbol: str, series: _Series, number: int, item: Raw, now: float, out: list[Out]) -> None:
        if symbol not in self._open:
            self._open[symbol] = series
            series.since, series.asked = now, False
        series.held[number] = item
        series.old = 0
        if self._timeout <= 0 or len(series.held) > HOLD_MOST:
            self._give_up(symbol, series, out)

    def _drain(self, symbol: str, series: _Series, out: list[Out]) -> None:
        """Print what follows the last trade without a hole."""
        assert series.last is not None
        began, count = series.last + 1, 0
        records = _run(out, "update")
        while (item := series.held.pop(series.last + 1, None)) is not None:
            series.last, series.newest = series.last + 1, item
            records.append((symbol, item))
            if series.last in series.filled:
                series.filled.remove(series.last)
                count += 1
                last_filled = series.last
        if count:
            series.figures.backfilled += count
            out.append(Backfilled(symbol, began, last_filled, count))
        if not series.held:
            self._open.pop(symbol, None)

    def _give_up(self, symbol: str, series: _Series, out: list[Out]) -> None:
        while series.held:
            assert series.last is not None
            first, last = series.last + 1, min(series.held) - 1
            if last >= first:
                series.figures.missing += last - first + 1
                before = _stamp(series.held[last + 1])
                out.append(Gap(symbol, first, last, _stamp(series.newest), before))
                series.last = last
            self._drain(symbol, series, out)


def _stamp(item: Raw) -> str:
    return _time.decode(item).timestamp


def _run(out: list[Out], type_: str) -> list[Record]:
    """The records of the run that the next record of this type belongs to."""
    last = out[-1] if out else None
    if not isinstance(last, Run) or last.type != type_:
        last = Run(type_)
        out.append(last)
    return last.records
