"""REST's private calls: shapes, pages, rights, counters, and that they tell the same as the socket."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.log import Log
from krakencli.sandbox.rest import Call, answer
from krakencli.sandbox.settings import AccountSettings, Settings
from krakencli.sandbox.tokens import signature

from .kit import START, HandClock
from .traders import SYMBOL, RestTrader, Trader, dollars, quiet_exchange, touch, wait


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


@pytest.fixture
def rest(exchange: Exchange) -> RestTrader:
    return RestTrader(exchange)


def test_balances_in_internal_names(rest: RestTrader) -> None:
    assert rest.result("Balance") == {"XXBT": "2.0000000000", "ZUSD": "100000.0000"}
    rest.add(volume="0.01", price="60000.0")
    extended = rest.result("BalanceEx")
    # 600 dollars and the fee of a taker, 0.4 percent.
    assert extended["ZUSD"] == {"balance": "100000.0000", "hold_trade": "602.4000"}
    assert extended["XXBT"]["hold_trade"] == "0.0000000000"


def test_an_open_order(rest: RestTrader) -> None:
    order_id = rest.add(userref=7, oflags="post")
    (found,) = rest.result("OpenOrders")["open"].items()
    assert found == (
        order_id,
        {
            "refid": None,
            "userref": 7,
            "status": "open",
            "opentm": "1772460330.0",
            "starttm": 0,
            "expiretm": 0,
            "descr": {
                "pair": "XBTUSD",
                "type": "buy",
                "ordertype": "limit",
                "price": "60000.0",
                "price2": "0",
                "leverage": "none",
                "order": "buy 0.01000000 XBTUSD @ limit 60000.0",
                "close": "",
            },
            "vol": "0.01000000",
            "vol_exec": "0.00000000",
            "cost": "0.00000",
            "fee": "0.00000",
            "price": "0.0",
            "stopprice": "0.00000",
            "limitprice": "0.00000",
            "misc": "",
            "oflags": "fciq,post",
        },
    )
    assert rest.result("OpenOrders", userref=8) == {"open": {}}
    assert rest.result("OpenOrders", trades="true")["open"][order_id]["trades"] == []


def test_cancelled_and_filled_orders_are_closed(rest: RestTrader) -> None:
    gone = rest.add(cl_ord_id="mine")
    assert rest.result("CancelOrder", txid=gone) == {"count": 1}
    wait(rest.exchange, 1)
    done = rest.add(ordertype="market", price="")
    closed = rest.result("ClosedOrders", trades="true")
    assert list(closed["closed"]) == [done, gone]
    assert closed["count"] == 2
    assert (
        closed["closed"][gone] | {"status": "canceled", "reason": "User requested"} == closed["closed"][gone]
    )
    assert closed["closed"][done]["status"] == "closed"
    assert closed["closed"][done]["vol_exec"] == "0.01000000"
    assert list(rest.result("ClosedOrders", cl_ord_id="mine", without_count="true")) == ["closed"]
    assert list(rest.result("QueryOrders", txid=f"{gone},{done}")) == [gone, done]
    assert rest.error("QueryOrders", txid="OAAAAA-AAAAA-AAAAAA") == "EOrder:Unknown order"
    trades = closed["closed"][done]["trades"]
    assert list(rest.result("QueryTrades", txid=",".join(trades))) == trades


def test_a_trade_has_the_documented_shape(rest: RestTrader) -> None:
    order_id = rest.add(ordertype="market", price="", volume="0.0001")
    history = rest.result("TradesHistory")
    ((exec_id, trade),) = history["trades"].items()
    assert history["count"] == 1
    assert list(trade) == [
        *("ordertxid", "postxid", "pair", "time", "type", "ordertype", "price", "cost", "fee", "vol"),
        *("margin", "leverage", "misc", "trade_id", "maker"),
    ]
    assert (trade["ordertxid"], trade["pair"], trade["maker"]) == (order_id, "XXBTZUSD", False)
    assert exec_id.startswith("T")
    assert trade["trade_id"] == rest.exchange.market(SYMBOL).trades.last(1)[0].trade_id


def test_history_comes_in_pages_of_fifty_with_the_newest_first(exchange: Exchange) -> None:
    rest, partner = RestTrader(exchange, 1), Trader(exchange, 2)
    _, ask = touch(exchange)
    price = dollars(ask - 1)
    for _ in range(60):
        partner.add(side="sell", limit_price=price, order_qty=0.001)
        rest.add(volume="0.001", price=str(price))
        wait(exchange, 2)
    pages = [rest.result("TradesHistory", ofs=offset)["trades"] for offset in (0, 50, 100)]
    assert [len(page) for page in pages] == [50, 10, 0]
    times = [float(trade["time"]) for page in pages for trade in page.values()]
    assert times == sorted(times, reverse=True)
    ids = list(pages[0])
    start, end = pages[0][ids[20]]["time"], pages[0][ids[10]]["time"]
    wait(exchange, 60)
    middle = rest.result("TradesHistory", start=start, end=end)
    assert list(middle["trades"]) == ids[10:20]
    assert middle["count"] == 10
    wait(exchange, 60)
    assert list(rest.result("TradesHistory", start=ids[3])["trades"]) == ids[:3]
    closed = [rest.result("ClosedOrders", ofs=offset)["closed"] for offset in (0, 50)]
    assert [len(page) for page in closed] == [50, 10]


def test_adding_tells_the_order_in_words(rest: RestTrader) -> None:
    usual = {"pair": "XBTUSD", "type": "sell", "volume": "0.01"}
    words = rest.result("AddOrder", ordertype="stop-loss-limit", price="60000", price2="59000", **usual)
    assert words["descr"] == {"order": "sell 0.01000000 XBTUSD @ stop loss 60000.0 -> limit 59000.0"}
    assert len(words["txid"]) == 1
    answered = rest.result("AddOrder", ordertype="trailing-stop", price="+1%", **usual)
    assert answered["descr"]["order"] == "sell 0.01000000 XBTUSD @ trailing stop +1%"
    (trailing,) = answered["txid"]
    last = rest.exchange.market(SYMBOL).last_price
    assert rest.account.open[trailing].trigger == last - (last + 50) // 100
    rest.result("CancelOrder", txid=trailing)
    checked = rest.result("AddOrder", ordertype="market", validate="true", **usual)
    assert checked == {"descr": {"order": "sell 0.01000000 XBTUSD @ market"}}
    assert len(rest.account.open) == 1
    assert rest.error("AddOrder", ordertype="limit", **usual) == "EGeneral:Invalid arguments:price"
    assert (
        rest.error("AddOrder", ordertype="limit", **{**usual, "pair": "NOPE"}) == "EQuery:Unknown asset pair"
    )
    assert (
        rest.error("AddOrder", ordertype="limit", price="~5%", **usual) == "EGeneral:Invalid arguments:price"
    )


@pytest.mark.parametrize(
    ("side", "kind", "given", "percent"),
    [
        ("sell", "limit", {"price": "#5%"}, 105),
        ("buy", "limit", {"price": "#5%"}, 95),
        ("buy", "limit", {"price": "-10%"}, 90),
        ("sell", "stop-loss", {"price": "#5%"}, 95),
        ("sell", "take-profit", {"price": "#5%"}, 105),
        ("buy", "stop-loss-limit", {"price": "#5%", "price2": "+6%"}, 105),
    ],
)
def test_a_price_may_be_a_distance_from_the_last_trade(
    rest: RestTrader, side: str, kind: str, given: dict[str, str], percent: int
) -> None:
    (order_id,) = rest.result("AddOrder", pair="XBTUSD", type=side, ordertype=kind, volume="0.001", **given)[
        "txid"
    ]
    order, last = rest.account.open[order_id], rest.exchange.market(SYMBOL).last_price
    assert abs((order.trigger or order.limit or 0) - last * percent // 100) <= 1
    if "price2" in given:
        assert order.limit == (last * 106 + 50) // 100


def test_what_is_spent_may_be_given_and_a_trailing_price_must_have_a_plus(rest: RestTrader) -> None:
    usual = {"pair": "XBTUSD", "type": "buy"}
    answered = rest.result("AddOrder", ordertype="market", volume="100", oflags="viqc", **usual)
    (trade,) = rest.result("TradesHistory")["trades"].values()
    assert [trade["ordertxid"]] == answered["txid"]
    assert 99 < float(trade["cost"]) <= 100
    for price in ("100", "-100"):
        refused = rest.error("AddOrder", ordertype="trailing-stop", volume="0.01", price=price, **usual)
        assert refused == "EGeneral:Invalid arguments:price"


def test_fills_of_one_taking_are_one_trade_unless_they_are_wanted_apart(exchange: Exchange) -> None:
    rest, partner = RestTrader(exchange, 1), Trader(exchange, 2)
    _, ask = touch(exchange)
    for below in (2, 1):
        partner.add(side="sell", limit_price=dollars(ask - below), order_qty=0.001)
    rest.add(volume="0.002", price=str(dollars(ask - 1)))
    apart = rest.result("TradesHistory", consolidate_taker="false")["trades"]
    assert [trade["vol"] for trade in apart.values()] == ["0.00100000"] * 2
    ((exec_id, one),) = rest.result("TradesHistory")["trades"].items()
    assert (exec_id, one["vol"]) == (list(apart)[-1], "0.00200000")
    for name in ("cost", "fee"):
        assert Decimal(one[name]) == sum(Decimal(trade[name]) for trade in apart.values())
    assert len(RestTrader(exchange, 2).result("TradesHistory")["trades"]) == 2


def test_orders_are_amended_edited_and_cancelled(rest: RestTrader) -> None:
    order_id = rest.add(price="60000.0", timeinforce="GTD", expiretm="+3600")
    wait(rest.exchange, 20)
    amended = rest.result("AmendOrder", txid=order_id, limit_price="60001.5", order_qty="0.02")
    assert list(amended) == ["amend_id"]
    row = rest.result("OpenOrders")["open"][order_id]
    assert (row["vol"], row["descr"]["price"], row["misc"]) == ("0.02000000", "60001.5", "amended")
    wait(rest.exchange, 100)
    edited = rest.result("EditOrder", txid=order_id, pair="XBTUSD", volume="0.03")
    assert edited["originaltxid"] == order_id
    assert (edited["status"], edited["volume"], edited["orders_cancelled"]) == ("ok", "0.03000000", 1)
    assert list(rest.account.open) == [edited["txid"]]
    rest.add(userref=5)
    rest.add(userref=5)
    assert rest.result("CancelOrder", txid="5") == {"count": 2}
    assert rest.result("CancelAll") == {"count": 1}
    assert rest.error("CancelOrder", txid=order_id) == "EOrder:Unknown order"


def test_the_dead_man_s_switch_cancels_everything(rest: RestTrader) -> None:
    rest.add()
    armed = rest.result("CancelAllOrdersAfter", timeout=60)
    assert armed == {"currentTime": "2026-03-02T14:05:30Z", "triggerTime": "2026-03-02T14:06:30Z"}
    wait(rest.exchange, 30)
    rest.result("CancelAllOrdersAfter", timeout=60)
    wait(rest.exchange, 59)
    assert rest.account.open
    wait(rest.exchange, 1)
    assert not rest.account.open
    rest.add()
    assert rest.result("CancelAllOrdersAfter", timeout=0)["triggerTime"] == "0"
    wait(rest.exchange, 100)
    assert rest.account.open


def test_calls_fill_a_counter_that_time_empties() -> None:
    rest = RestTrader(quiet_exchange(tier="starter"))
    for _ in range(7):
        rest.result("TradesHistory")
    assert rest.error("TradesHistory") == "EAPI:Rate limit exceeded"
    rest.result("Balance")
    assert rest.error("Balance") == "EAPI:Rate limit exceeded"
    # Trading has a counter of its own.
    rest.add()
    wait(rest.exchange, 6.1)
    rest.result("TradesHistory")


@pytest.mark.parametrize(
    ("rights", "allowed"),
    [
        (("funds",), {"Balance", "BalanceEx"}),
        (("open-orders",), {"OpenOrders"}),
        (("closed-orders",), {"ClosedOrders", "TradesHistory"}),
        (("cancel",), {"CancelAll"}),
        (("websocket",), {"GetWebSocketsToken"}),
    ],
)
def test_a_key_may_do_what_it_has_the_right_for(rights: tuple[str, ...], allowed: set[str]) -> None:
    rest = RestTrader(quiet_exchange(rights=rights))
    names = ("Balance", "BalanceEx", "OpenOrders", "ClosedOrders", "TradesHistory", "CancelAll")
    for name in (*names, "GetWebSocketsToken"):
        assert rest.call(name)["error"] == ([] if name in allowed else ["EGeneral:Permission denied"])
    assert rest.error("AddOrder", pair="XBTUSD") == "EGeneral:Permission denied"


def test_keys_have_nonces_of_their_own(exchange: Exchange) -> None:
    one, other = RestTrader(exchange, 1), RestTrader(exchange, 2)
    one.nonce = 5000
    one.result("Balance")
    other.result("Balance")
    one.nonce = 100
    assert one.error("Balance") == "EAPI:Invalid nonce"


def test_bodies_may_be_json(exchange: Exchange) -> None:
    account = exchange.desk.all[0]
    body = b'{"nonce":5,"pair":"BTC/USD","type":"buy","ordertype":"limit","price":60000.5,"volume":0.01}'
    path = "/0/private/AddOrder"
    headers = {
        "API-Key": account.key,
        "API-Sign": signature(account.secret, path, "5", body),
        "Content-Type": "application/json",
    }
    document = json.loads(answer(exchange, Call("POST", path, {}, headers, body)))
    assert document["result"]["descr"] == {"order": "buy 0.01000000 XBTUSD @ limit 60000.5"}


def test_an_account_of_one_s_own_and_what_the_log_tells() -> None:
    log = Log(keep=True)
    account = AccountSettings.parse("KEY:c2VjcmV0:USD=10.5,BTC=0.1,rights=funds+websocket,tier=starter")
    settings = Settings(start=START, rate=0, symbols=(SYMBOL,), accounts=(account,))
    exchange = Exchange(settings, HandClock(), log)
    rest = RestTrader(exchange, 3)
    assert rest.result("Balance") == {"XXBT": "0.1000000000", "ZUSD": "10.5000"}
    assert rest.error("CancelAll", otp="123456") == "EGeneral:Permission denied"
    entries = [entry for entry in log.entries if entry["what"] == "private"]
    assert [(entry["api"], entry["method"], entry["account"]) for entry in entries] == [
        ("rest", "Balance", 3),
        ("rest", "CancelAll", 3),
    ]
    assert entries[1]["params"] == {"nonce": "1002", "otp": "***"}
    assert entries[1]["error"] == "EGeneral:Permission denied"
    trader = Trader(exchange, 3)
    assert trader.do("cancel_all")["error"] == "EGeneral:Permission denied"
    assert trader.token not in json.dumps(log.entries)


@pytest.mark.parametrize(
    "spec",
    ["KEY", "KEY:", ":c2VjcmV0", "KEY:c2VjcmV0:USD", "K:c2VjcmV0:USD=x", "K:***:USD=1", "K:c2VjcmV0:tier=x"],
)
def test_accounts_that_cannot_be(spec: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        AccountSettings.parse(spec)


@pytest.mark.parametrize("balance", [("XMR", "1"), ("USD", "0.00001")])
def test_balances_that_cannot_be(balance: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=balance[0]):
        quiet_exchange(accounts=(AccountSettings("KEY", "c2VjcmV0", (balance,)),))


def test_rest_and_socket_see_one_account(exchange: Exchange) -> None:
    rest, trader = RestTrader(exchange), Trader(exchange, 1, "executions")
    order_id = rest.add()
    (pending, new) = trader.news()
    assert [frame["data"][0]["order_id"] for frame in (pending, new)] == [order_id] * 2
    assert trader.do("cancel_order", order_id=[order_id])["success"]
    assert rest.result("OpenOrders") == {"open": {}}
