"""One symbol's market: a book fed by order flow, and everything that follows from what happens in it.

`step` carries out the next event and says what it changed. All feeds and all REST answers about a symbol are
read from the same object, so they cannot disagree. It knows no sockets and no clock: each event has its own
time.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from krakencli.sandbox.book import Book, Entry, Fill, Outcome
from krakencli.sandbox.candles import Candle, Candles
from krakencli.sandbox.day import WINDOW, Day
from krakencli.sandbox.flow import Flow, Instruction
from krakencli.sandbox.levels import Change
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.shortage import Shortage
from krakencli.sandbox.timeline import Timeline
from krakencli.sandbox.times import DAY
from krakencli.sandbox.trades import Trade, TradeLog

_SPREADS = 200


class Quote(NamedTuple):
    """The best bid and offer; price and quantity 0 stand for an empty side."""

    bid: int
    bid_qty: int
    ask: int
    ask_qty: int


class Spread(NamedTuple):
    """Best prices from `time` (nanoseconds) on."""

    time: int
    bid: int
    ask: int


class Event(NamedTuple):
    """What one event changed: level changes in order, trades of one taker, and whether the best bid or offer
    moved.
    """

    time: int
    bids: list[Change]
    asks: list[Change]
    trades: list[Trade]
    quote_moved: bool


class Match(NamedTuple):
    """A trade with an account in it; `taker` is the taker's order, 0 for one of the crowd."""

    trade: Trade
    fill: Fill
    taker: int


class Market:
    """One pair's market. Construction plays its whole past, so it takes some milliseconds (see
    `Pair.history`).
    """

    def __init__(self, pair: Pair, seed: int, start: int, rate: float) -> None:
        """`start` is when the past ends (nanoseconds), `rate` the events a second from then on."""
        self.pair = pair
        self.seed = seed
        self.shortage: Shortage | None = None
        self.book = Book()
        self.trades = TradeLog(20_000_000 + 1_000_003 * len(pair.symbol) + sum(pair.symbol.encode()) * 7919)
        self.candles = Candles()
        self.day = Day(self.candles.minutes)
        self.spreads: deque[Spread] = deque(maxlen=_SPREADS)
        self.time = 0
        self.quote = Quote(0, 0, 0, 0)
        self.quote_time = 0
        self.matches: list[Match] = []
        """Trades of accounts that nobody has settled yet."""
        self.evicted: list[int] = []
        """Numbers of accounts' orders that a shortage took out of the book, likewise."""
        self._flow = Flow(pair, seed)
        self._timeline = Timeline(f"{seed}/{pair.symbol}/times", start, pair.history, rate)
        self.next_time = self._timeline.next()
        self._play_past(start)

    def step(self) -> Event:
        """Carries out the event that is due at `next_time`. Raises RuntimeError when there is none."""
        if self.next_time is None:
            raise RuntimeError(f"nothing more happens in {self.pair.symbol}")
        self.time = self.next_time
        self.next_time = self._timeline.next()
        return self._event(self._order(self._instruction()))

    def withdraw(self, time: int) -> Event:
        """Brings the shortage about at once: an event of its own, at `time`, as far as that lies between the
        last one and the next.
        """
        self._move_to(time)
        if self.shortage is not None:
            self.evicted += self.shortage.withdraw(self.book, self.time)
        return self._event([])

    def enter(self, entry: Entry, time: int) -> tuple[Outcome, Event]:
        """An account's order comes into the book, as an event of its own."""
        self._move_to(time)
        outcome = self.book.enter(entry, self.time)
        trades = self._trades(entry.buy, entry.price is None, outcome.fills, entry.number)
        return outcome, self._event(trades)

    def remove(self, number: int, time: int) -> Event:
        """An account's resting order leaves the book; nothing happens if it is not in there."""
        self._move_to(time)
        order = self.book.owned.get(number)
        if order is not None:
            self.book.cancel(order, self.time)
        return self._event([])

    def reduce(self, number: int, shown: int, hidden: int, time: int, display: int | None = None) -> Event:
        """An account's resting order becomes smaller where it stands."""
        self._move_to(time)
        order = self.book.owned[number]
        order.hidden, order.display = hidden, order.display if display is None else display
        if shown != order.qty:
            self.book.reduce(order, shown, self.time)
        return self._event([])

    def _move_to(self, time: int) -> None:
        """Time goes on to `time`, as far as that lies between the last event and the next."""
        self.time = max(self.time, time if self.next_time is None else min(time, self.next_time))

    def postpone(self, delay: int) -> None:
        """Puts everything that is still to come off by `delay` nanoseconds."""
        self._timeline.postpone(delay)
        if self.next_time is not None:
            self.next_time += delay

    @property
    def last_price(self) -> int:
        """The price of the last trade."""
        return self.candles.minutes[-1].close

    @property
    def today(self) -> Candle:
        """All trades since 00:00 UTC as one candle; without any it stands at the last price."""
        midnight = self.time // DAY * WINDOW
        candle = self.candles.running(WINDOW)
        return candle if candle.begin == midnight else Candle(midnight, self.last_price)

    def _play_past(self, start: int) -> None:
        opening = self.next_time if self.next_time is not None else start
        for instruction in self._flow.opening():
            self.book.submit(instruction.buy, instruction.price, instruction.qty, opening)
        self.book.drain()
        while self.next_time is not None and self.next_time <= start:
            self.step()

    def _instruction(self) -> Instruction:
        """What the flow wants; while a shortage lasts, no more than that allows."""
        shortage = self.shortage
        if shortage is None:
            return self._flow.next(self.book)
        if shortage.shows(self.book):
            return shortage.bend(self._flow.next(self.book), self.book)
        self.evicted += shortage.withdraw(self.book, self.time)
        return Instruction(True, None, 0)

    def _order(self, instruction: Instruction) -> list[Trade]:
        if instruction.cancel is not None:
            self.book.cancel(instruction.cancel, self.time)
        if instruction.trim is not None:
            self.book.reduce(*instruction.trim, self.time)
        if not instruction.qty:
            return []
        fills = self.book.submit(instruction.buy, instruction.price, instruction.qty, self.time)
        return self._trades(instruction.buy, instruction.price is None, fills)

    def _trades(self, buy: bool, at_market: bool, fills: list[Fill], taker: int = 0) -> list[Trade]:
        """Records what a taker's fills come to, and notes those that concern an account."""
        trades = [self.trades.add(self.time, buy, at_market, fill.price, fill.qty) for fill in fills]
        self.matches += [
            Match(trade, fill, taker)
            for trade, fill in zip(trades, fills, strict=True)
            if taker or fill.owner
        ]
        return trades

    def _event(self, trades: list[Trade]) -> Event:
        bids, asks = self.book.drain()
        self._count(trades)
        return Event(self.time, bids, asks, trades, self._requote())

    def _count(self, trades: list[Trade]) -> None:
        self.day.move(self.time)
        for trade in trades:
            self.day.add(trade.price, trade.qty)
            self.candles.add(trade.time, trade.price, trade.qty)

    def _requote(self) -> bool:
        """Notes the best bid and offer. The flow by itself keeps both sides filled."""
        before = self.quote
        (bid, bid_qty), (ask, ask_qty) = self.book.bids.best() or (0, 0), self.book.asks.best() or (0, 0)
        self.quote = Quote(bid, bid_qty, ask, ask_qty)
        if bid and ask and (bid, ask) != (before.bid, before.ask):
            self.spreads.append(Spread(self.time, bid, ask))
        if self.quote != before:
            self.quote_time = self.time
        return self.quote != before
