"""python-kraken-sdk's REST clients trade on the sandbox and read everything in the shape they know."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from krakencli.sandbox import AccountSettings, Sandbox

from .accounts import AWAY, READER, SDK

spot = pytest.importorskip("kraken.spot", reason="the [peers] extra is not installed")
exceptions = pytest.importorskip("kraken.exceptions", reason="the [peers] extra is not installed")

pytestmark = pytest.mark.peers


def user(exchange: Sandbox, account: AccountSettings = SDK) -> Any:
    return spot.User(key=account.key, secret=account.secret, url=exchange.addresses.rest)


def trade(exchange: Sandbox, account: AccountSettings = SDK) -> Any:
    return spot.Trade(key=account.key, secret=account.secret, url=exchange.addresses.rest)


def place(trader: Any, **different: Any) -> str:
    """The id of a new order, by default of a bid that rests."""
    usual = {"ordertype": "limit", "side": "buy", "pair": "XBTUSD", "price": AWAY, "volume": "0.01"}
    (order_id,) = trader.create_order(**{**usual, **different})["txid"]
    return str(order_id)


def test_it_reads_the_market(exchange: Sandbox) -> None:
    market = spot.Market(url=exchange.addresses.rest)
    assert market.get_system_status()["status"] == "online"
    assert market.get_assets(assets="BTC")["XXBT"]["altname"] == "XBT"
    assert market.get_asset_pairs(pair="BTC/USD")["XXBTZUSD"]["tick_size"] == "0.1"
    book = market.get_order_book(pair="XBTUSD", count=5)["XXBTZUSD"]
    assert Decimal(book["bids"][0][0]) < Decimal(book["asks"][0][0])
    assert Decimal(market.get_ticker(pair="XBTUSD")["XXBTZUSD"]["c"][0]) > AWAY
    assert len(market.get_recent_trades(pair="XBTUSD", count=10)["XXBTZUSD"]) == 10
    assert len(market.get_ohlc(pair="XBTUSD")["XXBTZUSD"]) == 721
    assert market.get_recent_spreads(pair="XBTUSD")["XXBTZUSD"]


def test_an_order_is_placed_amended_edited_and_cancelled(exchange: Sandbox) -> None:
    asking, trading = user(exchange), trade(exchange)
    order_id = place(trading, userref=7)
    assert asking.get_open_orders(userref=7)["open"][order_id]["descr"]["price"] == f"{AWAY}.0"
    assert "amend_id" in trading.amend_order(txid=order_id, limit_price=f"{AWAY + 1}.0", order_qty="0.02")
    amended = asking.get_orders_info(txid=order_id)[order_id]
    assert (amended["vol"], amended["descr"]["price"]) == ("0.02000000", f"{AWAY + 1}.0")
    edited = trading.edit_order(txid=order_id, pair="XBTUSD", price=f"{AWAY + 2}.0", volume="0.03")
    assert (edited["originaltxid"], edited["volume"]) == (order_id, "0.03000000")
    assert trading.cancel_order(txid=edited["txid"]) == {"count": 1}
    closed = asking.get_closed_orders()["closed"]
    assert [closed[one]["status"] for one in (order_id, edited["txid"])] == ["canceled", "canceled"]


def test_a_purchase_is_in_the_history_and_in_the_balance(exchange: Sandbox) -> None:
    asking = user(exchange)
    before = asking.get_balance("XBT")["available_balance"]
    order_id = place(trade(exchange), ordertype="market", price=None, volume="0.001")
    trades = asking.get_trades_history()["trades"]
    own = {name: one for name, one in trades.items() if one["ordertxid"] == order_id}
    assert sum(Decimal(one["vol"]) for one in own.values()) == Decimal("0.001")
    assert asking.get_trades_info(txid=list(own)) == own
    assert asking.get_balance("XBT")["available_balance"] == pytest.approx(before + 0.001)
    assert set(asking.get_orders_info(txid=order_id, trades=True)[order_id]["trades"]) == set(own)


def test_a_batch_is_placed_and_cancelled(exchange: Sandbox) -> None:
    trading = trade(exchange)
    order = {"ordertype": "limit", "type": "buy", "price": AWAY, "volume": 0.01}
    placed = trading.create_order_batch(orders=[order, {**order, "cl_ord_id": "sdk"}], pair="XBTUSD")[
        "orders"
    ]
    ids = [one["txid"] for one in placed]
    assert set(user(exchange).get_orders_info(txid=ids)) == set(ids)
    assert trading.cancel_order_batch(orders=ids) == {"count": 2}


def test_everything_is_cancelled_at_once_or_after_a_while(exchange: Sandbox) -> None:
    asking, trading = user(exchange), trade(exchange)
    place(trading)
    armed = trading.cancel_all_orders_after_x(timeout=60)
    assert armed["currentTime"] < armed["triggerTime"]
    assert trading.cancel_all_orders_after_x(timeout=0)["triggerTime"] == "0"
    assert trading.cancel_all_orders()["count"] >= 1
    assert asking.get_open_orders()["open"] == {}


def test_refusals_have_the_words_that_it_knows(exchange: Sandbox) -> None:
    trading = trade(exchange)
    with pytest.raises(exceptions.KrakenInsufficientFundsError):
        place(trading, volume="1000")
    with pytest.raises(exceptions.KrakenUnknownOrderError):
        trading.cancel_order(txid="OAAAAA-AAAAA-AAAAAA")
    with pytest.raises(exceptions.KrakenInvalidSignatureError):
        user(exchange, replace(SDK, secret=READER.secret)).get_account_balance()
    assert user(exchange, READER).get_account_balance()["XXBT"] == "2.0000000000"
    with pytest.raises(exceptions.KrakenPermissionDeniedError):
        place(trade(exchange, READER))
