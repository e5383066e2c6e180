"""An order as a value, and its parameters as the wire names them (protocol notes v2 §12.1). Pure."""

import re
from dataclasses import dataclass
from typing import Any

from krakencli.errors import UsageError
from krakencli.protocol.trading import Id, Number, Param

_ORDER_ID = re.compile(r"O[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{6}")
_UUID = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FREE = re.compile(r"[!-~]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Triggers:
    """When a stop, a take-profit or a trailing order wakes."""

    price: Number | None = None
    reference: str | None = None
    price_type: str | None = None

    def params(self) -> dict[str, Param]:
        return given(reference=self.reference, price=self.price, price_type=self.price_type)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """The order that is to close each fill."""

    order_type: str | None = None
    limit_price: Number | None = None
    limit_price_type: str | None = None
    trigger_price: Number | None = None
    trigger_price_type: str | None = None

    def params(self) -> dict[str, Param]:
        return given(
            order_type=self.order_type,
            limit_price=self.limit_price,
            limit_price_type=self.limit_price_type,
            trigger_price=self.trigger_price,
            trigger_price_type=self.trigger_price_type,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A new order. `qty` counts the base asset, or with `cash` the quote currency."""

    side: str
    qty: Number
    symbol: str
    order_type: str = "limit"
    cash: bool = False
    limit_price: Number | None = None
    limit_price_type: str | None = None
    triggers: Triggers = Triggers()
    time_in_force: str | None = None
    expire_time: str | None = None
    effective_time: str | None = None
    cl_ord_id: str | None = None
    order_userref: int | None = None
    post_only: bool = False
    reduce_only: bool = False
    margin: bool = False
    display_qty: Number | None = None
    fee_preference: str | None = None
    stp_type: str | None = None
    conditional: Conditional = Conditional()
    sender_sub_id: str | None = None

    def params(self, *, in_batch: bool = False) -> dict[str, Param]:
        """As add_order wants them; orders of a batch share their symbol."""
        return given(
            order_type=self.order_type,
            side=self.side,
            order_qty=None if self.cash else self.qty,
            cash_order_qty=self.qty if self.cash else None,
            symbol=None if in_batch else self.symbol,
            limit_price=self.limit_price,
            limit_price_type=self.limit_price_type,
            triggers=self.triggers.params() or None,
            time_in_force=self.time_in_force,
            expire_time=self.expire_time,
            effective_time=self.effective_time,
            cl_ord_id=self.cl_ord_id,
            order_userref=self.order_userref,
            post_only=self.post_only or None,
            reduce_only=self.reduce_only or None,
            margin=self.margin or None,
            display_qty=self.display_qty,
            fee_preference=self.fee_preference,
            stp_type=self.stp_type,
            conditional=self.conditional.params() or None,
            sender_sub_id=self.sender_sub_id,
        )


def given(**params: Any) -> dict[str, Param]:
    """Parameters without those that are None, in their order."""
    return {name: value for name, value in params.items() if value is not None}


def is_order_id(text: str) -> bool:
    """Whether a text has the form of the exchange's own ids (`OABCDE-FGHIJ-KLMNOP`)."""
    return _ORDER_ID.fullmatch(text) is not None


def client_id(text: str, what: str = "a cl_ord_id") -> str:
    """The text, where it has a form that the exchange takes for a name of ours. Raises UsageError."""
    if _UUID.fullmatch(text) or _FREE.fullmatch(text):
        return text
    raise UsageError(
        f"{text[:60]!r} is not {what}",
        suggestion="a UUID, or at most 18 letters, digits and signs without spaces",
    )


def named(text: str) -> Id:
    """The order that a text calls: by the exchange's id, or by ours. Raises UsageError."""
    if is_order_id(text):
        return Id("order_id", text)
    return Id("cl_ord_id", client_id(text, "an order id (OABCDE-FGHIJ-KLMNOP) or a cl_ord_id"))
