"""The stage of candles: those that ended while nobody listened come from REST, in their place.

A new subscription's snapshot holds the last ten candles or so (protocol notes v2 §7.3), which closes most
holes by itself; over API v1 it holds the last one that had a trade (v1 §5.2). What is older is asked for in a
worker thread; the symbol's records wait for it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from krakencli.background import Call, OneByOne
from krakencli.feed import Feed
from krakencli.model import News, Run
from krakencli.protocol.messages import Update
from krakencli.records import Records
from krakencli.stage import Figures, Stage, Step
from krakencli.times import instant, stamp

WIRE = "ohlc"


@dataclass(frozen=True, slots=True)
class Hole:
    """Candles of `interval` minutes are missing that begin after `after` and before `before`; `known` is the
    newest one that came, at `after`, which may not have been its last state.
    """

    symbol: str
    interval: int
    after: datetime
    before: datetime
    until: float
    known: Raw | None = None


Ask = Callable[[Hole], Sequence[bytes]]
"""Finished candles that REST has from `after` on; runs in a thread, and may raise StreamError."""


class _Candle(Struct, gc=False):
    symbol: str
    interval_begin: str
    interval: int
    trades: int = 0


_candle = msgspec.json.Decoder(_Candle)


@dataclass(slots=True)
class _Waiting:
    hole: Hole
    updates: list[Update] = field(default_factory=list)


class Candles(Stage):
    """`records` makes the records. `ask` is None where REST is off. With `old` the candles of a snapshot that
    were printed already are printed again, as the exchange sends them.
    """

    def __init__(
        self,
        records: Records,
        feed: Feed,
        ask: Ask | None,
        *,
        fill_timeout: float,
        unit: float = 1.0,
        old: bool = True,
    ) -> None:
        self._records, self._feed = records, feed
        self._rest = None if ask is None or fill_timeout <= 0 else OneByOne(ask)
        self._timeout, self._old = fill_timeout * unit, old
        self._newest: dict[str | None, Raw] = {}
        self._lost_at: dict[str, str] = {}
        self._waiting: dict[str, _Waiting] = {}
        self._filled: dict[str, int] = {}

    def take(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:
        if not self._lost_at and not self._waiting:
            yield from self._pass(updates, now, most)
            return
        for update in updates:
            for symbol, part in _by_symbol(update):
                yield from self._take(symbol, part, now)

    def tick(self, now: float) -> Iterator[Step]:
        for hole, call in self._rest.answers() if self._rest is not None else ():
            yield from self._answered(hole, call, now)
        for symbol, waiting in list(self._waiting.items()):
            if now >= waiting.hole.until:
                yield self._gap(waiting.hole)
                yield from self._go_on(symbol, now)
        yield from self._records.tick(now)

    def release(self, now: float) -> Iterator[Step]:
        for symbol, waiting in list(self._waiting.items()):
            yield self._gap(waiting.hole)
            yield from self._go_on(symbol, now)

    def hear(self, news: News, now: float) -> None:  # noqa: ARG002 - the news have a time
        if news.type == "disconnected":
            symbols = self._feed.symbols_of(news.fields["connection"], WIRE)
            self._lost_at = dict.fromkeys(symbols, news.time) | self._lost_at
            self._records.suspend(symbols)

    def figures(self, now: float) -> Figures:  # noqa: ARG002 - they do not depend on time
        return {symbol: {"backfilled": count} for symbol, count in self._filled.items()}

    def remarks(self, now: float) -> tuple[str, ...]:  # noqa: ARG002 - as above
        filled = sum(self._filled.values())
        return (f"{filled:,} backfilled",) if filled else ()

    def _take(self, symbol: str, update: Update, now: float) -> Iterator[Step]:
        """A message of one symbol: the first one after a loss shows whether there is a hole before it."""
        if symbol in self._waiting:
            self._waiting[symbol].updates.append(update)
            return
        lost_at = self._lost_at.pop(symbol, None)
        if lost_at is None:
            yield from self._pass([update], now)
            return
        hole = self._hole(symbol, update, lost_at, now)
        update = update if self._old else self._newer(symbol, update)
        if hole is None:
            yield from self._pass([update], now)
        elif self._rest is None:
            yield self._gap(hole)
            yield from self._pass([update], now)
        else:
            self._waiting[symbol] = _Waiting(hole, [update])
            self._rest.ask(hole)

    def _hole(self, symbol: str, update: Update, lost_at: str, now: float) -> Hole | None:
        """What lies between the newest known candle and the first of a message; None where nothing does."""
        if not update.data:
            return None
        first = min(
            (_candle.decode(item) for item in update.data), key=lambda one: instant(one.interval_begin)
        )
        known = self._newest.get(symbol)
        after = instant(lost_at if known is None else _candle.decode(known).interval_begin)
        before = instant(first.interval_begin)
        if before <= after:
            return None
        return Hole(symbol, first.interval, after, before, now + self._timeout, known)

    def _newer(self, symbol: str, update: Update) -> Update:
        """What of a message is not older than what is known."""
        known = self._newest.get(symbol)
        if known is None:
            return update
        newest = instant(_candle.decode(known).interval_begin)
        data = [item for item in update.data if instant(_candle.decode(item).interval_begin) >= newest]
        return Update(update.channel, update.type, data, timestamp=update.timestamp)

    def _answered(self, hole: Hole, call: Call[Sequence[bytes]], now: float) -> Iterator[Step]:
        waiting = self._waiting.get(hole.symbol)
        if waiting is None or waiting.hole is not hole:
            return
        found = [Raw(item) for item in call.result[0]] if call.error is None else []
        begins = [instant(_candle.decode(item).interval_begin) for item in found]
        inside = [
            item for item, begin in zip(found, begins, strict=True) if hole.after <= begin < hole.before
        ]
        if call.error is not None or (hole.known is not None and hole.after not in begins):
            yield self._gap(hole, min([begin for begin in begins if begin > hole.after], default=hole.before))
        missing = [item for item in inside if not _same(item, hole.known)]
        if missing:
            yield from self._pass([Update(WIRE, "update", [_marked(item) for item in missing])], now)
            yield self._backfilled(hole, missing)
        yield from self._go_on(hole.symbol, now)

    def _go_on(self, symbol: str, now: float) -> Iterator[Step]:
        """The hole is closed, or given up: what waited behind it is taken."""
        for update in self._waiting.pop(symbol).updates:
            yield from self._take(symbol, update, now)

    def _pass(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:
        for step in self._records.take(updates, now, most):
            if isinstance(step, Run):
                self._newest.update(step.records)
            yield step

    def _gap(self, hole: Hole, before: datetime | None = None) -> News:
        times = {"from": stamp(hole.after), "to": stamp(before or hole.before)}
        named = {"subscription": WIRE, "interval": hole.interval}
        return self._feed.news("gap", WIRE, hole.symbol, **named, **times)

    def _backfilled(self, hole: Hole, items: Sequence[Raw]) -> News:
        self._filled[hole.symbol] = self._filled.get(hole.symbol, 0) + len(items)
        first, last = (_candle.decode(item).interval_begin for item in (items[0], items[-1]))
        named = {"subscription": WIRE, "interval": hole.interval, "count": len(items)}
        return self._feed.news("backfilled", WIRE, hole.symbol, **named, **{"from": first, "to": last})


def _by_symbol(update: Update) -> Iterable[tuple[str, Update]]:
    """A message as one message a symbol."""
    items: dict[str, list[Raw]] = {}
    for item in update.data:
        items.setdefault(_candle.decode(item).symbol, []).append(item)
    return [
        (symbol, Update(update.channel, update.type, data, timestamp=update.timestamp))
        for symbol, data in items.items()
    ]


def _same(item: Raw, known: Raw | None) -> bool:
    """Whether a candle is the known one, and nothing was traded in it since."""
    if known is None:
        return False
    one, other = _candle.decode(item), _candle.decode(known)
    return instant(one.interval_begin) == instant(other.interval_begin) and one.trades == other.trades


def _marked(item: Raw) -> Raw:
    return Raw(bytes(item)[:-1] + b',"source":"backfill"}')
