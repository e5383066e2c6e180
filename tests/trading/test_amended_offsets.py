"""An amendment by a distance whose answer was lost: what is on record does not tell, nothing is claimed."""

from decimal import Decimal
from typing import Any

import pytest
from sandbox.traders import RestTrader, quiet_exchange

from krakencli.trading.found import Lookup
from krakencli.trading.request import UNKNOWN, Outcome, Request
from krakencli.trading.verdict import JUDGES

STOP = {"ordertype": "stop-loss", "type": "sell", "price": "50000"}
TRAILING = {"ordertype": "trailing-stop", "type": "sell", "price": "+5%"}


@pytest.fixture
def rest() -> RestTrader:
    return RestTrader(quiet_exchange())


def judged(rest: RestTrader, order_id: str, *, final: bool = True, **asked: Any) -> Outcome | None:
    """What is said of an amendment by the orders that the embedded exchange has on record."""
    request = Request(method="amend_order", params={"order_id": order_id, **asked})
    lookup = Lookup(rest.result, rest.result, 0.0, lambda: 0.0)
    return JUDGES["amend_order"](request, lookup, final)


def word(rest: RestTrader, order_id: str, **asked: Any) -> str:
    outcome = judged(rest, order_id, **asked)
    assert outcome is not None
    return outcome.word


@pytest.mark.parametrize("kind", ["pct", "quote"])
@pytest.mark.parametrize("order", [STOP, TRAILING])
@pytest.mark.parametrize("price", [Decimal(-5), Decimal(5), Decimal(50000)])
def test_a_distance_is_never_said_to_be_refused_or_done(
    rest: RestTrader, order: dict[str, str], kind: str, price: Decimal
) -> None:
    order_id = rest.add(**order)
    asked = {"trigger_price": price, "trigger_price_type": kind}
    assert judged(rest, order_id, final=False, **asked) is None
    outcome = judged(rest, order_id, **asked)
    assert outcome is not None
    assert (outcome.word, outcome.error[:21]) == (UNKNOWN, "what is on record doe")


def test_what_it_trails_by_is_a_distance_without_a_type_too(rest: RestTrader) -> None:
    order_id = rest.add(**TRAILING)
    assert word(rest, order_id, trigger_price=Decimal(100)) == UNKNOWN


def test_a_quantity_beside_it_can_refute_it_but_not_prove_it(rest: RestTrader) -> None:
    order_id = rest.add(**STOP)
    asked = {"trigger_price": Decimal(-5), "trigger_price_type": "pct"}
    assert word(rest, order_id, order_qty=Decimal("0.02"), **asked) == "not_amended"
    assert word(rest, order_id, order_qty=Decimal("0.01"), **asked) == UNKNOWN


def test_a_price_that_is_said_to_be_static_is_compared(rest: RestTrader) -> None:
    order_id = rest.add(**STOP)
    assert word(rest, order_id, trigger_price=Decimal(50000), trigger_price_type="static") == "amended"
    assert word(rest, order_id, trigger_price=Decimal(50001), trigger_price_type="static") == "not_amended"
