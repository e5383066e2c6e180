"""The till: moves money for trades, between accounts, the crowd and the exchange's own purse.

The law: for each asset, what all accounts own, what the crowd has been given and what was collected in fees
always add up to what the accounts began with.
"""

from __future__ import annotations

from collections import defaultdict

from krakencli.sandbox.market import Match
from krakencli.sandbox.trading import amounts
from krakencli.sandbox.trading.account import Entry, OwnTrade
from krakencli.sandbox.trading.ids import Ids
from krakencli.sandbox.trading.order import UserOrder


class Till:
    """`crowd` is what the simulated flow has been given (negative: has given), `fees` what was collected."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.crowd: defaultdict[str, int] = defaultdict(int)
        self.fees: defaultdict[str, int] = defaultdict(int)

    def book(self, order: UserOrder, match: Match, is_maker: bool) -> tuple[OwnTrade, list[Entry]]:
        """Books one side of a trade to its order and account."""
        pair, price, qty = order.pair, match.trade.price, match.trade.qty
        cost = amounts.cost(pair, price, qty)
        fee = amounts.fee(cost, amounts.MAKER if is_maker else amounts.TAKER)
        exec_id = self._ids.execution()
        trade = OwnTrade(
            exec_id,
            match.trade.trade_id,
            order,
            match.trade.time,
            price,
            qty,
            cost,
            fee,
            is_maker,
            order.entries,
        )
        order.cum_qty += qty
        order.cum_cost += cost
        order.cum_fee += fee
        order.status = "partially_filled"
        order.trades.append(trade)
        order.account.trades.append(trade)
        sign = -1 if order.ask.buy else 1
        paid = self._move(trade, pair.quote.name, sign * amounts.in_quote(pair, cost), fee)
        given = self._move(trade, pair.base.name, -sign * amounts.in_base(pair, qty), 0)
        order.account.hold(order, order.reserve())
        return trade, [paid, given]

    def trade_with_crowd(self, order: UserOrder, match: Match) -> None:
        """Books the other side of a trade of one account with the crowd."""
        pair, price, qty = order.pair, match.trade.price, match.trade.qty
        sign = 1 if order.ask.buy else -1
        self.crowd[pair.quote.name] += sign * amounts.in_quote(pair, amounts.cost(pair, price, qty))
        self.crowd[pair.base.name] -= sign * amounts.in_base(pair, qty)

    def _move(self, trade: OwnTrade, asset: str, amount: int, fee: int) -> Entry:
        account = trade.order.account
        paid = amounts.in_quote(trade.order.pair, fee)
        balance = account.balances.get(asset, 0) + amount - paid
        account.balances[asset] = balance
        self.fees[asset] += paid
        return Entry(self._ids.entry(), trade.exec_id, trade.time, asset, amount, paid, balance)
