"""The private samples of the protocol notes (v1 §4, §7 and §8), digit for digit: the same orders are placed
here, and only ids, times and what counts are other ones.
"""

from __future__ import annotations

import json
import re

import pytest

from krakencli.sandbox.settings import AccountSettings

from .traders import Trader, quiet_exchange, wait
from .v1_traders import V1Trader

PENDING = (
    '[[{"OQ4XZD-7LMNA-KD3PWB":{"avg_price":"0.00000","cost":"0.00000","descr":{"close":null,"leverage":null,'
    '"order":"buy 1.50000000 SOL/USD @ limit 142.00000","ordertype":"limit","pair":"SOL/USD",'
    '"price":"142.00000","price2":"0.00000","type":"buy"},"expiretm":null,"fee":"0.00000",'
    '"limitprice":"0.00000","misc":"","oflags":"fciq","opentm":"1750000661.985020","refid":null,'
    '"starttm":null,"status":"pending","stopprice":"0.00000","timeinforce":"GTC","userref":0,'
    '"vol":"1.50000000","vol_exec":"0.00000000"}}],"openOrders",{"sequence":2}]'
)
OPEN = '[[{"OQ4XZD-7LMNA-KD3PWB":{"status":"open","userref":0}}],"openOrders",{"sequence":3}]'
FILLED = (
    '[[{"OQ4XZD-7LMNA-KD3PWB":{"vol_exec":"0.40000000","cost":"56.80000","fee":"0.14200",'
    '"avg_price":"142.00000","userref":0}}],"openOrders",{"sequence":4}]'
)
CLOSED = (
    '[[{"OQ4XZD-7LMNA-KD3PWB":{"lastupdated":"1750000675.012776","status":"closed","vol_exec":"1.50000000",'
    '"cost":"213.00000","fee":"0.53250","avg_price":"142.00000","userref":0}}],"openOrders",{"sequence":5}]'
)
CANCELED = (
    '[[{"OQ4XZE-2KKPL-M4TTRA":{"lastupdated":"1750000690.300412","status":"canceled","vol_exec":"0.00000000",'
    '"cost":"0.00000","fee":"0.00000","avg_price":"0.00000","userref":0,"cancel_reason":"User requested"}}],'
    '"openOrders",{"sequence":6}]'
)
TRADED = (
    '[[{"TBX2QP-LL7RD-9KQWZV":{"cost":"56.80000","fee":"0.14200","margin":"0.00000",'
    '"ordertxid":"OQ4XZD-7LMNA-KD3PWB","ordertype":"limit","pair":"SOL/USD","postxid":"TKH2SE-M7IF5-CFI7LT",'
    '"price":"142.00000","time":"1750000668.062896","type":"buy","userref":0,"vol":"0.40000000"}}],'
    '"ownTrades",{"sequence":2}]'
)
SUBSCRIBED = [
    '{"channelName":"openOrders","event":"subscriptionStatus","reqid":11,"status":"subscribed",'
    '"subscription":{"maxratecount":125,"name":"openOrders"}}',
    '{"channelName":"ownTrades","event":"subscriptionStatus","reqid":8,"status":"subscribed",'
    '"subscription":{"name":"ownTrades"}}',
]
ANSWERS = [
    (
        '{"event":"addOrder","ordertype":"limit","pair":"SOL/USD","price":"142","reqid":21,"token":"T",'
        '"type":"buy","volume":"1.5"}',
        '{"descr":"buy 1.50000000 SOLUSD @ limit 142.00","event":"addOrderStatus","reqid":21,"status":"ok",'
        '"txid":"OQ4XZD-7LMNA-KD3PWB"}',
    ),
    (
        '{"event":"editOrder","orderid":"ID","pair":"SOL/USD","price":"141","reqid":23,"token":"T"}',
        '{"descr":"order edited price = 141.00","event":"editOrderStatus",'
        '"originaltxid":"OQ4XZD-7LMNA-KD3PWB","reqid":23,"status":"ok","txid":"OQ4XZG-3WWQA-7LLPTC"}',
    ),
    (
        '{"event":"amendOrder","limit_price":"140","reqid":24,"token":"T","txid":"ID"}',
        '{"amend_id":"TGS5AA-DP6E3-YO3KFN","event":"amendOrderStatus","reqid":24,"status":"ok",'
        '"txid":"OQ4XZG-3WWQA-7LLPTC"}',
    ),
    (
        '{"event":"cancelOrder","reqid":25,"token":"T","txid":["ID"]}',
        '{"event":"cancelOrderStatus","reqid":25,"status":"ok"}',
    ),
    (
        '{"event":"cancelOrder","reqid":25,"token":"T","txid":["OQ4XZH-AAAAA-BBBBBB"]}',
        '{"errorMessage":"EOrder:Unknown order","event":"cancelOrderStatus","reqid":25,"status":"error"}',
    ),
    (
        '{"event":"cancelAll","reqid":26,"token":"T"}',
        '{"count":0,"event":"cancelAllStatus","reqid":26,"status":"ok"}',
    ),
    (
        '{"event":"cancelAllOrdersAfter","reqid":27,"timeout":60,"token":"T"}',
        '{"currentTime":"2026-03-02T14:05:33Z","event":"cancelAllOrdersAfterStatus","reqid":27,"status":"ok",'
        '"triggerTime":"2026-03-02T14:06:33Z"}',
    ),
    (
        '{"event":"cancelAllOrdersAfter","reqid":28,"timeout":0,"token":"T"}',
        '{"currentTime":"2026-03-02T14:05:34Z","event":"cancelAllOrdersAfterStatus","reqid":28,"status":"ok",'
        '"triggerTime":"0"}',
    ),
]


@pytest.fixture
def trader() -> V1Trader:
    rich = (("USD", "1000000"), ("SOL", "10000000"))
    accounts = tuple(AccountSettings(f"KEY{number}", "c2VjcmV0", rich) for number in range(2))
    exchange = quiet_exchange(symbols=("SOL/USD",), accounts=accounts, tier="intermediate")
    return V1Trader(exchange, 3)


def plain(text: str) -> str:
    """A frame with all ids, times and sequences alike."""
    text = re.sub(r"\b([OT])[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5,6}", r"\1", text)
    return re.sub(r'"\d{10}\.\d{6}"|"sequence":\d+', "", text)


def test_the_life_of_an_order_is_the_one_in_the_notes(trader: V1Trader) -> None:
    partner = Trader(trader.exchange, 4)
    sold = {"symbol": "SOL/USD", "side": "sell", "limit_price": 142.0}
    partner.add(**sold, order_qty=1000000.0, time_in_force="ioc")
    for name, reqid in (("openOrders", 11), ("ownTrades", 8)):
        trader.ask(event="subscribe", reqid=reqid, subscription={"name": name, "token": trader.token})
    order = {"ordertype": "limit", "pair": "SOL/USD", "price": "142", "volume": "1.5"}
    said = [*text_of(trader, event="addOrder", type="buy", **order)]
    for qty in (0.4, 1.1):
        partner.add(**sold, order_qty=qty)
    said += trader.raw
    trader.raw.clear()
    text_of(trader, event="addOrder", type="buy", **{**order, "price": "100"})
    said += text_of(trader, event="cancelAll")
    told = [plain(text) for text in said]
    for sample in (PENDING, OPEN, FILLED, CLOSED, CANCELED, TRADED):
        assert plain(sample) in told, sample


def test_subscriptions_are_acknowledged_as_in_the_notes(trader: V1Trader) -> None:
    for name, reqid, wanted in (("openOrders", 11, SUBSCRIBED[0]), ("ownTrades", 8, SUBSCRIBED[1])):
        subscription = {"name": name, "token": trader.token}
        assert text_of(trader, event="subscribe", reqid=reqid, subscription=subscription)[0] == wanted


def test_requests_are_answered_as_in_the_notes(trader: V1Trader) -> None:
    order_id = ""
    for request, wanted in ANSWERS:
        asked = {**json.loads(request.replace('"ID"', f'"{order_id}"')), "token": trader.token}
        (answer,) = text_of(trader, **asked)
        assert plain(answer) == plain(wanted)
        order_id = json.loads(answer).get("txid", order_id)
        wait(trader.exchange, 0.5)
    assert not trader.account().open


def text_of(trader: V1Trader, **request: object) -> list[str]:
    """The frames that follow a request, as text."""
    trader.raw.clear()
    trader.session.receive(json.dumps({"token": trader.token, **request}), 0.0)
    while trader.session.work():
        pass
    said = list(trader.raw)
    trader.raw.clear()
    return said
