"""An account's order: what was asked for, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from krakencli.sandbox.book import Prevention
from krakencli.sandbox.numbers import rounded
from krakencli.sandbox.pairs import Pair
from krakencli.sandbox.trading import amounts
from krakencli.sandbox.trading.offset import Offset

if TYPE_CHECKING:
    from krakencli.sandbox.trading.account import Account, OwnTrade

Force = Literal["gtc", "gtd", "ioc", "fok"]
Status = Literal["pending_new", "new", "partially_filled", "filled", "canceled", "expired"]

TRAILING = ("trailing-stop", "trailing-stop-limit")
STOPS = ("stop-loss", "stop-loss-limit", "take-profit", "take-profit-limit", *TRAILING)
LIMITED = ("limit", "iceberg", "stop-loss-limit", "take-profit-limit", "trailing-stop-limit")
KINDS = ("market", *LIMITED, "stop-loss", "take-profit", "trailing-stop")
OVER = ("filled", "canceled", "expired")


@dataclass(frozen=True, slots=True)
class Ask:
    """What a client asks for, checked for sense: prices in ticks, quantities in lots, times in
    nanoseconds."""

    pair: Pair
    buy: bool
    kind: str
    qty: int
    limit: int | None = None
    trigger: int | None = None
    reference: str = "last"
    force: Force = "gtc"
    expires: int | None = None
    display: int = 0
    post_only: bool = False
    prevention: Prevention = "cancel_newest"
    cl_ord_id: str | None = None
    userref: int | None = None
    in_base: bool = False
    cash: int | None = None
    sender: str | None = None
    offset: Offset | None = None
    """Of the trigger: from the last price, or of a trailing one from the best price since."""
    limit_offset: Offset | None = None
    """Of a trailing stop's limit from its trigger."""
    close: Ask | None = None
    """What closes each fill: an order of the other side, whose quantity is that of the fill."""

    def follow(self, price: int) -> tuple[int | None, int | None]:
        """Trigger and limit, as they are when `price` is the one to measure from."""
        if self.offset is None:
            return self.trigger, self.limit
        distance = self.offset.ticks(price)
        if self.kind in TRAILING and not self.buy:
            distance = -distance
        trigger = max(1, price + distance)
        if self.limit_offset is None:
            return trigger, self.limit
        return trigger, max(1, trigger + self.limit_offset.ticks(trigger))


@dataclass(slots=True, eq=False)
class UserOrder:
    """The order with this `number` in its market's book, of which `qty`, `limit` and `trigger` are the ones
    in force. Times are in nanoseconds; sums are at the pair's cost precision.
    """

    ask: Ask
    account: Account
    number: int
    order_id: str
    opened: int
    qty: int = 0
    limit: int | None = None
    trigger: int | None = None
    display: int = 0
    status: Status = "pending_new"
    touched: int = 0
    """When it was opened or last amended, from which its age is counted."""
    closed: int = 0
    reason: str = ""
    fired: int = 0
    """When its trigger was reached."""
    fired_at: int = 0
    peak: int = 0
    """The best price since it was opened, of a trailing stop."""
    amended: bool = False
    parent: str | None = None
    """The order of which it closes a fill."""
    entries: int = 0
    """How often it has come into the book."""
    cum_qty: int = 0
    cum_cost: int = 0
    cum_fee: int = 0
    held: int = 0
    trades: list[OwnTrade] = field(default_factory=list)

    def __post_init__(self) -> None:
        ask = self.ask
        self.qty, self.limit, self.trigger, self.display = ask.qty, ask.limit, ask.trigger, ask.display
        self.touched = self.opened

    @property
    def pair(self) -> Pair:
        return self.ask.pair

    @property
    def left(self) -> int:
        """Lots that have not been filled."""
        return self.qty - self.cum_qty

    @property
    def is_open(self) -> bool:
        return self.status not in OVER

    @property
    def waits(self) -> bool:
        """Whether it still waits for its trigger."""
        return self.trigger is not None and not self.fired and self.is_open

    @property
    def average(self) -> int:
        """The mean price in ticks."""
        pair = self.pair
        places = pair.price_precision + pair.qty_precision - pair.cost_precision
        if not self.cum_qty:
            return 0
        scaled = self.cum_cost * 10 ** max(0, places)
        return rounded(scaled, self.cum_qty * 10 ** max(0, -places))

    @property
    def held_asset(self) -> str:
        """What an open order of this side keeps from other uses."""
        return self.pair.quote.name if self.ask.buy else self.pair.base.name

    def reserve(self, qty: int | None = None, limit: int | None = None, trigger: int | None = None) -> int:
        """What must be put aside for it, as it is or as it would be."""
        left = (self.qty if qty is None else qty) - self.cum_qty
        if not self.ask.buy:
            return amounts.in_base(self.pair, left)
        if self.fired and self.limit is None:
            return 0
        price = limit or self.limit or trigger or self.trigger
        return amounts.to_pay(self.pair, price, left) if price else 0
