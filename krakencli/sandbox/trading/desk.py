"""The desk: takes the accounts' requests, brings their orders into the books and settles what comes of them.

Sans-I/O and without a clock of its own. What it changes it tells at once: the public in the market's feeds,
the accounts in their reports. Every refusal is an OrderRefusedError with the exchange's words, and changes
nothing but the pair's counter.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from krakencli.sandbox.book import Entry, Outcome
from krakencli.sandbox.engine import Engine
from krakencli.sandbox.level3 import order_id
from krakencli.sandbox.market import Event, Market, Match
from krakencli.sandbox.publisher import Publisher
from krakencli.sandbox.trading import admission, reports
from krakencli.sandbox.trading.account import Account, OwnTrade, Report
from krakencli.sandbox.trading.alarms import Alarms
from krakencli.sandbox.trading.ids import Ids
from krakencli.sandbox.trading.order import Ask, Status, UserOrder
from krakencli.sandbox.trading.refusal import OrderRefusedError
from krakencli.sandbox.trading.stops import Stops
from krakencli.sandbox.trading.till import Till

USER = "User requested"


class Desk:
    """All trading of one exchange. `publisher` gives the feeds of a symbol, `now` the time."""

    def __init__(
        self, seed: int, publisher: Callable[[str], Publisher], now: Callable[[], int], engine: Engine
    ) -> None:
        self._publisher = publisher
        self._seed = seed
        self.now = now
        self.engine = engine
        self.ids = Ids(seed)
        self.till = Till(self.ids)
        self.stops = Stops()
        self.alarms = Alarms()
        self._orders: dict[tuple[str, int], UserOrder] = {}
        self._filled: deque[OwnTrade] = deque()
        """Fills that are still to be closed."""

    def market(self, symbol: str) -> Market:
        """The market of a listed symbol."""
        return self._publisher(symbol).market

    def place(self, account: Account, ask: Ask, parent: str | None = None) -> UserOrder:
        """Takes an order in, as far as account and market allow it, and carries it out. `parent` is the order
        of which it closes a fill.
        """
        market = self.market(ask.pair.symbol)
        ask = admission.check(account, ask, market, self.engine)
        number = market.book.number()
        public = order_id(self._seed, ask.pair.symbol, number)
        order = UserOrder(ask, account, number, public, self.now(), parent=parent)
        account.orders[public] = account.open[public] = order
        self._orders[ask.pair.symbol, number] = order
        account.hold(order, order.reserve())
        self._report(order, "pending_new", reports.pending(order))
        order.status = "new"
        self._report(order, "new", reports.opened(order, self.now()))
        if ask.expires is not None:
            self.alarms.set(ask.expires, lambda: self.end(order, "expired", "Order expired"))
        order.peak = market.last_price
        if order.waits and not self.stops.is_reached(order, market.last_price):
            self.stops.add(order)
        else:
            self.go(order)
        return order

    def end(self, order: UserOrder, status: Status, reason: str) -> None:
        """Takes an open order out of the market; nothing happens to one that is over."""
        if not order.is_open:
            return
        self.stops.drop(order)
        publisher = self._publisher(order.pair.symbol)
        publisher.publish(publisher.market.remove(order.number, self.now()))
        self._close(order, status, reason)

    def end_all(self, orders: Sequence[UserOrder], reason: str) -> int:
        """Cancels open orders; says how many there were."""
        for order in orders:
            self.end(order, "canceled", reason)
        return len(orders)

    def follow(self, market: Market, event: Event) -> None:
        """Settles what an event means to the accounts, and carries out the stops that it fires."""
        if market.matches or market.evicted:
            self._settle(market)
        if event.trades and self.stops:
            for trade in event.trades:
                for order in self.stops.trail(market.pair.symbol, trade.price):
                    order.account.hold(order, order.reserve())
                    self._report(order, "status", reports.moved(order, trade.time))
                for order in self.stops.fired(market.pair.symbol, trade.price):
                    self._fire(order, trade.price)
        self._close_fills()

    def enter(self, order: UserOrder) -> None:
        """Brings an order into the book and settles what it trades there."""
        ask, market = order.ask, self.market(order.pair.symbol)
        order.entries += 1
        rests = order.limit is not None and ask.force not in {"ioc", "fok"}
        entry = Entry(
            order.number,
            order.account.number,
            ask.buy,
            order.limit,
            order.left,
            rests,
            order.display,
            ask.prevention,
        )
        if ask.force == "fok" and sum(qty for _, qty in market.book.preview(entry)) < order.left:
            self._close(order, "expired", "Fill or kill")
            return
        if ask.post_only and not admission.is_passive(market, ask.buy, order.limit or 0):
            self._close(order, "canceled", "Post only order")
            return
        outcome, event = market.enter(entry, self.now())
        self._publisher(order.pair.symbol).publish(event)
        self._settle(market)
        self._conclude(order, entry, outcome)
        self.follow(market, event)

    def report_amended(self, order: UserOrder) -> None:
        """Tells of an amendment."""
        self._report(order, "amended", reports.amended(order, self.now()))

    def republish(self, symbol: str, event: Event) -> None:
        """Tells the public of an event that the desk has brought about."""
        self._publisher(symbol).publish(event)

    def go(self, order: UserOrder) -> None:
        """Enters an order, or fires it at once when its trigger has been passed already."""
        if order.waits:
            self._fire(order, self.market(order.pair.symbol).last_price)
        else:
            self.enter(order)

    def _fire(self, order: UserOrder, price: int) -> None:
        if not order.is_open:
            return
        order.fired, order.fired_at = self.now(), price
        self._report(order, "status", reports.fired(order))
        if order.ask.buy and order.limit is None:
            order.account.hold(order, 0)
            if not admission.is_affordable(order, self.market(order.pair.symbol)):
                self._close(order, "canceled", "Insufficient funds")
                return
        self.enter(order)

    def _conclude(self, order: UserOrder, entry: Entry, outcome: Outcome) -> None:
        for number in outcome.removed:
            own = self._orders[order.pair.symbol, number]
            self._close(own, "expired", "Self trade prevention")
        if not order.is_open:
            return
        if outcome.stopped:
            self._close(order, "expired", "Self trade prevention")
        elif outcome.left and not entry.rests:
            lapsed = order.ask.force in {"ioc", "fok"}
            self._close(
                order,
                "expired" if lapsed else "canceled",
                "Immediate or cancel" if lapsed else "Market empty",
            )

    def _close_fills(self) -> None:
        """Places what closes the fills since the last look. One that cannot be is not, and nobody is told."""
        while self._filled:
            fill = self._filled.popleft()
            ask = fill.order.ask.close
            if ask is not None:
                with suppress(OrderRefusedError):
                    self.place(fill.order.account, replace(ask, qty=fill.qty), fill.order.order_id)

    def _settle(self, market: Market) -> None:
        matches, market.matches = market.matches, []
        evicted, market.evicted = market.evicted, []
        symbol = market.pair.symbol
        taken: dict[UserOrder, list[OwnTrade]] = {}
        for match in matches:
            maker = self._orders[symbol, match.fill.order_id] if match.fill.owner else None
            taker = self._orders[symbol, match.taker] if match.taker else None
            if taker is not None:
                taken.setdefault(taker, []).append(self._book(taker, match, is_maker=False))
            if maker is not None:
                _tell_trades([self._book(maker, match, is_maker=True)])
            lone = (taker or maker) if taker is None or maker is None else None
            if lone is not None:
                self.till.trade_with_crowd(lone, match)
        for trades in taken.values():
            _tell_trades(trades)
        for number in evicted:
            self._close(self._orders[symbol, number], "canceled", "Book maintenance")

    def _book(self, order: UserOrder, match: Match, is_maker: bool) -> OwnTrade:
        """Books one side of a trade, and tells its account of the order and the money."""
        trade, entries = self.till.book(order, match, is_maker)
        if order.ask.close is not None:
            self._filled.append(trade)
        self._report(order, "trade", reports.trade(trade))
        for entry in entries:
            for send in list(order.account.bookers):
                send(entry)
        if not order.left:
            self._close(order, "filled", "")
        elif is_maker and match.fill.shown:
            text = reports.refilled(order, match.trade.time, match.fill.shown)
            self._report(order, "iceberg_refill", text)
        return trade

    def _close(self, order: UserOrder, status: Status, reason: str) -> None:
        if not order.is_open:
            return
        order.status, order.reason, order.closed = status, reason, self.now()
        order.account.hold(order, 0)
        del order.account.open[order.order_id]
        del self._orders[order.pair.symbol, order.number]
        self._report(order, status, reports.ended(order))

    def _report(self, order: UserOrder, event: str, text: str) -> None:
        account, now = order.account, self.now()
        hundredths = account.counter(order.pair.symbol).hundredths(now)
        report = Report(event, text, hundredths, order, now)
        for send in list(account.reporters):
            send(report)


def _tell_trades(trades: Sequence[OwnTrade]) -> None:
    for send in list(trades[0].order.account.traders):
        send(trades)
