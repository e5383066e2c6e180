"""The private requests of both protocols, as the private faults read them: v1's have an `event`, v2's a
`method` (protocol notes v1 §4 and §8, v2 §11 and §12). A request has v2's name in both.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from krakencli.sandbox import times

_V1_EVENTS = {
    "addOrder": "add_order",
    "amendOrder": "amend_order",
    "editOrder": "edit_order",
    "cancelOrder": "cancel_order",
    "cancelAll": "cancel_all",
    "cancelAllOrdersAfter": "cancel_all_orders_after",
}
_V1_ANSWER = re.compile(rf'\{{[^{{}}]*"event":"({"|".join(_V1_EVENTS)})Status"')
_V2_ANSWER = re.compile(r'\{(?:"channel":"\w+",)?(?:"error":"[^"]*",)?"method":"(\w+)"')
_NOT_TRADING = ("subscribe", "unsubscribe", "pong", "error")
_ACCOUNT_CHANNELS = ("executions", "balances")


class Asked(NamedTuple):
    """One request with a token."""

    method: str
    token: str
    request: dict[str, Any]


def read(text: str | None) -> Asked | None:
    """The request that a text is; None for one without a token, and for anything else."""
    try:
        request = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict):
        return None
    name, bearer = request.get("method"), request.get("params")
    if "event" in request:
        event = str(request["event"])
        name = _V1_EVENTS.get(event, event)
        bearer = request if event in _V1_EVENTS else request.get("subscription")
    if not isinstance(name, str) or not isinstance(bearer, dict):
        return None
    token = bearer.get("token")
    return Asked(name, token, request) if isinstance(token, str) else None


def answered(text: str) -> str | None:
    """Which trading request a frame answers, by its method; None for any other frame."""
    event = _V1_ANSWER.match(text)
    if event is not None:
        return _V1_EVENTS[event[1]]
    method = _V2_ANSWER.match(text)
    return None if method is None or method[1] in _NOT_TRADING else method[1]


def refusal(asked: Asked, error: str, now: int) -> str:
    """The frame that refuses a request, in its protocol."""
    fields = _v1_refusal if "event" in asked.request else _v2_refusal
    return json.dumps(fields(asked.request, error, now), sort_keys=True, separators=(",", ":"))


def _v1_refusal(request: dict[str, Any], error: str, _: int) -> dict[str, Any]:
    """A subscription is echoed, token included."""
    event = request["event"]
    answer: dict[str, Any] = {"event": f"{event}Status" if event in _V1_EVENTS else "subscriptionStatus"}
    echoed: dict[str, Any] = {name: request[name] for name in ("reqid", "subscription") if name in request}
    return {"errorMessage": error, "status": "error", **answer, **echoed}


def _v2_refusal(request: dict[str, Any], error: str, now: int) -> dict[str, Any]:
    time = times.micro(now)
    answer = {
        "error": error,
        "method": request["method"],
        "success": False,
        "time_in": time,
        "time_out": time,
    }
    if request["params"].get("channel") in _ACCOUNT_CHANNELS:
        answer |= {"channel": request["params"]["channel"], "status": "error"}
    if type(request.get("req_id")) is int:
        answer["req_id"] = request["req_id"]
    return answer
