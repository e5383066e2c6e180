"""Orders over the private host: acceptance, matching with the crowd and with each other, cancelling, and what
is told of it.
"""

from __future__ import annotations

import json

import pytest

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access

from .kit import Client, WireBook, WireOrders, decode, play
from .traders import SYMBOL, Trader, dollars, events, quiet_exchange, reports, touch


@pytest.fixture
def exchange() -> Exchange:
    return quiet_exchange()


def test_a_resting_order_is_told_as_it_was_recorded(exchange: Exchange) -> None:
    trader = Trader(exchange, 1, "executions")
    trader.client.raw.clear()
    request = {
        "method": "add_order",
        "params": {
            "order_type": "limit",
            "side": "buy",
            "order_qty": 0.001,
            "symbol": SYMBOL,
            "limit_price": 60000.0,
            "time_in_force": "gtc",
            "post_only": True,
            "cl_ord_id": "strat-0001",
            "token": trader.token,
        },
        "req_id": 101,
    }
    response, pending, new = trader.client.ask_text(json.dumps(request))
    answer = json.loads(response)
    order_id = answer["result"]["order_id"]
    assert list(answer) == ["method", "req_id", "result", "success", "time_in", "time_out"]
    assert list(answer["result"]) == ["cl_ord_id", "order_id"]
    recorded = (
        '{"channel":"executions","type":"update","data":[{"order_id":"%s","symbol":"BTC/USD",'
        '"order_qty":0.00100000,"cum_cost":0.00000,"time_in_force":"GTC","exec_type":"pending_new","side":"buy",'
        '"order_type":"limit","cl_ord_id":"strat-0001","limit_price_type":"static","limit_price":60000.0,'
        '"stop_price":0.0,"post_only":true,"order_status":"pending_new","fee_usd_equiv":0.00000,'
        '"fee_ccy_pref":"fciq","timestamp":"2026-03-02T14:05:30.000000Z"}],"sequence":2}'
    )
    assert pending == recorded.replace("%s", order_id)
    recorded = (
        '{"channel":"executions","type":"update","data":[{"timestamp":"2026-03-02T14:05:30.000000Z",'
        '"order_status":"new","exec_type":"new","cl_ord_id":"strat-0001","order_id":"%s"}],"sequence":3}'
    )
    assert new == recorded.replace("%s", order_id)


def test_a_cancel_is_told_as_it_was_recorded(exchange: Exchange) -> None:
    trader = Trader(exchange, 1, "executions")
    order_id = trader.add(limit_price=60000.0, cl_ord_id="strat-0001")
    response = trader.do("cancel_order", order_id=[order_id])
    assert response["result"] == {"order_id": order_id}
    (frame,) = trader.frames
    assert list(frame["data"][0]) == [
        "timestamp",
        "order_status",
        "exec_type",
        "cum_qty",
        "cum_cost",
        "fee_usd_equiv",
        "avg_price",
        "cl_ord_id",
        "cancel_reason",
        "reason",
        "order_id",
    ]
    assert frame["sequence"] == 4
    assert frame["data"][0]["reason"] == "User requested"
    assert trader.do("cancel_order", order_id=[order_id])["error"] == "EOrder:Unknown order"


def test_each_cancelled_order_has_its_own_response(exchange: Exchange) -> None:
    trader = Trader(exchange)
    first, second = trader.add(limit_price=60000.0), trader.add(limit_price=60000.0, cl_ord_id="mine")
    third = trader.add(limit_price=60001.0, order_userref=5)
    answers = trader.ask(
        "cancel_order",
        {
            "order_id": [first, "OAAAAA-AAAAA-AAAAAA"],
            "cl_ord_id": ["mine"],
            "order_userref": [5],
            "token": trader.token,
        },
    )
    assert [answer.get("result", answer.get("error")) for answer in answers] == [
        {"order_id": first},
        "EOrder:Unknown order",
        {"cl_ord_id": "mine"},
        {"order_id": third},
    ]
    assert {answer["req_id"] for answer in answers} == {7}
    assert second not in trader.account().open


def test_a_fill_is_told_with_its_money(exchange: Exchange) -> None:
    trader = Trader(exchange, 1, "executions", "balances")
    buyer = Trader(exchange, 2)
    bid, ask = touch(exchange)
    price = dollars(ask - 1)
    assert ask - 1 > bid
    order_id = trader.add(side="sell", order_qty=0.0004, limit_price=price, order_userref=3)
    buyer.add(order_qty=0.0003, limit_price=price)
    buyer.add(order_qty=0.0005, limit_price=price)
    news = trader.news()
    assert events(news) == ["trade", "trade", "filled"]
    first, second, filled = reports(news)
    assert list(first) == [
        "order_id",
        "order_userref",
        "exec_id",
        "exec_type",
        "trade_id",
        "symbol",
        "side",
        "last_qty",
        "last_price",
        "liquidity_ind",
        "cost",
        "order_type",
        "timestamp",
        "order_status",
        "cum_qty",
        "cum_cost",
        "avg_price",
        "fee_usd_equiv",
        "fees",
    ]
    assert (first["order_id"], first["liquidity_ind"], first["last_qty"]) == (order_id, "m", "0.00030000")
    cost = (ask - 1) * 30000 // 10**4
    assert first["cost"] == f"{cost // 10**5}.{cost % 10**5:05d}"
    assert second["order_status"] == "partially_filled"
    assert (filled["order_status"], filled["cum_qty"]) == ("filled", "0.00040000")
    assert "reason" not in filled
    ledger = [item for frame in news if frame["channel"] == "balances" for item in frame["data"]]
    assert [entry["asset"] for entry in ledger] == ["USD", "BTC", "USD", "BTC"]
    assert ledger[0]["ref_id"] == ledger[1]["ref_id"] == first["exec_id"]
    assert ledger[1]["amount"] == "-0.0003000000"
    assert [frame["sequence"] for frame in news if frame["channel"] == "balances"] == [2, 3, 4, 5]
    # What the buyer could not get stays in the book.
    assert [one.left for one in buyer.account().open.values()] == [40000]


def test_orders_of_accounts_stand_in_the_public_feeds(exchange: Exchange) -> None:
    public, book, orders = Client(exchange), WireBook(10), WireOrders(10)
    level3 = Client(exchange, Access.LEVEL3)
    book.apply(public.subscribe_raw("book", SYMBOL)[1])
    orders.apply(level3.subscribe_orders(SYMBOL)[1])
    public.subscribe("trade", SYMBOL)
    seller, buyer = Trader(exchange, 1), Trader(exchange, 2)
    _, ask = touch(exchange)
    order_id = seller.add(side="sell", order_qty=0.5, limit_price=dollars(ask - 1))
    assert all(book.apply(decode(frame)) for frame in public.take())
    assert book.best()[2:] == (f"{dollars(ask - 1)}", "0.50000000")
    assert all(orders.apply(decode(frame)) for frame in level3.take())
    assert orders.queue(order_id) == [order_id]
    buyer.add(order_type="market", order_qty=0.2)
    frames = [decode(frame) for frame in public.take()]
    (trade,) = [frame["data"] for frame in frames if frame["channel"] == "trade"]
    assert [(one["side"], one["qty"], one["ord_type"]) for one in trade] == [("buy", "0.20000000", "market")]
    assert all(book.apply(frame) for frame in frames if frame["channel"] == "book")
    assert book.best()[3] == "0.30000000"


def test_the_crowd_trades_with_accounts_and_leaves_their_orders_alone() -> None:
    exchange = quiet_exchange(rate=200, seed=5)
    trader = Trader(exchange, 1, "executions")
    bid, _ = touch(exchange)
    near = trader.add(limit_price=dollars(bid + 1), order_qty=0.0002)
    far = [trader.add(limit_price=dollars(bid - 4000 - n), order_qty=0.001) for n in range(8)]
    for _ in play(exchange, 1500):
        pass
    account = trader.account()
    assert near not in account.open
    told = reports(trader.news())
    assert [one["exec_type"] for one in told if one["order_id"] == near][-1] == "filled"
    assert all(one["liquidity_ind"] == "m" for one in told if one["exec_type"] == "trade")
    assert set(far) <= set(account.open) | {one["order_id"] for one in told}
    assert not any(one["exec_type"] in {"canceled", "expired"} for one in told)


def test_price_goes_before_time_and_time_before_nothing(exchange: Exchange) -> None:
    first, second, taker = Trader(exchange, 1), Trader(exchange, 2), Trader(exchange, 1)
    bid, ask = touch(exchange)
    early = second.add(side="sell", limit_price=dollars(ask - 1))
    late = second.add(side="sell", limit_price=dollars(ask - 1))
    assert ask - 2 > bid
    best = second.add(side="sell", limit_price=dollars(ask - 2))
    taker.add(order_type="market", order_qty=0.025)
    account = second.account()
    assert [one.order_id for one in account.orders.values() if one.status == "filled"] == [early, best]
    assert account.trades[0].order.order_id == best
    assert account.orders[late].cum_qty == 500000
    assert first.do("cancel_all")["result"] == {"count": 0}


def test_cancel_all_counts(exchange: Exchange) -> None:
    trader, other = Trader(exchange, 1, "executions"), Trader(exchange, 2)
    other.add(limit_price=60000.0)
    for price in (60000.0, 60000.0, 60001.0):
        trader.add(limit_price=price)
    assert trader.do("cancel_all")["result"] == {"count": 3}
    assert events(trader.frames) == ["canceled"] * 3
    assert len(other.account().open) == 1


def test_snapshots_hold_what_is_open_and_owned(exchange: Exchange) -> None:
    trader = Trader(exchange)
    order_id = trader.add(limit_price=60000.0, order_userref=2)
    trader.add(order_type="market")
    again = Trader(exchange)
    ack, snapshot = again.subscribe("executions", snap_trades=True)
    assert ack["result"]["maxratecount"] == 180
    assert list(ack["result"]) == [
        "channel",
        "maxratecount",
        "snap_orders",
        "snap_trades",
        "snapshot",
        "warnings",
    ]
    assert (snapshot["type"], snapshot["sequence"]) == ("snapshot", 1)
    order, *trades = snapshot["data"]
    assert (order["order_id"], order["order_status"], order["cum_qty"]) == (order_id, "new", "0.00000000")
    assert trades
    ids = [trade["trade_id"] for trade in trades]
    assert ids == sorted(ids, reverse=True)
    assert all("cum_qty" not in trade and trade["order_status"] == "filled" for trade in trades)
    _, balances = again.subscribe("balances")
    assert [item["asset"] for item in balances["data"]] == ["BTC", "USD"]
    assert balances["data"][0]["wallets"] == [{"type": "spot", "id": "main", "balance": "2.0100000000"}]
    assert again.subscribe("executions")[0]["error"] == "Already subscribed"


def test_an_account_sees_nothing_of_another(exchange: Exchange) -> None:
    one, other = Trader(exchange, 1, "executions", "balances"), Trader(exchange, 2, "executions", "balances")
    order_id = one.add(limit_price=60000.0)
    assert other.news() == []
    assert other.do("cancel_order", order_id=[order_id])["error"] == "EOrder:Unknown order"


def test_unsubscribing_ends_the_reports(exchange: Exchange) -> None:
    trader = Trader(exchange, 1, "executions")
    (answer,) = trader.ask("unsubscribe", {"channel": "executions", "token": trader.token})
    assert answer["result"] == {"channel": "executions"}
    trader.add(limit_price=60000.0)
    assert trader.frames == []
    (answer,) = trader.ask("unsubscribe", {"channel": "executions", "token": trader.token})
    assert (answer["method"], answer["error"]) == ("subscribe", "Subscription Not Found")
