"""`openOrders`: the life of an order in v1's wire form, beside the notes' samples and the recordings."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange

from .kit import RECORDINGS
from .traders import SYMBOL, Trader, dollars, quiet_exchange, touch, wait
from .v1_traders import V1Trader, items

TIME = re.compile(r"\d{10}\.\d{6}")
# What only some orders have, or the recorded service did not tell yet.
OPTIONAL = {"userref"}


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


@pytest.fixture
def trader(exchange: Exchange) -> V1Trader:
    return V1Trader(exchange, 1, "openOrders")


def test_a_new_order_is_told_in_full_and_then_open(trader: V1Trader) -> None:
    order_id = trader.add(oflags="post")
    pending, opened = trader.told
    ((_, fields),) = items([pending], "openOrders")
    assert TIME.fullmatch(fields.pop("opentm"))
    assert fields == {
        "avg_price": "0.00000",
        "cost": "0.00000",
        "descr": {
            "close": None,
            "leverage": None,
            "order": "buy 0.01000000 XBT/USD @ limit 60000.00000",
            "ordertype": "limit",
            "pair": "XBT/USD",
            "price": "60000.00000",
            "price2": "0.00000",
            "type": "buy",
        },
        "expiretm": None,
        "fee": "0.00000",
        "limitprice": "0.00000",
        "misc": "",
        "oflags": "fciq,post",
        "refid": None,
        "starttm": None,
        "status": "pending",
        "stopprice": "0.00000",
        "timeinforce": "GTC",
        "userref": 0,
        "vol": "0.01000000",
        "vol_exec": "0.00000000",
    }
    assert (pending[1:], opened) == (
        ["openOrders", {"sequence": 2}],
        [[{order_id: {"status": "open", "userref": 0}}], "openOrders", {"sequence": 3}],
    )


def test_the_acknowledgement_tells_the_limit_and_an_empty_snapshot_comes(exchange: Exchange) -> None:
    trader = V1Trader(exchange)
    acknowledgement, snapshot = trader.subscribe("openOrders")
    assert acknowledgement["subscription"] == {"maxratecount": 180, "name": "openOrders"}
    assert snapshot == [[], "openOrders", {"sequence": 1}]


def test_the_snapshot_has_all_open_orders_with_the_newest_first(exchange: Exchange) -> None:
    trader = V1Trader(exchange)
    ids = [trader.add(userref="5"), trader.add(cl_ord_id="mine", timeinforce="GTD", expiretm="+60")]
    _, snapshot = trader.subscribe("openOrders")
    found = dict(items([snapshot], "openOrders"))
    assert list(found) == ids[::-1]
    first, second = found[ids[0]], found[ids[1]]
    assert (first["status"], first["userref"], "cl_ord_id" in first) == ("open", 5, False)
    assert (second["userref"], second["cl_ord_id"], second["timeinforce"]) == (0, "mine", "GTD")
    assert float(second["expiretm"]) - float(second["opentm"]) == pytest.approx(60, abs=1)


def test_fills_tell_sums_only_and_the_last_one_closes(exchange: Exchange, trader: V1Trader) -> None:
    partner = Trader(exchange, 2)
    _, ask = touch(exchange)
    limit = dollars(ask - 1)
    order_id = trader.add(price=str(limit))
    for qty in (0.004, 0.006):
        partner.add(side="sell", order_qty=qty, limit_price=limit)
    trader.told = trader.news()
    first, second, closed = [fields for _, fields in trader.items()]
    assert list(first) == ["vol_exec", "cost", "fee", "avg_price", "userref"]
    assert first["vol_exec"] == "0.00400000"
    assert first["avg_price"] == f"{limit}0000"
    assert float(first["cost"]) == pytest.approx(0.004 * limit)
    assert second["vol_exec"] == "0.01000000"
    assert TIME.fullmatch(closed.pop("lastupdated"))
    assert closed == {"status": "closed", **second}
    assert {name for name, _ in trader.items()} == {order_id}


def test_cancelled_says_why_and_expired_does_not(exchange: Exchange, trader: V1Trader) -> None:
    trader.add(timeinforce="GTD", expiretm="+5")
    wait(exchange, 6)
    ((_, expired),) = items(trader.news(), "openOrders")
    trader.add()
    trader.do("cancelAll")
    ((_, canceled),) = trader.items()
    assert canceled.pop("cancel_reason") == "User requested"
    assert list(canceled) == list(expired)
    assert list(expired) == ["lastupdated", "status", "vol_exec", "cost", "fee", "avg_price", "userref"]
    assert (canceled["status"], expired["status"]) == ("canceled", "expired")


def test_an_amendment_is_told_with_its_new_terms(trader: V1Trader) -> None:
    order_id = trader.add(cl_ord_id="mine")
    trader.do("amendOrder", cl_ord_id="mine", limit_price="59000.5", volume="0.02")
    ((name, fields),) = trader.items()
    assert name == order_id
    assert (fields["amended"], fields["amend_reason"], fields["vol"]) == (
        True,
        "User requested",
        "0.02000000",
    )
    assert fields["descr"]["order"] == "buy 0.02000000 XBT/USD @ limit 59000.50000"
    assert (fields["cl_ord_id"], "status" in fields) == ("mine", False)


def test_a_stop_tells_its_prices_once_they_are_reached(exchange: Exchange, trader: V1Trader) -> None:
    last = exchange.market(SYMBOL).last_price
    low = str(dollars(last - 20_000))
    trader.add(ordertype="stop-loss-limit", type="sell", price=low, price2="50000", volume="0.001")
    waiting = trader.items()[0][1]
    assert waiting["descr"]["order"] == f"sell 0.00100000 XBT/USD @ stop loss {low}0000 -> limit 50000.00000"
    assert (waiting["descr"]["price"], waiting["descr"]["price2"]) == (f"{low}0000", "50000.00000")
    assert (waiting["stopprice"], waiting["limitprice"], waiting["misc"]) == ("0.00000", "0.00000", "")
    trader.add(ordertype="stop-loss", type="buy", price=str(dollars(last - 10)), volume="0.001")
    fired = next(fields for _, fields in trader.items() if fields.get("misc"))
    assert (fired["misc"], fired["stopprice"]) == ("stopped", f"{dollars(last - 10)}0000")


def test_a_trailing_stop_tells_where_it_stands(exchange: Exchange, trader: V1Trader) -> None:
    last = exchange.market(SYMBOL).last_price
    trader.add(ordertype="trailing-stop-limit", type="sell", price="+100", price2="-10", volume="0.001")
    fields = trader.items()[0][1]
    assert fields["stopprice"] == f"{dollars(last - 1000)}0000"
    assert fields["limitprice"] == f"{dollars(last - 1100)}0000"
    assert fields["descr"]["price"] == "+100.0"


def test_an_iceberg_of_another_protocol_tells_how_much_shows(exchange: Exchange, trader: V1Trader) -> None:
    other, partner = Trader(exchange), Trader(exchange, 2)
    _, ask = touch(exchange)
    limit = dollars(ask - 1)
    other.add(order_type="iceberg", order_qty=0.01, display_qty=0.001, limit_price=limit)
    fields = items(trader.news(), "openOrders")[0][1]
    assert (fields["display_volume"], fields["display_volume_remain"]) == ("0.00100000", "0.00100000")
    partner.add(side="sell", order_qty=0.0014, limit_price=limit)
    again = V1Trader(exchange)
    _, snapshot = again.subscribe("openOrders")
    ((_, rest),) = items([snapshot], "openOrders")
    assert (rest["display_volume_remain"], rest["misc"]) == ("0.00060000", "partial")
    assert {"display_volume_remain": "0.00100000", "userref": 0} in [
        fields for _, fields in items(trader.news(), "openOrders")
    ]


def test_the_counter_is_told_if_it_is_wanted(exchange: Exchange) -> None:
    trader = V1Trader(exchange, 1, "openOrders", ratecounter=True)
    trader.add()
    assert [fields["ratecount"] for _, fields in trader.items()] == ["1.00", "1.00"]


def test_an_option_that_is_no_boolean_is_refused(exchange: Exchange) -> None:
    (refusal,) = V1Trader(exchange).subscribe("openOrders", ratecounter="true")
    assert (refusal["status"], refusal["errorMessage"]) == (
        "error",
        "Subscription ratecounter must be a boolean",
    )


def test_unsubscribing_ends_it_and_counting_begins_anew(trader: V1Trader) -> None:
    (ended,) = trader.unsubscribe("openOrders")
    assert (ended["status"], ended["subscription"]) == ("unsubscribed", {"name": "openOrders"})
    trader.add()
    assert trader.told == []
    _, snapshot = trader.subscribe("openOrders")
    assert (len(snapshot[0]), snapshot[2]) == (1, {"sequence": 1})


def recorded(name: str) -> list[Any]:
    """The arrays of `openOrders` in a recording."""
    file = RECORDINGS / f"{name}.jsonl"
    if not file.exists():
        pytest.skip(f"no recordings at {RECORDINGS}")
    frames = [json.loads(json.loads(line)["frame"]) for line in file.read_text().splitlines()]
    return [fields for _, fields in items(frames, "openOrders")]


def kind(fields: dict[str, Any]) -> tuple[Any, ...]:
    """Which fields there are, in order, and of which type."""
    return tuple((name, type(value).__name__) for name, value in fields.items() if name not in OPTIONAL)


@pytest.mark.parametrize("name", ["v1_openorders_20221219", "v1_private_20231117", "v1_orders_20211205"])
def test_keys_and_kinds_are_the_recorded_ones(exchange: Exchange, trader: V1Trader, name: str) -> None:
    partner = Trader(exchange, 2)
    _, ask = touch(exchange)
    trader.add(timeinforce="GTD", expiretm="+5")
    told = list(trader.told)
    wait(exchange, 6)
    told += trader.news()
    trader.add()
    told += trader.told
    trader.do("cancelAll")
    told += trader.told
    trader.add(price=str(dollars(ask - 1)))
    partner.add(side="sell", order_qty=0.004, limit_price=dollars(ask - 1))
    told += [*trader.told, *trader.news()]
    ours = [kind(fields) for _, fields in items(told, "openOrders")]
    for fields in recorded(name):
        assert kind(fields) in ours, fields
