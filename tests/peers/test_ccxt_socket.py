"""ccxt's streaming client trades on the sandbox, and hears of its orders and trades."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from krakencli.sandbox import Sandbox

from .accounts import AWAY, CCXT_SOCKET

pro = pytest.importorskip("ccxt.pro", reason="the [peers] extra is not installed")

pytestmark = pytest.mark.peers

SYMBOL = "BTC/USD"


def connect(exchange: Sandbox) -> Any:
    addresses = exchange.addresses
    sockets = {
        **dict.fromkeys(("public", "publicV2"), addresses.ws_public),
        **dict.fromkeys(("private", "privateV2"), addresses.ws_auth),
    }
    return pro.kraken(
        {
            "apiKey": CCXT_SOCKET.key,
            "secret": CCXT_SOCKET.secret,
            "urls": {"api": {"public": addresses.rest, "private": addresses.rest, "ws": sockets}},
            "enableRateLimit": False,
        }
    )


async def watched(watch: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """The first item that fits, of all that one of the client's watches comes to tell."""
    while True:
        for item in await watch():
            if fits(item):
                return item


async def _market(client: Any) -> None:
    assert (await client.watch_ticker(SYMBOL))["last"] > AWAY
    book = await client.watch_order_book(SYMBOL, 10)
    assert book["bids"][0][0] < book["asks"][0][0]
    assert (await client.watch_trades(SYMBOL))[0]["symbol"] == SYMBOL


async def _orders(client: Any) -> None:
    balance = await client.watch_balance()
    assert balance["ETH"]["total"] == 25

    def told(order_id: str, event: str) -> Any:
        return watched(
            client.watch_orders,
            lambda order: (order["id"], order["info"]["exec_type"]) == (order_id, event),
        )

    first = asyncio.ensure_future(watched(client.watch_orders, lambda order: order["amount"] == 0.01))
    placed = await client.create_order_ws(SYMBOL, "limit", "buy", 0.01, AWAY)
    assert (await first)["id"] == placed["id"]
    amended = asyncio.ensure_future(told(placed["id"], "amended"))
    await client.edit_order_ws(placed["id"], SYMBOL, "limit", "buy", 0.02, AWAY + 1)
    assert (await amended)["price"] == AWAY + 1
    gone = asyncio.ensure_future(told(placed["id"], "canceled"))
    await client.cancel_order_ws(placed["id"])
    assert (await gone)["status"] == "canceled"


async def _trades(client: Any) -> None:
    # With a snapshot it does not matter whether the subscription or the sale comes first.
    watch = partial(client.watch_my_trades, params={"snap_orders": False, "snap_trades": True})
    trades = asyncio.ensure_future(watched(watch, lambda trade: trade["side"] == "sell"))
    sold = await client.create_order_ws(SYMBOL, "market", "sell", 0.001)
    trade = await trades
    assert (trade["order"], trade["symbol"], trade["fee"]["currency"]) == (sold["id"], SYMBOL, "USD")
    await client.create_order_ws(SYMBOL, "limit", "buy", 0.01, AWAY)
    assert (await client.cancel_all_orders_ws())["result"] == {"count": 1}


@pytest.mark.parametrize("scenario", [_market, _orders, _trades], ids=lambda one: one.__name__.strip("_"))
def test_it_reads_and_trades(exchange: Sandbox, scenario: Callable[[Any], Any]) -> None:
    async def converse() -> None:
        client = connect(exchange)
        try:
            async with asyncio.timeout(30):
                await client.load_markets()
                await scenario(client)
        finally:
            await client.close()

    asyncio.run(converse())
