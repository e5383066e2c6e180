"""ccxt's REST client trades on the sandbox: what it asks for is there, in the shape it reads."""

from collections.abc import Iterator
from typing import Any

import pytest

from krakencli.sandbox import AccountSettings, Sandbox

from .accounts import AWAY, CCXT, READER

ccxt = pytest.importorskip("ccxt", reason="the [peers] extra is not installed")

pytestmark = pytest.mark.peers

SYMBOL = "BTC/USD"


def connect(exchange: Sandbox, account: AccountSettings) -> Any:
    rest = exchange.addresses.rest
    return ccxt.kraken(
        {
            "apiKey": account.key,
            "secret": account.secret,
            "urls": {"api": {"public": rest, "private": rest}},
            "enableRateLimit": False,
        }
    )


@pytest.fixture
def client(exchange: Sandbox) -> Iterator[Any]:
    client = connect(exchange, CCXT)
    yield client
    client.session.close()


def test_it_reads_the_market(client: Any) -> None:
    markets = client.load_markets()
    assert (markets[SYMBOL]["id"], markets[SYMBOL]["precision"]) == (
        "XXBTZUSD",
        {"amount": 1e-08, "price": 0.1},
    )
    assert client.fetch_status()["status"] == "ok"
    assert client.fetch_ticker(SYMBOL)["last"] > AWAY
    book = client.fetch_order_book(SYMBOL, 5)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert client.fetch_trades(SYMBOL)[-1]["symbol"] == SYMBOL
    assert len(client.fetch_ohlcv(SYMBOL)) == 721


def test_an_order_is_placed_changed_and_cancelled(client: Any) -> None:
    free = client.fetch_balance()["USD"]["free"]
    placed = client.create_order(SYMBOL, "limit", "buy", 0.01, AWAY, {"clientOrderId": "peer"})
    (order,) = client.fetch_open_orders(SYMBOL)
    assert (order["id"], order["clientOrderId"], order["status"]) == (placed["id"], "peer", "open")
    assert (order["price"], order["amount"], order["filled"]) == (AWAY, 0.01, 0)
    assert client.fetch_balance()["USD"]["free"] <= free - 0.01 * AWAY
    assert client.edit_order(order["id"], SYMBOL, "limit", "buy", 0.02, AWAY + 1)["info"]["amend_id"]
    changed = client.fetch_order(order["id"])
    assert (changed["price"], changed["amount"]) == (AWAY + 1, 0.02)
    client.cancel_order(order["id"], SYMBOL)
    assert client.fetch_open_orders(SYMBOL) == []
    assert client.fetch_order(order["id"])["status"] == "canceled"
    assert client.fetch_balance()["USD"]["free"] == free


def test_a_batch_is_placed_and_cancelled(client: Any) -> None:
    order = {"symbol": SYMBOL, "type": "limit", "side": "buy", "amount": 0.01}
    placed = client.create_orders([{**order, "price": AWAY}, {**order, "price": AWAY + 1}])
    ids = [one["id"] for one in placed]
    assert {one["id"]: one["price"] for one in client.fetch_open_orders(SYMBOL)} == {
        ids[0]: AWAY,
        ids[1]: AWAY + 1,
    }
    assert client.cancel_orders(ids, SYMBOL)[0]["info"]["result"] == {"count": 2}


def test_a_sum_of_money_is_spent(client: Any) -> None:
    bought = client.create_market_buy_order_with_cost(SYMBOL, 50)
    order = client.fetch_order(bought["id"])
    assert order["status"] == "closed"
    assert 49.9 < order["cost"] <= 50


def test_a_sale_is_in_the_history(client: Any) -> None:
    sold = client.create_order(SYMBOL, "market", "sell", 0.001)
    trades = [one for one in client.fetch_my_trades(SYMBOL) if one["order"] == sold["id"]]
    assert sum(one["amount"] for one in trades) == pytest.approx(0.001)
    assert {(one["symbol"], one["side"], one["takerOrMaker"]) for one in trades} == {
        (SYMBOL, "sell", "taker")
    }
    closed = {one["id"]: one for one in client.fetch_closed_orders(SYMBOL)}
    assert closed[sold["id"]]["status"] == "closed"
    assert closed[sold["id"]]["filled"] == 0.001


def test_everything_is_cancelled_at_once_or_after_a_while(client: Any) -> None:
    stop = {"stopLossPrice": AWAY}
    placed = client.create_order(SYMBOL, "limit", "sell", 0.01, AWAY - 1, stop)
    (order,) = client.fetch_open_orders(SYMBOL)
    assert (order["id"], order["stopLossPrice"], order["price"]) == (placed["id"], AWAY, AWAY - 1)
    assert client.cancel_all_orders_after(60000)["result"]["triggerTime"] != "0"
    assert client.cancel_all_orders_after(0)["result"]["triggerTime"] == "0"
    client.cancel_all_orders()
    assert client.fetch_open_orders(SYMBOL) == []


def test_refusals_have_the_words_that_it_knows(client: Any, exchange: Sandbox) -> None:
    with pytest.raises(ccxt.InsufficientFunds):
        client.create_order(SYMBOL, "limit", "buy", 1000, AWAY)
    with pytest.raises(ccxt.OrderNotFound):
        client.cancel_order("OAAAAA-AAAAA-AAAAAA", SYMBOL)
    client.secret = READER.secret
    with pytest.raises(ccxt.ExchangeError, match="EAPI:Invalid signature"):
        client.fetch_balance()
    reader = connect(exchange, READER)
    assert reader.fetch_balance()["BTC"]["total"] == 2
    with pytest.raises(ccxt.PermissionDenied):
        reader.create_order(SYMBOL, "limit", "buy", 0.01, AWAY)
    reader.session.close()
