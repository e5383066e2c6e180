"""When a look-up may say that something was not done: not before the engine can do it no more."""

from typing import Any

import pytest

from krakencli.errors import RemoteError
from krakencli.trading.found import Lookup
from krakencli.trading.request import UNKNOWN, Outcome, Request
from krakencli.trading.settling import settle

PARAMS: Any = {
    "order_type": "limit",
    "side": "buy",
    "order_qty": "0.01",
    "symbol": "BTC/USD",
    "limit_price": "5",
}
NAMED = {**PARAMS, "cl_ord_id": "mine"}
LOST = Outcome(UNKNOWN, error="no answer within 1 s")


class Exchange:
    """REST by a clock that only sleeping moves: an order appears at `appears`, calls fail until `works`."""

    def __init__(
        self, appears: float | None = None, works: float = 0.0, ahead: float = 0.0, **order: Any
    ) -> None:
        self.now = 100.0
        self.looks: list[float] = []
        self._appears, self._works, self._ahead, self._order = appears, works, ahead, order

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def public(self, method: str) -> object:
        assert method == "Time"
        return {"unixtime": int(self.now + self._ahead)}

    def private(self, method: str, **fields: Any) -> object:
        if method == "OpenOrders":
            self.looks.append(self.now - 100.0)
        if self.now - 100.0 < self._works:
            raise RemoteError("OpenOrders was refused: EService:Busy")
        there = self._appears is not None and self.now - 100.0 >= self._appears
        order = {
            "status": "open", "opentm": 100.0 + self._ahead, "vol": "0.01000000", "vol_exec": "0.0",
            "cl_ord_id": "mine", "userref": 7,
            "descr": {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "5.0", "price2": "0"},
            **self._order,
        }  # fmt: skip
        return {"open": {"OABCDE-FGHIJ-KLMNOP": order} if there and method == "OpenOrders" else {}}

    def outcome(
        self, request: Request, told: Outcome = LOST, lost_at: float = 0.0, unit: float = 1.0
    ) -> Outcome:
        sent_at, self.now = self.now, self.now + lost_at
        lookup = Lookup(self.private, self.public, sent_at, lambda: self.now)
        return settle(
            request,
            lookup,
            told,
            since=sent_at,
            monotonic=lambda: self.now,
            sleep=self.sleep,
            unit=unit,
        )


def adding(**more: Any) -> Request:
    return Request(method="add_order", params={**NAMED, **more}, fresh=True)


def test_a_unit_of_time_scales_every_wait() -> None:
    exchange = Exchange()
    assert exchange.outcome(adding(), unit=0.1).word == "not_placed"
    assert exchange.looks == pytest.approx([0.0, 0.2, 0.7])


@pytest.mark.parametrize(("appears", "found_at"), [(0.0, 0.0), (1.0, 2.0), (6.9, 7.0)])
def test_an_order_that_appears_late_is_found(appears: float, found_at: float) -> None:
    exchange = Exchange(appears)
    outcome = exchange.outcome(adding())
    assert (outcome.word, outcome.looked_up) == ("placed", True)
    assert exchange.looks[-1] == pytest.approx(found_at)


def test_not_placed_is_said_when_the_deadline_is_over() -> None:
    exchange = Exchange()
    outcome = exchange.outcome(adding())
    assert outcome.word == "not_placed"
    assert "no answer within 1 s" in outcome.error
    assert exchange.looks[-1] == pytest.approx(7.0)
    assert len(exchange.looks) <= 3


def test_a_deadline_of_its_own_is_waited_for() -> None:
    exchange = Exchange()
    request = Request(method="add_order", params=NAMED, fresh=True, deadline=60.0)
    assert exchange.outcome(request).word == "not_placed"
    assert exchange.looks[-1] == pytest.approx(62.0)


def test_one_look_is_enough_after_a_long_wait_for_the_answer() -> None:
    exchange = Exchange()
    assert exchange.outcome(adding(), lost_at=10.0).word == "not_placed"
    assert len(exchange.looks) == 1


def test_rest_may_fail_for_a_while() -> None:
    assert Exchange(0.0, works=1.0).outcome(adding()).word == "placed"


def test_what_rest_does_not_tell_is_unknown() -> None:
    outcome = Exchange(0.0, works=1000.0).outcome(adding())
    assert outcome.word == UNKNOWN
    assert "EService:Busy" in outcome.error


def test_a_refusal_stands_where_the_look_up_fails() -> None:
    told = Outcome("not_canceled", error="EOrder:Unknown order")
    request = Request(method="cancel_order", params={"cl_ord_id": ["mine"]})
    assert Exchange(works=1000.0).outcome(request, told) == told


@pytest.mark.parametrize("ahead", [0.0, -300.0, 300.0])
@pytest.mark.parametrize(("opened", "word"), [(0.5, "placed"), (-30.0, "not_placed")])
def test_times_are_compared_by_the_exchanges_clock(ahead: float, opened: float, word: str) -> None:
    exchange = Exchange(0.0, ahead=ahead, opentm=100.0 + ahead + opened, cl_ord_id=None)
    request = Request(method="add_order", params={**PARAMS, "order_userref": 7})
    assert exchange.outcome(request).word == word


@pytest.mark.parametrize(
    "other",
    [
        {"userref": 8},
        {"vol": "0.02"},
        {"descr": {"pair": "ETHUSD", "type": "buy", "ordertype": "limit", "price": "5.0", "price2": "0"}},
        {"descr": {"pair": "XBTUSD", "type": "sell", "ordertype": "limit", "price": "5.0", "price2": "0"}},
        {"descr": {"pair": "XBTUSD", "type": "buy", "ordertype": "market", "price": "5.0", "price2": "0"}},
        {"descr": {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "5.1", "price2": "0"}},
    ],
)
def test_an_order_that_differs_is_another(other: dict[str, Any]) -> None:
    request = Request(method="add_order", params={**PARAMS, "order_userref": 7})
    assert Exchange(0.0, **other).outcome(request).word == "not_placed"


def test_a_name_that_was_used_before_is_no_proof() -> None:
    """The name is the user's own: an older order has it, and so the exchange has refused this one."""
    request = Request(method="add_order", params=NAMED)
    assert Exchange(0.0, opentm=1.0).outcome(request).word == "not_placed"
    assert Exchange(0.0).outcome(request).word == "placed"


def test_malformed_records_are_no_orders() -> None:
    lookup = Lookup(
        lambda *_, **__: {"open": {"A": 5, "B": {}}, "closed": []}, lambda _: {}, 0.0, lambda: 0.0
    )
    (found,) = lookup.open()
    assert (found.order_id, found.status, found.pair) == ("B", "", "")
    with pytest.raises(RemoteError, match="does not tell its time"):
        lookup.since()
