"""The private side of one v1 conversation: its subscriptions to accounts, and its trading (protocol notes v1
§7 and §8).

What is told of an account while a request is being answered waits for the answer.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from krakencli.sandbox.answering import Answering
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.v1_accounts import OpenOrders, OwnTrades
from krakencli.sandbox.v1_params import PRIVATE, Request
from krakencli.sandbox.v1_trading import HANDLERS, Fields

TRADING = {
    "addOrder": "addOrderStatus",
    "editOrder": "editOrderStatus",
    "amendOrder": "amendOrderStatus",
    "cancelOrder": "cancelOrderStatus",
    "cancelAll": "cancelAllStatus",
    "cancelAllOrdersAfter": "cancelAllOrdersAfterStatus",
}
"""The event of each trading request, and that of its answer."""


class Feed(Protocol):
    """One subscription of `openOrders` or `ownTrades`. It counts its own frames from 1."""

    def echo(self) -> Fields:
        """The `subscription` of the acknowledgement, `name` and for openOrders `maxratecount`."""

    def begin(self) -> None:
        """Sends the snapshot, if it is wanted, and follows the account from there."""

    def leave(self) -> None:
        """Ends what `begin` began; harmless when it never did."""


OpenFeed = Callable[[Exchange, Account, Request, Callable[[str], None]], Feed]
"""Opens a feed for an account and the request's `subscription`; raises RefusedError for its fields."""

FEEDS: dict[str, OpenFeed] = {"openOrders": OpenOrders, "ownTrades": OwnTrades}


class PrivateSide:
    """The subscriptions that are held, by channel."""

    def __init__(self, exchange: Exchange, emit: Callable[[str], None]) -> None:
        self._exchange = exchange
        self._answering = Answering(emit)
        self._feeds: dict[str, Feed] = {}
        self._waiting: deque[Feed] = deque()

    def __bool__(self) -> bool:
        return bool(self._feeds)

    def note(self, request: Request) -> None:
        """Writes a private request to the log."""
        subscription = request.get("subscription")
        given: Request = subscription if isinstance(subscription, dict) else {}
        if not self._exchange.log.active or (
            request["event"] not in TRADING and given.get("name") not in PRIVATE
        ):
            return
        params = given or {name: request[name] for name in request if name not in {"event", "reqid"}}
        self._exchange.log.write(
            "private",
            api="ws",
            method=request["event"],
            account=self._exchange.desk.number(params.get("token")),
            params=json.loads(json.dumps({**params, "token": "***"}, default=str)),
            req_id=request.get("reqid"),
        )

    def subscribe(self, account: Account, name: str, subscription: Request) -> Fields:
        """A new subscription, said before it begins. Raises RefusedError."""
        if name in self._feeds:
            raise RefusedError("Already subscribed")
        feed = self._feeds[name] = FEEDS[name](self._exchange, account, subscription, self._answering.tell)
        self._waiting.append(feed)
        return {"channelName": name, "status": "subscribed", "subscription": feed.echo()}

    def unsubscribe(self, name: str) -> Fields:
        """Ends a subscription, and says so. Raises RefusedError when there is none."""
        if name not in self._feeds:
            raise RefusedError("Subscription Not Found")
        self._feeds.pop(name).leave()
        return {"channelName": name, "status": "unsubscribed", "subscription": {"name": name}}

    def work(self) -> bool:
        """Begins one subscription, unless it has ended while it waited; False when none was left to begin."""
        if not self._waiting:
            return False
        feed = self._waiting.popleft()
        if any(feed is held for held in self._feeds.values()):
            feed.begin()
        return True

    def trade(self, account: Account, request: Request) -> Iterator[Fields]:
        """The fields of each answer to a trading request; then follows what is told of it."""
        with self._answering.first():
            yield from HANDLERS[request["event"]](self._exchange, account, request)

    def end(self) -> None:
        """Leaves every account."""
        self._waiting.clear()
        for feed in self._feeds.values():
            feed.leave()
        self._feeds.clear()
