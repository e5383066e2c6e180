"""Clients who trade: a conversation on the private host, its orders and its reports."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.rest import Call, answer
from krakencli.sandbox.tokens import signature
from krakencli.sandbox.trading.account import Account

from .kit import Client, HandClock, decode, make_exchange

SYMBOL = "BTC/USD"


def quiet_exchange(**settings: Any) -> Exchange:
    """An exchange of one market at a standstill, whose counters nobody fills."""
    return make_exchange(**{"symbols": (SYMBOL,), "rate": 0, "tier": "pro", **settings})


def wait(exchange: Exchange, seconds: float) -> None:
    """Lets time pass, with what it brings."""
    clock = exchange.now
    assert isinstance(clock, HandClock)
    clock.now += round(seconds * 1_000_000_000)
    exchange.advance(clock.now, 10**9)


class Trader:
    """One account's client. `frames` are those since the last request, decimals as sent."""

    def __init__(self, exchange: Exchange, account: int = 1, *channels: str, **options: Any) -> None:
        self.exchange = exchange
        self.client = Client(exchange, Access.PRIVATE)
        self.token = exchange.desk.issue(exchange.now(), self.account(account))
        self.number = account
        self.said: list[Any] = []
        self.first = [frame for channel in channels for frame in self.subscribe(channel, **options)]
        self.frames: list[Any] = []
        self.said.clear()

    def account(self, number: int | None = None) -> Account:
        """The account itself, to look at."""
        return self.exchange.desk.all[(number or self.number) - 1]

    def subscribe(self, channel: str, **options: Any) -> list[Any]:
        """Subscribes; the decoded frames."""
        params = {"channel": channel, "token": self.token, **options}
        return self.ask("subscribe", params)

    def ask(self, method: str, params: dict[str, Any]) -> list[Any]:
        """Any request, exactly as given. What was told before it is in `said`, with the answer."""
        self.said += self.news()
        request = json.dumps({"method": method, "params": params, "req_id": 7})
        frames = [decode(frame) for frame in self.client.ask_text(request)]
        self.said += frames
        return frames

    def do(self, method: str, **params: Any) -> Any:
        """A trading request; its only response. The frames that followed are in `frames`."""
        response, *self.frames = self.ask(method, {**params, "token": self.token})
        assert response["method"] == method
        assert response["req_id"] == 7
        return response

    def add(self, **params: Any) -> str:
        """Adds an order that must be accepted, by default a bid for a hundredth; its id."""
        usual = {"order_type": "limit", "side": "buy", "order_qty": 0.01, "symbol": SYMBOL}
        response = self.do("add_order", **{**usual, **params})
        assert response["success"], response
        return str(response["result"]["order_id"])

    def refused(self, **params: Any) -> str:
        """The same of one that must be refused; in which words."""
        usual = {"order_type": "limit", "side": "buy", "order_qty": 0.01, "symbol": SYMBOL}
        response = self.do("add_order", **{**usual, **params})
        assert not response["success"], response
        assert not self.frames
        return str(response["error"])

    def news(self) -> list[Any]:
        """The frames since the last look, decoded."""
        return [decode(frame) for frame in self.client.take()]


def reports(frames: list[Any]) -> list[Any]:
    """The execution reports in frames, in order."""
    return [item for frame in frames if frame.get("channel") == "executions" for item in frame["data"]]


def events(frames: list[Any]) -> list[str]:
    """What the reports in frames are about."""
    return [report["exec_type"] for report in reports(frames)]


def touch(exchange: Exchange) -> tuple[int, int]:
    """The best bid and offer in ticks."""
    quote = exchange.market(SYMBOL).quote
    return quote.bid, quote.ask


def dollars(ticks: int) -> float:
    """A price of the standard pair in dollars; exact enough for a request in tenths."""
    return round(ticks / 10, 1)


class RestTrader:
    """One account's client over REST, with a nonce that rises."""

    def __init__(self, exchange: Exchange, account: int = 1) -> None:
        self.exchange = exchange
        self.account = exchange.desk.all[account - 1]
        self.nonce = 1000

    def call(self, name: str, **params: Any) -> Any:
        """The decoded answer, numbers with a fraction as text."""
        self.nonce += 1
        return self._call(name, urlencode({"nonce": self.nonce, **params}), "x-www-form-urlencoded")

    def call_json(self, name: str, **params: Any) -> Any:
        """The same with a JSON body."""
        self.nonce += 1
        return self._call(name, json.dumps({"nonce": self.nonce, **params}), "json")

    def _call(self, name: str, body: str, kind: str) -> Any:
        path = f"/0/private/{name}"
        headers = {
            "API-Key": self.account.key,
            "API-Sign": signature(self.account.secret, path, str(self.nonce), body.encode()),
            "Content-Type": f"application/{kind}",
        }
        return json.loads(
            answer(self.exchange, Call("POST", path, {}, headers, body.encode())), parse_float=str
        )

    def result(self, name: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        document = self.call(name, **params)
        assert document["error"] == [], document
        return document["result"]

    def error(self, name: str, **params: Any) -> str:
        """The error of one that must fail."""
        (error,) = self.call(name, **params)["error"]
        return str(error)

    def add(self, **params: Any) -> str:
        """Adds an order, by default a bid that rests; its id."""
        usual = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "0.01", "price": "60000"}
        return str(self.result("AddOrder", **{**usual, **params})["txid"][0])
