"""Several orders in one REST call, in both forms of a body; sums of money, margin, a key's settings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from krakencli.sandbox.rest_batch import listed
from krakencli.sandbox.trading.refusal import OrderRefusedError

from .traders import RestTrader, quiet_exchange

PAIR = "XBTUSD"


@pytest.fixture
def rest() -> RestTrader:
    return RestTrader(quiet_exchange())


def order(price: str = "60000", **more: Any) -> dict[str, Any]:
    return {"ordertype": "limit", "type": "buy", "price": price, "volume": "0.01", **more}


def add(rest: RestTrader, *orders: dict[str, Any], **more: Any) -> Any:
    """The answer to a batch of these orders."""
    return rest.call_json("AddOrderBatch", pair=PAIR, orders=list(orders), **more)


def test_a_batch_answers_in_the_order_of_the_request(rest: RestTrader) -> None:
    rows = add(rest, order(cl_ord_id="one"), order("60001", userref=3))["result"]["orders"]
    assert [row["descr"]["order"] for row in rows] == [
        "buy 0.01000000 XBTUSD @ limit 60000.0",
        "buy 0.01000000 XBTUSD @ limit 60001.0",
    ]
    first, second = (rest.account.open[row["txid"]] for row in rows)
    assert (first.ask.cl_ord_id, second.ask.userref) == ("one", 3)


def test_forms_spell_the_same_batch_out(rest: RestTrader) -> None:
    fields = {
        f"orders[{place}][{name}]": value
        for place, one in enumerate((order(), order("60001")))
        for name, value in one.items()
    }
    rows = rest.result("AddOrderBatch", pair=PAIR, **fields)["orders"]
    assert [row["txid"] for row in rows] == list(rest.account.open)


def test_one_order_that_makes_no_sense_refuses_all(rest: RestTrader) -> None:
    assert add(rest, order(), order(volume="0.00001"))["error"] == [
        "EGeneral:Invalid arguments:volume minimum not met"
    ]
    close = {"ordertype": "market", "price": 50000}
    assert add(rest, order(), order(close=close))["error"] == ["EGeneral:Invalid arguments:close"]
    assert add(rest, order())["error"] == ["EGeneral:Invalid arguments:orders"]
    assert add(rest, *[order()] * 16)["error"] == ["EGeneral:Invalid arguments:orders"]
    assert not rest.account.open


def test_one_that_cannot_be_paid_falls_alone(rest: RestTrader) -> None:
    rows = add(rest, order(volume="1000"), order())["result"]["orders"]
    assert rows[0] == {"error": "EOrder:Insufficient funds"}
    assert list(rest.account.open) == [rows[1]["txid"]]


def test_a_batch_may_only_be_checked(rest: RestTrader) -> None:
    rows = add(rest, order(), order("60001"), validate=True)["result"]["orders"]
    assert rows[1] == {"descr": {"order": "buy 0.01000000 XBTUSD @ limit 60001.0"}}
    assert not rest.account.open
    late = add(rest, order(), order(), deadline="2026-03-02T14:05:00.000Z")
    assert late["error"] == ["EService:Deadline elapsed"]


def test_orders_are_cancelled_by_any_of_their_names(rest: RestTrader) -> None:
    rows = add(rest, order(), order(userref=3), order(userref=3), order(cl_ord_id="mine"))["result"]["orders"]
    kept = rest.add()
    cancelled = rest.call_json("CancelOrderBatch", orders=[rows[0]["txid"], 3, "gone"], cl_ord_ids=["mine"])
    assert cancelled["result"] == {"count": 4}
    assert list(rest.account.open) == [kept]
    assert rest.result("CancelOrderBatch", orders=kept) == {"count": 1}
    assert rest.error("CancelOrderBatch") == "EGeneral:Invalid arguments:orders"
    many = ",".join(map(str, range(51)))
    assert rest.error("CancelOrderBatch", orders=many) == "EGeneral:Invalid arguments:orders"


def test_lists_of_forms_are_read_by_their_places() -> None:
    query = {"a[1][x]": "2", "a[0][x]": "1", "a[0][close][price]": "3", "b": "4"}
    assert listed(query, "a") == [{"x": "1", "close[price]": "3"}, {"x": "2"}]
    with pytest.raises(OrderRefusedError, match="Invalid arguments:a"):
        listed({"a[x]": "1"}, "a")


def test_a_sum_of_money_is_spent_at_market(rest: RestTrader) -> None:
    words = {"pair": PAIR, "ordertype": "market", "oflags": "viqc"}
    (order_id,) = rest.result("AddOrder", type="buy", volume="100", **words)["txid"]
    row = rest.result("QueryOrders", txid=order_id)[order_id]
    assert Decimal("99.9") < Decimal(row["cost"]) <= 100
    assert rest.error("AddOrder", type="sell", volume="100", **words).startswith("EGeneral:Invalid arguments")
    assert rest.error("AddOrder", type="buy", **words) == "EGeneral:Invalid arguments:volume"


@pytest.mark.parametrize(
    ("rights", "permissions"),
    [
        (("funds", "trade"), ["query-funds", "modify-trades"]),
        ((), []),
    ],
)
def test_a_key_tells_what_it_may_do(rights: tuple[str, ...], permissions: list[str]) -> None:
    rest = RestTrader(quiet_exchange(rights=rights))
    assert rest.result("GetApiKeyInfo") == {"apiKeyName": "sandbox-1", "permissions": permissions}


def test_there_is_no_margin_here_and_it_says_so(rest: RestTrader) -> None:
    usual = {"pair": PAIR, "type": "buy", "ordertype": "limit", "price": "60000", "volume": "0.01"}
    assert rest.error("AddOrder", leverage="2", **usual) == "EOrder:Margin allowance exceeded"
    assert rest.error("AddOrder", reduce_only="true", **usual) == "EOrder:Reduce only:No position exists"
    assert rest.result("AddOrder", leverage="none", **usual)["txid"]
