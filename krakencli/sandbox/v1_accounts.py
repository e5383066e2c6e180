"""The subscriptions to an account over v1: `openOrders` and `ownTrades`, each counting its frames from 1
(protocol notes v1 §4 and §7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from krakencli.sandbox import v1_orders as orders
from krakencli.sandbox import v1_own_trades as own_trades
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.trading.account import Account, OwnTrade, Report
from krakencli.sandbox.trading.order import UserOrder
from krakencli.sandbox.trading.taking import consolidated
from krakencli.sandbox.v1_params import Request

Send = Callable[[str], None]

_SNAPSHOT_TRADES = 50


class OpenOrders:
    """All open orders, the newest first, and then what becomes of any."""

    def __init__(self, exchange: Exchange, account: Account, subscription: Request, send: Send) -> None:
        """Raises RefusedError for an option that is no boolean."""
        self._exchange = exchange
        self._account = account
        self._has_count = _flag(subscription, "ratecounter", default=False)
        _flag(subscription, "rebased", default=True)
        self._frames = _Frames("openOrders", send)

    def echo(self) -> dict[str, object]:
        """With the tier's limit, whether the counter is wanted or not."""
        return {"maxratecount": self._account.limits.trading, "name": "openOrders"}

    def begin(self) -> None:
        """An empty snapshot is one, too."""
        newest = reversed(self._account.open.values())
        self._frames.tell([orders.full(order, self._shown(order)) for order in newest])
        self._account.reporters.append(self._report)

    def leave(self) -> None:
        """Ends what `begin` began; harmless when it never did."""
        if self._report in self._account.reporters:
            self._account.reporters.remove(self._report)

    def _shown(self, order: UserOrder) -> int:
        resting = self._exchange.market(order.pair.symbol).book.owned.get(order.number)
        return resting.qty if resting else min(order.display, order.left)

    def _report(self, report: Report) -> None:
        self._frames.tell([orders.told(report, self._has_count)])


class OwnTrades:
    """The last trades, the newest first, and then each new one."""

    def __init__(self, _: Exchange, account: Account, subscription: Request, send: Send) -> None:
        """Raises RefusedError for an option that is no boolean."""
        self._account = account
        self._has_snapshot = _flag(subscription, "snapshot", default=True)
        self._consolidates = _flag(subscription, "consolidate_taker", default=True)
        _flag(subscription, "rebased", default=True)
        self._frames = _Frames("ownTrades", send)

    def echo(self) -> dict[str, object]:
        """Nothing but the name."""
        return {"name": "ownTrades"}

    def begin(self) -> None:
        """Sends the snapshot, if it is wanted, and follows the account from there."""
        if self._has_snapshot:
            newest = reversed(self._merge(self._account.trades)[-_SNAPSHOT_TRADES:])
            self._frames.tell([own_trades.past(one) for one in newest])
        self._account.traders.append(self._trade)

    def leave(self) -> None:
        """Ends what `begin` began; harmless when it never did."""
        if self._trade in self._account.traders:
            self._account.traders.remove(self._trade)

    def _trade(self, trades: Sequence[OwnTrade]) -> None:
        for one in self._merge(trades):
            self._frames.tell([own_trades.told(one)])

    def _merge(self, trades: Sequence[OwnTrade]) -> Sequence[OwnTrade]:
        return consolidated(trades) if self._consolidates else trades


class _Frames:
    """The frames of one subscription."""

    def __init__(self, channel: str, send: Send) -> None:
        self._channel = channel
        self._send = send
        self._sequence = 0

    def tell(self, items: Iterable[str]) -> None:
        """Sends the next one."""
        self._sequence += 1
        self._send(f'[[{",".join(items)}],"{self._channel}",{{"sequence":{self._sequence}}}]')


def _flag(subscription: Request, name: str, default: bool) -> bool:
    value = subscription.get(name, default)
    if not isinstance(value, bool):
        raise RefusedError(f"Subscription {name} must be a boolean")
    return value
