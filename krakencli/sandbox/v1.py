"""One client's conversation in v1: its requests, their answers, its heartbeats (protocol notes v1 §3, §4 and
§10).

Sans-I/O: text comes in through `receive`, frames leave through the `send` it was given. A request for many
pairs has an answer for each; all answers go out at once, snapshots are left to `work`. What is refused is
echoed with its `subscription` as it was sent, token included.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

from krakencli.sandbox import v1_params as params
from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.hosts import Access
from krakencli.sandbox.pulse import Pulse
from krakencli.sandbox.refused import RefusedError
from krakencli.sandbox.session import Refuses, refuses_none
from krakencli.sandbox.v1_gate import Gate
from krakencli.sandbox.v1_params import EVERYTHING, PRIVATE, Request, Wish
from krakencli.sandbox.v1_private import TRADING, PrivateSide
from krakencli.sandbox.v1_public import PublicSide
from krakencli.sandbox.v1_text import dump

IDLE_CLOSE = 1000
HEARTBEAT = '{"event":"heartbeat"}'
_VERSION = "1.9.1"
_BAD_REQID = "Reqid field must be a positive integer less than 18446744073709551616"
_STATUS = "subscriptionStatus"
_MOST_BRACKETS = 100


class V1Session:
    """A conversation."""

    def __init__(
        self,
        exchange: Exchange,
        access: Access,
        send: Callable[[str], None],
        refuses: Refuses = refuses_none,
    ) -> None:
        self._send = send
        self._engine = exchange.engine
        self._engine_state = exchange.engine.state
        self._connection_id = exchange.connection_id()
        self._pulse = Pulse(exchange.settings.heartbeat, exchange.settings.second)
        self._gate = Gate(exchange, access)
        self._public = PublicSide(exchange, self._emit, refuses)
        self._private = PrivateSide(exchange, self._emit)

    def greet(self) -> None:
        """The systemStatus event; only this first one has the connection's id."""
        self._tell_status(connectionID=self._connection_id)

    def receive(self, text: str | None, now: float) -> None:
        """Answers one request."""
        self._pulse.received(now)
        request = _read(text)
        if request is None or not isinstance(request.get("event"), str):
            self._answer(request or {}, errorMessage="Malformed request", event="error")
            return
        if request["event"] == "subscribe":
            self._pulse.start(now)
        self._private.note(request)
        try:
            self._dispatch(request)
        except RefusedError as refusal:
            for pair in _named(request):
                self._refuse(request, refusal, pair)

    def work(self) -> bool:
        """Begins one subscription, with its snapshot if it has one."""
        return self._public.work() or self._private.work()

    def tick(self, now: float) -> int | None:
        """Sends a heartbeat when it is due, and a changed engine state; closes after a minute of silence
        without a subscription (§3).
        """
        if self._engine_state != self._engine.state:
            self._tell_status()
        if self._pulse.beat(now):
            self._send(HEARTBEAT)
        return IDLE_CLOSE if self._pulse.is_idle(now) and not self._has_subscriptions else None

    def dismiss(self, channel: str, symbol: str) -> None:
        """By the same subscriptionStatus as if it had been asked for (§4)."""
        for fields in self._public.dismiss(channel, symbol):
            self._answer({}, event=_STATUS, **fields)

    def end(self) -> None:
        """Leaves every feed."""
        self._public.end()
        self._private.end()

    @property
    def _has_subscriptions(self) -> bool:
        return bool(self._public or self._private)

    def _tell_status(self, **fields: object) -> None:
        status = self._engine_state = self._engine.state
        self._emit(dump({"event": "systemStatus", "status": status, "version": _VERSION, **fields}))

    def _emit(self, frame: str) -> None:
        self._pulse.sent()
        self._send(frame)

    def _answer(self, request: Request, **fields: object) -> None:
        if "reqid" in request:
            fields["reqid"] = request["reqid"]
        self._emit(dump(fields))

    def _refuse(self, request: Request, refusal: RefusedError, pair: object = None) -> None:
        fields: dict[str, object] = {} if pair is None else {"pair": pair}
        if "subscription" in request:
            fields["subscription"] = request["subscription"]
        event = TRADING.get(request["event"], _STATUS)
        self._answer(request, errorMessage=refusal.error, event=event, status="error", **fields)

    def _dispatch(self, request: Request) -> None:
        event = request["event"]
        if not _is_reqid(request.get("reqid", 0)):
            raise RefusedError(_BAD_REQID)
        if event == "ping":
            self._answer(request, event="pong")
        elif event == "unsubscribe" and "channelID" in request:
            fields = self._public.unsubscribe_id(request["channelID"])
            self._answer(request, event=_STATUS, **fields)
        elif event in {"subscribe", "unsubscribe"}:
            self._subscription(request)
        elif event in TRADING:
            self._trade(request)
        else:
            raise RefusedError("Event(s) not found")

    def _subscription(self, request: Request) -> None:
        subscription = params.read_subscription(request)
        name = subscription.get("name")
        self._gate.check_channel(name)
        params.check_fields(subscription)
        if name in PRIVATE or (name == EVERYTHING and self._gate.is_private):
            self._private_subscription(request)
            return
        for pair in params.read_pairs(request):
            try:
                self._public.find(pair)
                wishes = params.read_wishes(subscription)
            except RefusedError as refusal:
                self._refuse(request, refusal, pair)
                continue
            for wish in wishes:
                self._public_subscription(request, wish, pair)

    def _public_subscription(self, request: Request, wish: Wish, wsname: str) -> None:
        pair = self._public.find(wsname)
        act = self._public.subscribe if request["event"] == "subscribe" else self._public.unsubscribe
        try:
            fields = act(wish, pair)
        except RefusedError as refusal:
            asked = {**request["subscription"], "name": wish.channel}
            self._refuse({**request, "subscription": asked}, refusal, wsname)
        else:
            self._answer(request, event=_STATUS, **fields)

    def _private_subscription(self, request: Request) -> None:
        subscription = request["subscription"]
        if "pair" in request:
            raise RefusedError("Pair field unsupported for this subscription type")
        name = subscription["name"]
        for channel in PRIVATE if name == EVERYTHING else (name,):
            account = self._gate.subscriber(channel, subscription, self._has_subscriptions)
            if request["event"] == "subscribe":
                fields = self._private.subscribe(account, channel, subscription)
            else:
                fields = self._private.unsubscribe(channel)
            self._answer(request, event=_STATUS, **fields)

    def _trade(self, request: Request) -> None:
        account = self._gate.trader(request, self._has_subscriptions)
        for fields in self._private.trade(account, request):
            status = "error" if "errorMessage" in fields else "ok"
            self._answer(request, event=TRADING[request["event"]], status=status, **fields)


def _read(text: str | None) -> Request | None:
    """A request as an object; None for anything else, and for what is nested too deep to be echoed."""
    if text is None or text.count("{") + text.count("[") > _MOST_BRACKETS:
        return None
    try:
        request = json.loads(text, parse_float=Decimal)
    except ValueError:
        return None
    return request if isinstance(request, dict) else None


def _is_reqid(value: object) -> bool:
    """An integer or a text: the documentation has both (§2)."""
    return isinstance(value, str) or (type(value) is int and 0 <= value < 1 << 64)


def _named(request: Request) -> list[object]:
    """The pairs that each get a refusal of the whole request; a single None where there are none."""
    pairs, subscription = request.get("pair"), request.get("subscription")
    if request["event"] in TRADING:
        return [pairs]
    is_private = isinstance(subscription, dict) and subscription.get("name") in PRIVATE
    if is_private or not isinstance(pairs, list) or not all(isinstance(pair, str) for pair in pairs):
        return [None]
    return [*pairs] or [None]
