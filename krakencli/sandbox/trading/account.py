"""Who trades: keys and rights, what they own, what their orders keep aside, and all their orders and
trades."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from krakencli.sandbox.trading.counter import TIERS, Counter, Limits
from krakencli.sandbox.trading.order import UserOrder
from krakencli.sandbox.trading.refusal import DENIED, OrderRefusedError


class OwnTrade(NamedTuple):
    """One fill of one's own: `time` in nanoseconds, sums at the pair's cost precision. `entry` says which of
    its order's entries into the book it belongs to.
    """

    exec_id: str
    trade_id: int
    order: UserOrder
    time: int
    price: int
    qty: int
    cost: int
    fee: int
    maker: bool
    entry: int


class Entry(NamedTuple):
    """One line of the ledger, in units of the asset; `balance` is what there is after it."""

    entry_id: str
    ref_id: str
    time: int
    asset: str
    amount: int
    fee: int
    balance: int


class Report(NamedTuple):
    """What is told of an order, which is just then as it is told: v2's text of one element, how full its
    pair's counter is, and the time.
    """

    event: str
    text: str
    hundredths: int
    order: UserOrder
    time: int


@dataclass(eq=False)
class Account:
    """One account, known by one key. `second` is how many nanoseconds a second lasts for its counters."""

    number: int
    key: str
    secret: str = field(repr=False)
    balances: dict[str, int]
    second: int
    rights: frozenset[str]
    tier: str
    master: str = ""
    """The key of the account that this one belongs to."""
    holds: dict[str, int] = field(default_factory=dict)
    orders: dict[str, UserOrder] = field(default_factory=dict)
    open: dict[str, UserOrder] = field(default_factory=dict)
    trades: list[OwnTrade] = field(default_factory=list)
    reporters: list[Callable[[Report], None]] = field(default_factory=list)
    bookers: list[Callable[[Entry], None]] = field(default_factory=list)
    traders: list[Callable[[Sequence[OwnTrade]], None]] = field(default_factory=list)
    """They are told fills; those of one taking together."""
    last_nonce: int = 0
    switch: int | None = None
    """When the dead man's switch cancels everything."""

    def __post_init__(self) -> None:
        self.calls = Counter(self.limits.calls, self.limits.calls_decay, self.second)
        self._counters: dict[str, Counter] = {}

    @property
    def user(self) -> str:
        """What it is called among the accounts of one master."""
        return f"sandbox-{self.number}"

    @property
    def limits(self) -> Limits:
        return TIERS[self.tier]

    def need(self, *rights: str) -> None:
        """Raises OrderRefusedError unless the key has one of the rights."""
        if not self.rights.intersection(rights):
            raise OrderRefusedError(DENIED)

    def counter(self, symbol: str) -> Counter:
        """The trading counter of one pair."""
        if symbol not in self._counters:
            limits = self.limits
            self._counters[symbol] = Counter(limits.trading, limits.trading_decay, self.second)
        return self._counters[symbol]

    def available(self, asset: str) -> int:
        """What is not put aside."""
        return self.balances.get(asset, 0) - self.holds.get(asset, 0)

    def hold(self, order: UserOrder, amount: int) -> None:
        """Puts exactly `amount` aside for an order."""
        asset = order.held_asset
        self.holds[asset] = self.holds.get(asset, 0) + amount - order.held
        order.held = amount

    def find(self, order_id: str | None = None, cl_ord_id: str | None = None) -> UserOrder | None:
        """The open order with this id, or with this id of the client's own."""
        if order_id is not None:
            return self.open.get(order_id)
        return next((one for one in self.open.values() if one.ask.cl_ord_id == cl_ord_id), None)

    def tagged(self, userref: int) -> list[UserOrder]:
        """The open orders with this tag."""
        return [one for one in self.open.values() if one.ask.userref == userref]
