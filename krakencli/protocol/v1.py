"""API v1's codec: requests to text, frames to messages as v2 would have sent them (protocol notes v1 §2-§5).

    [336,{"a":[...],"c":"..."},"book-10","XBT/USD"]  ->  Update("book", "update", [item])
    {"event":"subscriptionStatus",...}               ->  Response, its `result` with v2's names
    {"event":"systemStatus",...}                     ->  Update("status", ...)

Each channel's file holds what its arrays mean. A connection's codec remembers which streams it has seen, so
that a frame of a known one is told by its last bytes alone, and whose first frame is due, because v1 does not
mark snapshots. Digits stay text. Unknown fields and channels are accepted. Sans I/O.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from msgspec import Raw

from krakencli.channels import book, ohlc, spread, ticker, trade
from krakencli.channels.wire_v1 import compact
from krakencli.model import Subscription, Value
from krakencli.protocol.dialect import Method
from krakencli.protocol.messages import Garbage, Response, Update, printable
from krakencli.protocol.v1_private import Account
from krakencli.symbols import classic, modern

Decode = Callable[[bytes, bytes, int], list[bytes]]

_DECODERS: dict[str, Decode] = {
    "ticker": ticker.decode_v1,
    "trade": trade.decode_v1,
    "ohlc": ohlc.decode_v1,
    "spread": spread.decode_v1,
    "book": book.decode_v1,
}
_METHODS: dict[str, Method] = {"subscribed": "subscribe", "unsubscribed": "unsubscribe"}


class _Stream:
    """One channel of one pair on this connection; `fresh` until its first frame after an acknowledgement."""

    __slots__ = ("channel", "decode", "fresh", "symbol", "variant")

    def __init__(self, channel: str, symbol: bytes, variant: int) -> None:
        self.channel, self.symbol, self.variant = channel, symbol, variant
        self.decode = _DECODERS[channel]
        self.fresh = False

    def update(self, payload: bytes, stamp: Callable[[], str]) -> Update:
        """ValueError where the payload is none of the channel's.

        A candle is dated by its last trade; the first one may be hours old, and is dated by the clock here.
        """
        items = list(map(Raw, self.decode(payload, self.symbol, self.variant)))
        first, self.fresh = self.fresh, False
        match self.channel:
            case "trade":
                return Update("trade", "update", items)
            case "book":
                return Update("book", "snapshot" if book.is_snapshot_v1(payload) else "update", items)
        time = ohlc.time_v1(payload) if self.channel == "ohlc" else ""
        if first and time:
            time = max(time, stamp())
        return Update(self.channel, "snapshot" if first else "update", items, timestamp=time)


class Codec:
    """A dialect for one connection; `stamp` tells the time here, as RFC 3339."""

    def __init__(self, stamp: Callable[[], str] = str) -> None:
        self._stamp = stamp
        self._streams: dict[bytes, _Stream] = {}
        self._account = Account()

    def decode_update(self, frame: bytes) -> Update:
        """A frame of a stream that is known; one of UNREADABLE for every other."""
        end = frame.rfind(b',"', 0, frame.rfind(b',"'))
        stream = self._streams.get(frame[end:])
        start = frame.find(b",") + 1
        if stream is None or not frame[1 : start - 1].isdigit():
            raise msgspec.DecodeError("not a frame of a known stream")
        try:
            return stream.update(frame[start:end], self._stamp)
        except ValueError as error:
            raise msgspec.DecodeError(str(error)) from None

    def decode(self, frame: bytes) -> Update | Response | Garbage:
        """What one text frame says. Never raises: what cannot be understood is `Garbage` that says why."""
        try:
            message = json.loads(frame, parse_float=str)  # digits stay what they were
        except (ValueError, RecursionError) as error:
            return Garbage(str(error), printable(frame))
        if isinstance(message, dict):
            return self._decode_event(message, frame)
        if isinstance(message, list) and len(message) >= 3:
            return self._decode_array(message, frame)
        return Garbage("neither an event nor data", printable(frame))

    def subscribe(
        self,
        method: Method,
        subscriptions: Sequence[Subscription],
        req_id: int,
        token: str | None = None,
    ) -> bytes:
        """One request for pairs of a channel (§4); private channels take no pair, and the token in both."""
        first = subscriptions[0]
        wanted: dict[str, Value] = {"name": first.wire, **dict(first.params)}
        if token is not None:
            wanted["token"] = token
        pairs = [classic(one.symbol) for one in subscriptions if one.symbol is not None]
        request: dict[str, Any] = {"event": method, **({"pair": pairs} if pairs else {})}
        return msgspec.json.encode({**request, "reqid": req_id, "subscription": wanted})

    def ping(self, req_id: int) -> bytes:
        """An application-level ping, which the server answers with a pong (§3)."""
        return msgspec.json.encode({"event": "ping", "reqid": req_id})

    def _decode_array(self, message: list[Any], frame: bytes) -> Update | Garbage:
        """Data of a stream that is not known yet, or spelt in another way than the exchange does."""
        if len(message) == 3 and isinstance(message[1], str):
            return self._decode_private(message, frame)
        *head, name, pair = message
        if not isinstance(name, str) or not isinstance(pair, str) or len(head) < 2:
            return Garbage("no data of API v1", printable(frame))
        channel = name.partition("-")[0]
        if channel not in _DECODERS:
            return Update(name)
        payload = b",".join(map(compact, head[1:]))
        try:
            return self._stream(name, pair).update(payload, self._stamp)
        except (ValueError, RecursionError) as error:
            return Garbage(str(error), printable(frame), channel)

    def _decode_private(self, message: list[Any], frame: bytes) -> Update | Garbage:
        try:
            return self._account.decode(message) or Update(message[1])
        except (ValueError, RecursionError) as error:
            return Garbage(str(error), printable(frame), message[1])

    def _stream(self, name: str, pair: str) -> _Stream:
        """The stream of that name; ValueError where its channel is none."""
        key = b",%b,%b]" % (compact(name), compact(pair))
        if key not in self._streams:
            channel, _, variant = name.partition("-")
            self._streams[key] = _Stream(channel, compact(modern(pair)), int(variant or 0))
        return self._streams[key]

    def _decode_event(self, event: dict[str, Any], frame: bytes) -> Update | Response | Garbage:
        match event.get("event"):
            case "heartbeat":
                return Update("heartbeat")
            case "systemStatus":
                return Update("status", "update", [Raw(_status(event))])
            case "pong":
                return Response("pong", request_number(event), success=True)
            case "subscriptionStatus":
                return self._subscription(event)
            case "error" | None:
                words = event.get("errorMessage") or event.get("Error")
                if isinstance(words, str):
                    return Response("error", request_number(event), error=words)
        return Garbage("neither an event nor data", printable(frame))

    def _subscription(self, event: dict[str, Any]) -> Response:
        """The acknowledgement of one pair, a refusal, or the end of a subscription (§4)."""
        wanted = event.get("subscription")
        wanted = wanted if isinstance(wanted, dict) else {}
        name, pair, status = event.get("channelName"), event.get("pair"), event.get("status")
        channel = wanted.get("name") or str(name or "").partition("-")[0]
        if isinstance(name, str) and isinstance(pair, str) and channel in _DECODERS:
            self._stream(name, pair).fresh |= status == "subscribed"
        granted = {key: value for key, value in wanted.items() if key not in ("name", "token")}
        return Response(
            _METHODS.get(str(status), "subscribe"),
            request_number(event),
            success=status in (*_METHODS, "ok"),
            error=str(event.get("errorMessage") or ""),
            symbol=modern(pair) if isinstance(pair, str) else None,
            result={"channel": channel, **granted},
        )


def request_number(event: dict[str, Any]) -> int | None:
    """`reqid`, which may come back as text (§2)."""
    value = event.get("reqid")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return value if type(value) is int else None


def _status(event: dict[str, Any]) -> bytes:
    """The engine's state as v2 has it (§3). Connection ids fill 64 bits: they stay integers."""
    named = {"version": event.get("version"), "system": event.get("status")}
    item: dict[str, str | int] = {key: value for key, value in named.items() if isinstance(value, str)}
    if type(event.get("connectionID")) is int:
        item["connection_id"] = event["connectionID"]
    return json.dumps(item, separators=(",", ":")).encode()
