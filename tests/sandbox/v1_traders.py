"""Clients who trade over v1: a conversation on its private host, its orders and what is told of them."""

from __future__ import annotations

import json
from typing import Any

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.trading.account import Account
from krakencli.sandbox.v1 import V1Session

PAIR = "XBT/USD"


class V1Trader:
    """One account's client. `told` are the arrays since the last request."""

    def __init__(
        self,
        exchange: Exchange,
        account: int = 1,
        *channels: str,
        access: Access = Access.PRIVATE,
        **options: Any,
    ) -> None:
        self.exchange = exchange
        self.raw: list[str] = []
        self.session = V1Session(exchange, access, self.raw.append)
        self.session.greet()
        self.token = exchange.desk.issue(exchange.now(), exchange.desk.all[account - 1])
        self.number = account
        self.first = [frame for name in channels for frame in self.subscribe(name, **options)]
        self.told: list[Any] = []

    def account(self) -> Account:
        """The account itself, to look at."""
        return self.exchange.desk.all[self.number - 1]

    def ask(self, **request: Any) -> list[Any]:
        """Any request, exactly as given; the frames that follow."""
        self.raw.clear()
        self.session.receive(json.dumps(request), 0.0)
        while self.session.work():
            pass
        return self.news()

    def subscribe(self, name: str, **options: Any) -> list[Any]:
        """Subscribes; the decoded frames."""
        return self.ask(event="subscribe", subscription={"name": name, "token": self.token, **options})

    def unsubscribe(self, name: str) -> list[Any]:
        """The reverse."""
        return self.ask(event="unsubscribe", subscription={"name": name, "token": self.token})

    def all(self, event: str, **fields: Any) -> list[Any]:
        """A trading request; every answer, without event and reqid."""
        frames = self.ask(event=event, token=self.token, reqid=7, **fields)
        answers = [frame for frame in frames if isinstance(frame, dict)]
        self.told = [frame for frame in frames if isinstance(frame, list)]
        for answer in answers:
            assert (answer.pop("event"), answer.pop("reqid")) == (f"{event}Status", 7)
        return answers

    def do(self, event: str, **fields: Any) -> Any:
        """The same of one that has one answer; `status` is left out of it, and must be ok."""
        (answer,) = self.all(event, **fields)
        assert answer.pop("status") == "ok", answer
        return answer

    def refused(self, event: str, **fields: Any) -> str:
        """In which words a request is refused; nothing must come of it."""
        (answer,) = self.all(event, **fields)
        assert answer.pop("status") == "error", answer
        assert not self.told
        return str(answer["errorMessage"])

    def add(self, **fields: Any) -> str:
        """Adds an order that must be accepted, by default a bid for a hundredth; its id."""
        return str(self.do("addOrder", **{**usual(), **fields})["txid"])

    def items(self, channel: str = "openOrders") -> list[Any]:
        """What the last request's frames of a channel tell, as pairs of an id and fields."""
        return items(self.told, channel)

    def news(self) -> list[Any]:
        """The frames since the last look, decoded."""
        frames = [json.loads(frame) for frame in self.raw]
        self.raw.clear()
        return frames


def usual() -> dict[str, Any]:
    """A bid that rests."""
    return {"ordertype": "limit", "type": "buy", "pair": PAIR, "volume": "0.01", "price": "60000"}


def items(frames: list[Any], channel: str) -> list[Any]:
    """What the frames of a channel tell, as pairs of an id and fields."""
    return [
        pair
        for frame in frames
        if isinstance(frame, list) and frame[1] == channel
        for item in frame[0]
        for pair in item.items()
    ]
