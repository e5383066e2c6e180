"""python-kraken-sdk's WebSocket client trades on the sandbox, and hears of it on `executions`."""

import asyncio
from typing import Any

import pytest

from krakencli.sandbox import Sandbox

from .accounts import AWAY, SDK_SOCKET

spot = pytest.importorskip("kraken.spot", reason="the [peers] extra is not installed")

pytestmark = pytest.mark.peers


class Inbox:
    """Every message of one client, and a wait for the next that fits."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self._news = asyncio.Event()

    async def take(self, message: dict[str, Any]) -> None:
        """The client's callback."""
        self.messages.append(message)
        self._news.set()

    async def first(self, **wanted: Any) -> dict[str, Any]:
        """The first message with all of these fields, be it here already or still to come."""
        while True:
            for message in self.messages:
                if all(message.get(name) == value for name, value in wanted.items()):
                    return message
            self._news.clear()
            await self._news.wait()

    async def report(self, order_id: str, event: str) -> dict[str, Any]:
        """The first report of this kind on an order."""
        while True:
            for message in self.messages:
                for item in message["data"] if message.get("channel") == "executions" else ():
                    if (item["order_id"], item["exec_type"]) == (order_id, event):
                        found: dict[str, Any] = item
                        return found
            self._news.clear()
            await self._news.wait()


async def request(client: Any, inbox: Inbox, number: int, method: str, **params: Any) -> dict[str, Any]:
    """The response to one request; the client adds the token."""
    await client.send_message(message={"method": method, "params": params, "req_id": number})
    answer = await inbox.first(method=method, req_id=number)
    assert answer["success"], answer
    return answer


async def _trade(exchange: Sandbox) -> None:
    inbox, addresses = Inbox(), exchange.addresses
    client = spot.SpotWSClient(
        key=SDK_SOCKET.key,
        secret=SDK_SOCKET.secret,
        callback=inbox.take,
        no_public=True,
        rest_url=addresses.rest,
        auth_ws_url=addresses.ws_auth.removesuffix("/v2"),  # it adds the version by itself
    )
    async with asyncio.timeout(30), client:
        await client.subscribe(params={"channel": "executions", "snap_trades": True})
        await client.subscribe(params={"channel": "balances"})
        assert (await inbox.first(channel="executions", type="snapshot"))["sequence"] == 1
        owned = (await inbox.first(channel="balances", type="snapshot"))["data"]
        assert {one["asset"]: one["balance"] for one in owned} == {"BTC": 2, "ETH": 25, "USD": 100000}

        order = {"order_type": "limit", "side": "buy", "symbol": "BTC/USD", "limit_price": AWAY}
        added = await request(client, inbox, 1, "add_order", **order, order_qty=0.01, cl_ord_id="peer")
        order_id = added["result"]["order_id"]
        assert (await inbox.report(order_id, "new"))["cl_ord_id"] == "peer"
        await request(
            client, inbox, 2, "amend_order", order_id=order_id, order_qty=0.02, limit_price=AWAY + 1
        )
        assert (await inbox.report(order_id, "amended"))["limit_price"] == AWAY + 1
        await request(client, inbox, 3, "cancel_order", order_id=[order_id])
        assert (await inbox.report(order_id, "canceled"))["reason"] == "User requested"

        order = {"order_type": "market", "side": "sell", "symbol": "BTC/USD", "order_qty": 0.001}
        sold = (await request(client, inbox, 4, "add_order", **order))["result"]["order_id"]
        assert (await inbox.report(sold, "filled"))["cum_qty"] == 0.001
        leg = await inbox.first(channel="balances", type="update", sequence=2)
        assert leg["data"][0]["type"] == "trade"


def test_orders_are_placed_amended_cancelled_and_filled(exchange: Sandbox) -> None:
    asyncio.run(_trade(exchange))
