"""API v2's codec: requests to text, frames to messages.

Numbers are never decoded: a record stays the text that came (`msgspec.Raw`), so every digit survives.
Unknown fields, channels and key orders are accepted (protocol notes v2 §2.2, §2.3). Sans I/O.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from krakencli.model import Subscription, Value
from krakencli.protocol.messages import UNREADABLE, Garbage, Response, Update, printable


class _ObjectUpdate(Struct, gc=False):
    channel: str
    data: dict[str, Raw]
    type: str = ""


class _Labels(Struct, gc=False):
    channel: str
    method: str | None = None


class _Response(Struct, gc=False):
    method: str | None = None
    req_id: Raw = Raw(b"null")
    success: Raw = Raw(b"false")
    error: Raw = Raw(b'""')
    Error: Raw = Raw(b'""')
    errorMessage: Raw = Raw(b'""')  # noqa: N815 - the exchange's name
    reqid: Raw = Raw(b"null")
    symbol: str | None = None
    result: Raw = Raw(b"{}")
    time_in: Raw = Raw(b'""')
    time_out: Raw = Raw(b'""')


_object_update = msgspec.json.Decoder(_ObjectUpdate)
_labels = msgspec.json.Decoder(_Labels)
_response = msgspec.json.Decoder(_Response)
_items = msgspec.json.Decoder(list[Raw])
_OF_OBJECTS = {"instrument"}

decode_update = msgspec.json.Decoder(Update).decode
"""The common case alone, without a call between; it raises one of UNREADABLE where `decode` must look."""


def decode(frame: bytes) -> Update | Response | Garbage:
    """What one text frame says. Never raises: what cannot be understood is `Garbage` that says why."""
    try:
        update = decode_update(frame)
    except msgspec.ValidationError as error:
        return _decode_unusual(frame, str(error))
    except UNREADABLE as error:
        return Garbage(str(error), printable(frame))
    if update.channel and update.method is None:
        return update
    return _decode_response(frame)


def _decode_unusual(frame: bytes, reason: str) -> Update | Response | Garbage:
    """A frame whose `data` is an object, or whose fields have unexpected types."""
    try:
        odd = _object_update.decode(frame)
        members = {
            name: _items.decode(raw) for name, raw in odd.data.items() if bytes(raw).lstrip()[:1] == b"["
        }
    except UNREADABLE as error:
        return _decode_shapeless(frame, str(error))
    if odd.channel not in _OF_OBJECTS:
        return _decode_shapeless(frame, reason)
    return Update(odd.channel, odd.type, members=members)


def _decode_shapeless(frame: bytes, reason: str) -> Response | Garbage:
    try:
        labels = _labels.decode(frame)
    except UNREADABLE:
        return _decode_response(frame)
    if labels.method is not None:
        return _decode_response(frame)
    return Garbage(reason, printable(frame), labels.channel)


def _decode_response(frame: bytes) -> Response | Garbage:
    try:
        raw = _response.decode(frame)
        error_text = _text(raw.error) or _text(raw.Error) or _text(raw.errorMessage)
        result, number, old_number, success = map(_value, (raw.result, raw.req_id, raw.reqid, raw.success))
    except UNREADABLE as error:
        return Garbage(str(error), printable(frame))
    if raw.method is None and not error_text:
        return Garbage("neither a channel message nor a response", printable(frame))
    result = result if isinstance(result, dict) else {}
    warnings = result.get("warnings")
    return Response(
        method=raw.method or "error",
        req_id=next((one for one in (number, old_number) if isinstance(one, int)), None),
        success=success is True,
        error=error_text,
        symbol=raw.symbol or (result.get("symbol") if isinstance(result.get("symbol"), str) else None),
        result=result,
        warnings=[str(w) for w in warnings] if isinstance(warnings, list) else [],
        time_in=_text(raw.time_in),
        time_out=_text(raw.time_out),
    )


def _value(raw: Raw) -> Any:
    return msgspec.json.decode(raw)


def _text(raw: Raw) -> str:
    """An error's words: a string in v2, an array of strings in REST's manner, anything else as its JSON."""
    value = _value(raw)
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return value if isinstance(value, str) else bytes(raw).decode() if value else ""


def subscribe(
    method: str, subscriptions: Sequence[Subscription], req_id: int, token: str | None = None
) -> bytes:
    """The request for subscriptions that differ in their symbol only (§4); `method` is (un)subscribe.

    Channels of accounts and level3 take the token in both (§4, rule 11).
    """
    first = subscriptions[0]
    params: dict[str, Value | list[str]] = {"channel": first.wire}
    symbols = [s.symbol for s in subscriptions if s.symbol is not None]
    if symbols:
        params["symbol"] = symbols
    params.update(first.params)
    if first.snapshot is not None and method == "subscribe":
        params["snapshot"] = first.snapshot
    if token is not None:
        params["token"] = token
    return msgspec.json.encode({"method": method, "params": params, "req_id": req_id})


def ping(req_id: int) -> bytes:
    """An application-level ping, which the server answers with a pong (§3.3)."""
    return msgspec.json.encode({"method": "ping", "req_id": req_id})
