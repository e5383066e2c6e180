"""Orders that wait for the last trade to reach their trigger."""

from __future__ import annotations

from krakencli.sandbox.trading.order import TRAILING, UserOrder


class Stops:
    """All waiting orders, by symbol, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: dict[str, dict[int, UserOrder]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, order: UserOrder) -> None:
        """Lets an order wait."""
        self._waiting.setdefault(order.pair.symbol, {})[order.number] = order

    def drop(self, order: UserOrder) -> None:
        """It waits no longer; harmless when it never did."""
        symbol = order.pair.symbol
        waiting = self._waiting.get(symbol, {})
        waiting.pop(order.number, None)
        if not waiting:
            self._waiting.pop(symbol, None)

    def trail(self, symbol: str, price: int) -> list[UserOrder]:
        """Lets trailing stops follow a trade at `price`; gives those whose trigger has moved."""
        moved = []
        for order in self._waiting.get(symbol, {}).values():
            if order.ask.kind in TRAILING and (price < order.peak if order.ask.buy else price > order.peak):
                order.peak = price
                order.trigger, order.limit = order.ask.follow(price)
                moved.append(order)
        return moved

    def fired(self, symbol: str, price: int) -> list[UserOrder]:
        """Takes out those that a trade at `price` fires."""
        found = [order for order in self._waiting.get(symbol, {}).values() if self.is_reached(order, price)]
        for order in found:
            self.drop(order)
        return found

    @staticmethod
    def is_reached(order: UserOrder, price: int) -> bool:
        """A stop fires as prices go against its side, a take-profit as they go its way."""
        trigger = order.trigger or 0
        rising = order.ask.buy == (not order.ask.kind.startswith("take-profit"))
        return price >= trigger if rising else price <= trigger
