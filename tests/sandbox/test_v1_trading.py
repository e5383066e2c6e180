"""v1's trading requests: carried out in the same market as v2's, refused in the exchange's words."""

from __future__ import annotations

from typing import Any

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.settings import AccountSettings

from .kit import SECOND, START_NS
from .traders import SYMBOL, Trader, quiet_exchange, wait
from .v1_traders import V1Trader, usual

UNKNOWN = "EOrder:Unknown order"


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


@pytest.fixture
def trader(exchange: Exchange) -> V1Trader:
    return V1Trader(exchange)


def test_adding_answers_in_words(trader: V1Trader) -> None:
    answer = trader.do("addOrder", **usual())
    assert set(answer) == {"descr", "txid"}
    assert answer["descr"] == "buy 0.01000000 XBTUSD @ limit 60000.0"
    assert trader.account().open[answer["txid"]].limit == 600_000


def test_what_is_only_checked_has_no_txid(trader: V1Trader) -> None:
    answer = trader.do("addOrder", **usual(), validate="true")
    assert answer == {"descr": "buy 0.01000000 XBTUSD @ limit 60000.0"}
    assert not trader.account().open


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"oflags": "post,fcib"}, {"post_only": True, "in_base": True}),
        ({"timeinforce": "IOC"}, {"force": "ioc"}),
        ({"timeinforce": "GTD", "expiretm": "+60"}, {"expires": START_NS + 60 * SECOND}),
        ({"stp_type": "cancel_both"}, {"prevention": "cancel_both"}),
        ({"userref": "17"}, {"userref": 17}),
        ({"cl_ord_id": "mine"}, {"cl_ord_id": "mine"}),
        ({"sender_sub_id": "sub"}, {"sender": "sub"}),
        ({"ordertype": "take-profit", "price": "60000"}, {"trigger": 600_000, "limit": None}),
        ({"ordertype": "stop-loss-limit", "price": "90000", "price2": "90001.5"}, {"limit": 900_015}),
    ],
)
def test_fields_mean_what_they_mean_over_v2(trader: V1Trader, fields: Any, wanted: Any) -> None:
    order_id = trader.add(**fields)
    ask = trader.account().orders[order_id].ask
    assert {name: getattr(ask, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"volume": "0.00000001"}, "EGeneral:Invalid arguments:volume minimum not met"),
        ({"volume": 0.01}, "EGeneral:Invalid arguments:volume"),
        ({"volume": "-1"}, "EGeneral:Invalid arguments:volume"),
        ({"volume": "9999"}, "EOrder:Insufficient funds"),
        ({"price": "60000.123"}, "EOrder:Tick size check failed"),
        ({"price": "+-5"}, "EGeneral:Invalid arguments:price"),
        ({"pair": "XBTUSD"}, "EQuery:Unknown asset pair"),
        ({"pair": "BTC/USD"}, "EQuery:Unknown asset pair"),
        ({"type": "hold"}, "EGeneral:Invalid arguments:side"),
        ({"ordertype": "iceberg"}, "EGeneral:Invalid arguments:ordertype"),
        ({"timeinforce": "FOK"}, "EGeneral:Invalid arguments:timeinforce"),
        ({"displayvol": "1"}, "EGeneral:Invalid arguments:displayvol"),
        ({"oflags": "post", "price": "#-1"}, "EGeneral:Invalid arguments:price"),
        ({"oflags": "post", "price": "+1%"}, "EOrder:Post only order"),
        ({"leverage": "2"}, "EOrder:Margin allowance exceeded"),
        ({"ordertype": "trailing-stop", "price": "100"}, "EGeneral:Invalid arguments:price"),
        ({"userref": "1", "cl_ord_id": "a"}, "EGeneral:Invalid arguments:cl_ord_id and order_userref"),
        ({"deadline": "2020-01-01T00:00:00Z"}, "EService:Deadline elapsed"),
        ({"timeinforce": "GTD", "expiretm": "tomorrow"}, "EGeneral:Invalid arguments:expiretm"),
    ],
)
def test_orders_that_cannot_be(trader: V1Trader, fields: Any, error: str) -> None:
    assert trader.refused("addOrder", **{**usual(), **fields}).startswith(error)
    assert not trader.account().orders


def test_amending_names_the_order_as_it_was_named(trader: V1Trader) -> None:
    first, second = trader.add(), trader.add(cl_ord_id="mine")
    answer = trader.do("amendOrder", txid=first, volume="0.02", post_only=True)
    assert (set(answer), answer["txid"]) == ({"amend_id", "txid"}, first)
    answer = trader.do("amendOrder", cl_ord_id="mine", limit_price="59000.1")
    assert (set(answer), answer["cl_ord_id"]) == ({"amend_id", "cl_ord_id"}, "mine")
    orders = trader.account().open
    assert (orders[first].qty, orders[second].limit) == (2_000_000, 590_001)


def test_amendments_that_cannot_be(trader: V1Trader) -> None:
    order_id = trader.add()
    assert trader.refused("amendOrder", txid="OAAAAA-BBBBB-CCCCCC", volume="1") == UNKNOWN
    assert trader.refused("amendOrder", volume="1") == "EGeneral:Invalid arguments:txid"
    assert trader.refused("amendOrder", txid=order_id) == "EGeneral:Invalid arguments:no changes"
    assert trader.refused("amendOrder", txid=order_id, volume="9999") == "EOrder:Insufficient funds"
    assert trader.account().open[order_id].qty == 1_000_000


def test_editing_puts_another_order_in_the_place(trader: V1Trader) -> None:
    order_id = trader.add(userref="5")
    answer = trader.do("editOrder", orderid="5", pair="XBT/USD", price="59000", newuserref="6")
    assert (answer["originaltxid"], answer["descr"]) == (order_id, "order edited price = 59000.0")
    (order,) = trader.account().open.values()
    assert (order.order_id, order.limit, order.ask.userref) == (answer["txid"], 590_000, 6)
    checked = trader.do("editOrder", orderid=order.order_id, pair="XBT/USD", volume="0.02", validate="true")
    assert checked == {
        "descr": "order edited volume = 0.02000000",
        "originaltxid": order.order_id,
    }
    assert list(trader.account().open) == [order.order_id]


def test_an_edited_trailing_limit_stays_a_distance(trader: V1Trader) -> None:
    trailing = {"ordertype": "trailing-stop-limit", "type": "sell", "price": "+100", "price2": "-10"}
    order_id = trader.add(**trailing, volume="0.001")
    for change, distance in (({"volume": "0.002"}, 100), ({"price2": "-7"}, 70)):
        order_id = trader.do("editOrder", orderid=order_id, pair="XBT/USD", **change)["txid"]
        order = trader.account().open[order_id]
        assert (order.trigger or 0) - (order.limit or 0) == distance
        assert order.ask.limit_offset is not None


def test_edits_that_cannot_be(trader: V1Trader) -> None:
    order_id = trader.add(cl_ord_id="mine")
    assert trader.refused("editOrder", orderid="OAAAAA-BBBBB-CCCCCC", pair="XBT/USD", volume="1") == UNKNOWN
    refused = trader.refused("editOrder", orderid=order_id, pair="XBT/USD", volume="0.02")
    assert refused == "EOrder:Invalid order"
    for _ in range(2):
        trader.add(userref="5")
    refused = trader.refused("editOrder", orderid="5", pair="XBT/USD", volume="0.02")
    assert refused == "EGeneral:Invalid arguments:orderid"


def test_each_cancelled_order_has_its_own_answer_which_does_not_say_its_name(trader: V1Trader) -> None:
    ids = [trader.add(), trader.add(userref="5"), trader.add(userref="5"), trader.add(cl_ord_id="mine")]
    answers = trader.all("cancelOrder", txid=[ids[0], "OAAAAA-BBBBB-CCCCCC", "5"], cl_ord_id=["mine"])
    good, bad = {"status": "ok"}, {"status": "error", "errorMessage": UNKNOWN}
    assert answers == [good, bad, good, good, good]
    assert not trader.account().open
    assert trader.refused("cancelOrder") == "EGeneral:Invalid arguments:txid"
    assert trader.refused("cancelOrder", txid=ids[0]) == "EGeneral:Invalid arguments:txid"


def test_cancel_all_counts(trader: V1Trader) -> None:
    for _ in range(3):
        trader.add()
    assert trader.do("cancelAll") == {"count": 3}
    assert not trader.account().open


def test_the_switch_is_set_rearmed_and_disarmed(exchange: Exchange, trader: V1Trader) -> None:
    trader.add()
    wait(exchange, 0.25)
    assert trader.do("cancelAllOrdersAfter", timeout=60) == {
        "currentTime": "2026-03-02T14:05:31Z",
        "triggerTime": "2026-03-02T14:06:31Z",
    }
    wait(exchange, 40)
    assert trader.do("cancelAllOrdersAfter", timeout=0)["triggerTime"] == "0"
    wait(exchange, 40)
    assert len(trader.account().open) == 1
    trader.do("cancelAllOrdersAfter", timeout=5)
    wait(exchange, 6)
    assert not trader.account().open
    assert trader.refused("cancelAllOrdersAfter", timeout="60") == "EGeneral:Invalid arguments:timeout"


def test_a_key_without_the_right_is_denied() -> None:
    reader = AccountSettings("KEY", "c2VjcmV0", rights=("websocket", "open-orders"))
    trader = V1Trader(quiet_exchange(accounts=(reader,)), 3, "openOrders")
    for event, fields in (("addOrder", usual()), ("cancelAll", {}), ("cancelAllOrdersAfter", {"timeout": 1})):
        assert trader.refused(event, **fields) == "EGeneral:Permission denied"
    (refusal,) = trader.subscribe("ownTrades")
    assert refusal["errorMessage"] == "EGeneral:Permission denied"


def test_the_counter_of_a_pair_is_one_for_both_protocols() -> None:
    exchange = quiet_exchange(tier="starter")
    trader, other = V1Trader(exchange), Trader(exchange)
    for _ in range(60):
        order_id = trader.add()
        trader.account().open[order_id].touched -= 400 * SECOND
        trader.do("cancelOrder", txid=[order_id])
    assert trader.refused("addOrder", **usual()) == "EOrder:Rate limit exceeded"
    assert other.refused(limit_price=60000.0) == "EOrder:Rate limit exceeded"


def test_requests_without_a_good_token_are_refused(exchange: Exchange, trader: V1Trader) -> None:
    for token, words in ((None, "ESession:Invalid session"), ("stranger", "ESession:Invalid session")):
        trader.token = token  # type: ignore[assignment] # nobody's
        assert trader.refused("addOrder", **usual()) == words
    again = V1Trader(exchange)
    wait(exchange, 901)
    assert again.refused("cancelAll") == "Token is expired"


def test_a_token_for_a_single_use_serves_one_connection() -> None:
    exchange = quiet_exchange(single_use_tokens=True)
    first, second = V1Trader(exchange, 1, "openOrders"), V1Trader(exchange)
    second.token = first.token
    assert second.refused("cancelAll") == "Token is expired"
    first.add()


def test_the_public_host_takes_no_orders(exchange: Exchange) -> None:
    trader = V1Trader(exchange, access=Access.PUBLIC)
    assert trader.refused("addOrder", **usual()).startswith("Private data and trading are unavailable")


def test_orders_of_both_protocols_meet(exchange: Exchange) -> None:
    trader, partner = V1Trader(exchange, 1, "openOrders"), Trader(exchange, 2, "executions")
    last = exchange.market(SYMBOL).quote.ask - 1
    price = f"{last // 10}.{last % 10}"
    trader.add(price=price)
    partner.add(side="sell", limit_price=float(price))
    assert trader.account().balances["USD"] < partner.account().balances["USD"]
    assert trader.account().trades[0].trade_id == partner.account().trades[0].trade_id
