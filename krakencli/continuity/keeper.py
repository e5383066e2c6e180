"""All trades of a stream: in the order of ids, each once (protocol notes v2 §7.4; design §6).

Sans I/O: messages in, records and news out, in the order in which things happened. The keeper never asks
anybody; it says which trades are wanted and is told what came of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Raw

from krakencli.continuity.item import Trade, decode
from krakencli.continuity.news import FillWanted, Malformed, Out
from krakencli.continuity.series import REORDERING, Figures, Held, Series
from krakencli.model import Record, run_of

FILL_TIMEOUT = 10.0
"""Seconds that a symbol waits for its missing trades (design §6)."""


class Batch(Protocol):
    """A message of the channel: its type, and its items as text."""

    @property
    def type(self) -> str: ...

    @property
    def data(self) -> Sequence[Raw]: ...


class Continuity:
    """`fill_timeout` 0 holds nothing beyond its message: a hole is told at once. With `print_snapshot` the
    first snapshot of a symbol is printed, else it only says where to begin; so does one that was asked for
    only because a connection was lost before any trade came. `unit` is the length of a second.
    """

    def __init__(
        self, *, fill_timeout: float = FILL_TIMEOUT, print_snapshot: bool = True, unit: float = 1.0
    ) -> None:
        self._timeout, self._unit = fill_timeout * unit, unit
        self._print_snapshot = print_snapshot
        self._series: dict[str, Series] = {}
        self._open: dict[str, Series] = {}
        self._silent: set[str] = set()

    def take(self, batches: Iterable[Batch], now: float) -> list[Out]:
        """What messages bring. An item that is no trade ends the list with `Malformed`."""
        out: list[Out] = []
        find, open_ = self._series.get, self._open
        run: list[Record] | None = None
        before = ""
        try:
            for batch in batches:
                type_ = batch.type
                if type_ != before:
                    run, before = None, type_
                for item in batch.data:
                    trade = decode(item)
                    symbol = trade.symbol
                    series = find(symbol)
                    if series is not None and trade.trade_id == series.next and series.calm:
                        if run is None:
                            run = run_of(out, type_)
                        series.next += 1
                        series.newest = item
                        run.append((symbol, item))
                    else:
                        self._unusual(trade, item, batch, now, out)
                        run = None
                if open_ and self._timeout <= 0:
                    self._release(out)
                    run = None
        except (ValueError, RecursionError) as error:
            out.append(Malformed(str(error)))
        return out

    def subscribed(self, symbol: str) -> None:
        """The symbol belongs to the stream; it has figures from now on."""
        self._find(symbol)

    def lost(self, symbols: Iterable[str]) -> None:
        """The connection of these symbols is gone. What the next one brings is told from what was printed by
        its ids; only a suspicion that needs trades in a row is dropped.
        """
        for symbol in symbols:
            series = self._find(symbol)
            series.trust()
            if not series.begun:
                self._silent.add(symbol)

    def tick(self, now: float) -> list[Out]:
        """What time brings: holes that were waited for long enough, and those to be asked for."""
        out: list[Out] = []
        for symbol, series in list(self._open.items()):
            series.expire(now, self._timeout, out)
            wish = series.wish(now, REORDERING * self._unit, self._timeout)
            if wish is not None:
                out.append(wish)
            self._settle(symbol, series)
        return out

    def fill(self, wanted: FillWanted, trades: Mapping[int, Raw]) -> list[Out]:
        """The answer to a wish: missing trades by id, all or some of them."""
        out: list[Out] = []
        series = self._find(wanted.symbol)
        series.fill(wanted, trades, out)
        self._settle(wanted.symbol, series)
        return out

    def fail(self, wanted: FillWanted) -> list[Out]:
        """The answer to a wish: nobody can tell. What was asked for is waited for no longer."""
        out: list[Out] = []
        series = self._find(wanted.symbol)
        series.fail(wanted, out)
        self._settle(wanted.symbol, series)
        return out

    def release(self) -> list[Out]:
        """The stream ends: all that is held, with its gaps."""
        out: list[Out] = []
        self._release(out)
        return out

    @property
    def waiting(self) -> bool:
        """Whether anything is held."""
        return bool(self._open)

    def began(self, symbol: str) -> bool:
        """Whether it is known which trade of the symbol comes next."""
        series = self._series.get(symbol)
        return series is not None and series.begun

    def figures(self) -> dict[str, Figures]:
        return {symbol: series.figures for symbol, series in self._series.items()}

    def _unusual(self, trade: Trade, item: Raw, batch: Batch, now: float, out: list[Out]) -> None:
        """Anything but the next trade of a calm symbol."""
        series = self._find(trade.symbol)
        if not series.begun:
            self._begin(series, batch)
        series.take(trade.trade_id, Held(batch.type, item), now, out)
        self._settle(trade.symbol, series)

    def _begin(self, series: Series, batch: Batch) -> None:
        """At the lowest id of the first message, or behind the highest of a snapshot that is not printed."""
        first = {trade.trade_id: item for trade, item in _readable(batch) if trade.symbol == series.symbol}
        silent = not self._print_snapshot or series.symbol in self._silent
        if batch.type == "snapshot" and silent:
            last = max(first)
            series.begin(last + 1, first[last])
        else:
            series.begin(min(first))

    def _find(self, symbol: str) -> Series:
        return self._series.get(symbol) or self._series.setdefault(symbol, Series(symbol))

    def _settle(self, symbol: str, series: Series) -> None:
        if series.held:
            self._open[symbol] = series
        else:
            self._open.pop(symbol, None)

    def _release(self, out: list[Out]) -> None:
        for series in self._open.values():
            series.give_up_all(out)
        self._open.clear()


def _readable(batch: Batch) -> Iterator[tuple[Trade, Raw]]:
    """The trades of a message up to an item that is none."""
    for item in batch.data:
        try:
            yield decode(item), item
        except (ValueError, RecursionError):
            return
