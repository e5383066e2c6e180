"""One client's conversation in v2: its requests, its subscriptions, its heartbeats (protocol notes §2 to §8).

Sans-I/O: text comes in through `receive`, frames leave through the `send` it was given. Acknowledgements go
out at once; snapshots are left to `work`, so that a thousand of them do not hold up the other connections. A
subscription begins with its snapshot, so nothing is missed or told twice between the two.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from krakencli.sandbox import frames, times
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.level3_quota import Level3Quota
from krakencli.sandbox.private_feed import PrivateFeed
from krakencli.sandbox.pulse import Pulse
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.session import Refuses, refuses_none
from krakencli.sandbox.topic import Topic
from krakencli.sandbox.v2_gate import TRADING, Gate
from krakencli.sandbox.v2_params import PRIVATE, Params, Wish, read_wish, told_variant
from krakencli.sandbox.v2_private import PrivateSide

IDLE_CLOSE = 1000

Key = tuple[str, str, int | str]


class V2Session:
    """A conversation. What is told of accounts while a request is being answered waits for the answer."""

    def __init__(
        self,
        exchange: Exchange,
        access: Access,
        send: Callable[[str], None],
        refuses: Refuses = refuses_none,
    ) -> None:
        self._exchange = exchange
        self._refuses = refuses
        self._engine_state = exchange.engine.state
        self._gate = Gate(exchange, access)
        self._quota = Level3Quota(exchange.settings.second)
        self._send = send
        self._pulse = Pulse(exchange.settings.heartbeat, exchange.settings.second)
        self._connection_id = exchange.connection_id()
        self._topics: dict[Key, Topic] = {}
        self._private = PrivateSide(exchange, self._emit)
        self._waiting: deque[tuple[Topic, bool] | PrivateFeed] = deque()
        self._last_time = 0
        self._now = 0.0

    def greet(self) -> None:
        """The status frame (§3.1)."""
        self._tell_status()

    def receive(self, text: str | None, now: float) -> None:
        """Answers one request."""
        self._now = now
        self._pulse.received(now)
        time_in = self._stamp()
        try:
            request = json.loads(text, parse_float=Decimal) if text is not None else None
        except (ValueError, RecursionError):
            request = None
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            self._answer({"method": "error", "error": "Malformed request", "success": False}, time_in)
            return
        if request["method"] == "subscribe":
            self._pulse.start(now)
        self._private.note(request)
        try:
            self._dispatch(request, time_in)
        except RefusedError as refusal:
            self._refuse(request, refusal, time_in)

    def work(self) -> bool:
        """Begins one subscription, with its snapshot if it wants one."""
        if not self._waiting:
            return False
        next_one = self._waiting.popleft()
        if isinstance(next_one, PrivateFeed):
            self._private.begin(next_one)
            return True
        topic, wants_snapshot = next_one
        # Unsubscribed, or subscribed anew, while it waited: identity tells which of the two this one is.
        if any(topic is known for known in self._topics.values()):
            self._begin(topic, wants_snapshot)
        return True

    def tick(self, now: float) -> int | None:
        """Sends a heartbeat when it is due, and a changed engine state; closes after a minute of silence
        without a subscription (§3.4).
        """
        if self._engine_state != self._exchange.engine.state:
            self._tell_status()
        if self._pulse.beat(now):
            self._send(frames.HEARTBEAT)
        return IDLE_CLOSE if self._pulse.is_idle(now) and not self._has_subscriptions else None

    def dismiss(self, channel: str, symbol: str) -> None:
        """By the same answer as if it had been asked for; the notes know of it in v1 only."""
        for key, topic in list(self._topics.items()):
            if (topic.channel, topic.symbol) == (channel, symbol):
                self._leave(self._topics.pop(key))
                result = told_variant(channel, topic.variant) | {"channel": channel, "symbol": symbol}
                self._reply({"method": "unsubscribe"}, self._stamp(), result=result, success=True)

    def end(self) -> None:
        """Leaves every feed."""
        self._waiting.clear()
        for topic in self._topics.values():
            self._leave(topic)
        self._topics.clear()
        self._private.end()

    @property
    def _has_subscriptions(self) -> bool:
        return bool(self._topics or self._private)

    def _tell_status(self) -> None:
        self._engine_state = self._exchange.engine.state
        self._emit(frames.status(self._connection_id, self._engine_state))

    def _emit(self, frame: str) -> None:
        self._pulse.sent()
        self._send(frame)

    def _stamp(self) -> int:
        """The exchange's time; two stamps of one connection differ by a microsecond at least (§4, rule 1)."""
        self._last_time = max(self._exchange.now(), self._last_time + 1000)
        return self._last_time

    def _answer(self, answer: dict[str, object], time_in: int) -> None:
        """Sends a response: keys in alphabetical order, times last as it happens (§2.2)."""
        answer["time_in"] = times.micro(time_in)
        answer["time_out"] = times.micro(self._stamp())
        self._emit(json.dumps(answer, sort_keys=True, separators=(",", ":")))

    def _reply(self, request: dict[str, Any], time_in: int, **fields: object) -> None:
        req_id = request.get("req_id")
        if type(req_id) is int:
            fields["req_id"] = req_id
        self._answer({"method": request["method"], **fields}, time_in)

    def _refuse(self, request: dict[str, Any], refusal: RefusedError, time_in: int) -> None:
        self._reply(request, time_in, error=refusal.error, success=False, **refusal.fields)

    def _dispatch(self, request: dict[str, Any], time_in: int) -> None:
        method = request["method"]
        if method == "ping":
            self._ping(request, time_in)
        elif method in TRADING:
            self._trade(request, time_in)
        elif method in {"subscribe", "unsubscribe"}:
            self._subscription(request, time_in)
        else:
            raise RefusedError("Unsupported event")

    def _ping(self, request: dict[str, Any], time_in: int) -> None:
        """The pong has no `success` (§3.3)."""
        _check_fields(request, {"method", "req_id"})
        self._reply({**request, "method": "pong"}, time_in)

    def _subscription(self, request: dict[str, Any], time_in: int) -> None:
        _check_fields(request, {"method", "params", "req_id"})
        params = request.get("params")
        if not isinstance(params, dict):
            raise RefusedError("Subscription name invalid")
        self._check_channel(request["method"], params)
        if params["channel"] in PRIVATE:
            self._private_subscription(request, time_in)
            return
        wish = read_wish(params, request["method"])
        subscribing = request["method"] == "subscribe"
        for symbol in wish.symbols or (None,):
            try:
                topic = self._subscribe(wish, symbol) if subscribing else self._unsubscribe(wish, symbol)
            except RefusedError as refusal:
                # Unsubscribing nothing is answered as a subscribe (§4, rule 10); so are all refusals of
                # symbols.
                self._refuse({**request, "method": "subscribe"}, refusal, time_in)
                continue
            result = wish.result(symbol, subscribing)
            if wish.option is not None:
                result[wish.option] = topic.variant
            self._reply(request, time_in, result=result, success=True)

    def _trade(self, request: dict[str, Any], time_in: int) -> None:
        _check_fields(request, {"method", "params", "req_id"})
        account = self._gate.trader(request, self._has_subscriptions)
        for fields in self._private.trade(account, request["method"], request["params"]):
            self._reply(request, time_in, **fields)

    def _private_subscription(self, request: dict[str, Any], time_in: int) -> None:
        params = request["params"]
        account = self._gate.subscriber(params)
        result: dict[str, object] = {"channel": params["channel"]}
        try:
            if request["method"] == "unsubscribe":
                self._private.unsubscribe(params["channel"])
            else:
                feed = self._private.subscribe(account, params)
                self._waiting.append(feed)
                result = feed.result()
        except RefusedError as refusal:
            self._refuse({**request, "method": "subscribe"}, refusal, time_in)
            return
        self._reply(request, time_in, result=result, success=True)

    def _check_channel(self, method: str, params: Params) -> None:
        """Refuses what this host does not carry (§5.2); `status` comes once more and cannot be had (§3.1)."""
        if params.get("channel") == "status":
            self._tell_status()
            raise RefusedError("Symbol(s) not found")
        self._gate.check_channel(method, params, self._has_subscriptions)

    def _subscribe(self, wish: Wish, symbol: str | None) -> Topic:
        if symbol is not None:
            self._check_symbol(wish.channel, symbol)
        key = _key(wish, symbol)
        if key in self._topics:
            raise RefusedError("Already subscribed", **_symbol_field(symbol))
        if wish.channel == "level3" and symbol is not None:
            self._quota.spend(symbol, int(wish.variant), len(self._topics), self._now)
        topic = self._topics[key] = Topic(wish.channel, symbol or "", wish.variant)
        self._waiting.append((topic, wish.snapshot))
        return topic

    def _unsubscribe(self, wish: Wish, symbol: str | None) -> Topic:
        topic = self._topics.get(_key(wish, symbol))
        # Another depth is another subscription; the trigger of a ticker need not be named (§4, rules 6 and
        # 9).
        if topic is None or (topic.variant != wish.variant and wish.channel != "ticker"):
            raise RefusedError("Subscription Not Found", **_symbol_field(symbol))
        del self._topics[_key(wish, symbol)]
        self._leave(topic)
        return topic

    def _check_symbol(self, channel: str, symbol: str) -> None:
        if symbol in self._exchange.listing.pairs and not self._refuses(channel, symbol):
            return
        fault = "not supported" if "/" in symbol else "not in ISO 4217-A3 format"
        raise RefusedError(f"Currency pair {fault} {symbol}", symbol=symbol)

    def _begin(self, topic: Topic, wants_snapshot: bool) -> None:
        if topic.channel == "instrument":
            if wants_snapshot:
                self._emit(frames.instrument(self._exchange.listing))
            return
        publisher = self._exchange.publisher(topic.symbol)
        publisher.join(topic, self._emit)
        snapshot = publisher.snapshot(topic, self._exchange.now()) if wants_snapshot else None
        if snapshot is not None:
            self._emit(snapshot)

    def _leave(self, topic: Topic) -> None:
        self._exchange.leave(topic, self._emit)


def _check_fields(request: dict[str, Any], known: set[str]) -> None:
    for name in request:
        if name not in known:
            raise RefusedError(f"Unsupported field: '{name}' for the given msg type: {request['method']}")


def _key(wish: Wish, symbol: str | None) -> Key:
    """What makes a subscription the same one: several intervals may run side by side, nothing else (§4, rule
    6).
    """
    return wish.channel, symbol or "", wish.variant if wish.channel == "ohlc" else ""


def _symbol_field(symbol: str | None) -> dict[str, str]:
    return {} if symbol is None else {"symbol": symbol}
