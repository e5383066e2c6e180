"""The private side of one v2 conversation: its subscriptions to accounts, and its trading.

What is told of an account while a request is being answered waits for the answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from krakencli.sandbox.answering import Answering
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.private_feed import PrivateFeed
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.v2_gate import TRADING
from krakencli.sandbox.v2_params import PRIVATE, Params
from krakencli.sandbox.v2_trading import Fields, carry_out


class PrivateSide:
    """The subscriptions that are held, by channel."""

    def __init__(self, exchange: Exchange, emit: Callable[[str], None]) -> None:
        self._exchange = exchange
        self._answering = Answering(emit)
        self._feeds: dict[str, PrivateFeed] = {}

    def __bool__(self) -> bool:
        return bool(self._feeds)

    def note(self, request: dict[str, Any]) -> None:
        """Writes a private request to the log."""
        log, method, params = self._exchange.log, request["method"], request.get("params")
        given: Params = params if isinstance(params, dict) else {}
        if not log.active or (method not in TRADING and given.get("channel") not in PRIVATE):
            return
        log.write(
            "private",
            api="ws",
            method=method,
            account=self._exchange.desk.number(given.get("token")),
            params=json.loads(json.dumps({**given, "token": "***"}, default=str)),
            req_id=request.get("req_id"),
        )

    def subscribe(self, account: Account, params: Params) -> PrivateFeed:
        """A new subscription, not yet begun. Raises RefusedError."""
        feed = PrivateFeed(self._exchange, account, params, self._answering.tell)
        if feed.channel in self._feeds:
            raise RefusedError("Already subscribed")
        self._feeds[feed.channel] = feed
        return feed

    def unsubscribe(self, channel: str) -> None:
        """Ends a subscription. Raises RefusedError when there is none."""
        if channel not in self._feeds:
            raise RefusedError("Subscription Not Found")
        self._feeds.pop(channel).leave()

    def begin(self, feed: PrivateFeed) -> None:
        """Begins one, unless it has ended while it waited."""
        if self._feeds.get(feed.channel) is feed:
            feed.begin()

    def trade(self, account: Account, method: str, params: Params) -> Iterator[Fields]:
        """The fields of each response to a trading request; then follows what is told of it."""
        with self._answering.first():
            yield from carry_out(self._exchange, account, method, params)

    def end(self) -> None:
        """Leaves every account."""
        for feed in self._feeds.values():
            feed.leave()
        self._feeds.clear()
