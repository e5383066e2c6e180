"""Orders as REST tells of them, when an answer was lost (protocol notes REST §5).

`Lookup` asks through the functions that it is given and changes nothing on the exchange.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from krakencli.errors import RemoteError, StreamError
from krakencli.protocol.trading import Id

SLACK = 2.0
"""Seconds that a time of the exchange and ours may differ, once the clocks are compared."""
IDS_PER_CALL = 50

_UNKNOWN = re.compile("unknown order|invalid order")

Ask = Callable[..., Any]
"""A REST method by its name, with its parameters; the result, or a StreamError."""


@dataclass(frozen=True, slots=True)
class Found:
    """An order on record. Numbers are as REST prints them; `status` is open, closed, canceled, ..."""

    order_id: str
    status: str
    opened_at: float
    cl_ord_id: str | None
    userref: int | None
    refid: str | None
    pair: str
    side: str
    order_type: str
    price: str
    price2: str
    qty: str
    filled: str
    display_qty: str | None

    @property
    def open(self) -> bool:
        return self.status in ("open", "pending")

    @property
    def fields(self) -> dict[str, str]:
        return {"order_id": self.order_id, "order_status": self.status, "cum_qty": self.filled}


class Lookup:
    """`private` and `public` ask REST, `sent_at` is when the request left, by our clock (Unix time)."""

    def __init__(self, private: Ask, public: Ask, sent_at: float, wall: Callable[[], float]) -> None:
        self._private, self._public, self._wall = private, public, wall
        self._sent_at = sent_at
        self._offset: float | None = None

    def since(self) -> float:
        """When the request left, by the exchange's clock, with some slack."""
        if self._offset is None:
            self._offset = self._compare()
        return self._sent_at + self._offset - SLACK

    def until(self) -> float:
        """The other end of that slack: what was opened before may have been there."""
        return self.since() + 2 * SLACK

    def recent(self, only: Id | None = None) -> list[Found]:
        """Orders that were opened since, with the name `only` where one is given: open ones first, so that
        none is missed that is filled meanwhile.
        """
        named = _named(only)
        found = [*self._orders("OpenOrders", "open", named), *self._orders("ClosedOrders", "closed", named)]
        since = self.since()
        unique = {one.order_id: one for one in found}
        return [one for one in unique.values() if one.opened_at >= since]

    def by_id(self, ids: Iterable[str]) -> dict[str, Found]:
        """Orders by the exchange's ids; those that it does not know are missing."""
        wanted = list(ids)
        found: dict[str, Found] = {}
        for start in range(0, len(wanted), IDS_PER_CALL):
            txid = ",".join(wanted[start : start + IDS_PER_CALL])
            try:
                result = self._private("QueryOrders", txid=txid)
            except StreamError as error:
                if not _UNKNOWN.search(error.message.lower()):
                    raise
                result = {}
            found.update({one.order_id: one for one in _parsed(result)})
        return found

    def by_name(self, name: Id) -> list[Found]:
        """All orders on record with a cl_ord_id or userref, the open ones first."""
        named = _named(name)
        found = [*self._orders("OpenOrders", "open", named), *self._orders("ClosedOrders", "closed", named)]
        return [one for one in found if getattr(one, _FIELD[name.kind]) == name.value]

    def open(self) -> list[Found]:
        """All open orders."""
        return self._orders("OpenOrders", "open", {})

    def _orders(self, method: str, member: str, named: dict[str, Any]) -> list[Found]:
        more = {} if method == "OpenOrders" or named else {"start": int(self.since()), "closetime": "open"}
        result = self._private(method, **named, **more)
        return list(_parsed(result.get(member) if isinstance(result, dict) else None))

    def _compare(self) -> float:
        """By how much the exchange's clock is ahead of ours; it tells whole seconds."""
        result = self._public("Time")
        unixtime = result.get("unixtime") if isinstance(result, dict) else None
        if type(unixtime) is not int:
            raise RemoteError("the exchange does not tell its time")
        ahead = unixtime + 0.5 - self._wall()
        return ahead if abs(ahead) > 1.0 else 0.0


_FIELD = {"order_id": "order_id", "cl_ord_id": "cl_ord_id", "order_userref": "userref"}


def _named(name: Id | None) -> dict[str, Any]:
    return {} if name is None else {_FIELD[name.kind]: name.value}


def _parsed(orders: Any) -> Iterator[Found]:
    for order_id, one in orders.items() if isinstance(orders, dict) else ():
        if not isinstance(one, dict):
            continue
        descr: dict[str, Any] = one["descr"] if isinstance(one.get("descr"), dict) else {}
        userref, name = one.get("userref"), one.get("cl_ord_id")
        yield Found(
            order_id=str(order_id),
            status=str(one.get("status", "")),
            opened_at=float(one.get("opentm") or 0),
            cl_ord_id=name if isinstance(name, str) else None,
            userref=userref if type(userref) is int else None,
            refid=one.get("refid") if isinstance(one.get("refid"), str) else None,
            pair=str(descr.get("pair", "")),
            side=str(descr.get("type", "")),
            order_type=str(descr.get("ordertype", "")),
            price=str(descr.get("price", "")),
            price2=str(descr.get("price2", "")),
            qty=str(one.get("vol", "")),
            filled=str(one.get("vol_exec", "")),
            display_qty=None if one.get("displayvol") is None else str(one["displayvol"]),
        )


def same(one: object, other: object) -> bool:
    """Whether two texts are the same number."""
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return str(one) == str(other)
