"""The faults of REST, as a table: what becomes of an answer after the exchange has given it.

`path` is what the path of a call begins with, `at` and `times` count the calls that would be answered
otherwise. Of the faults that change an answer only one acts on a call, the one that was set first; it may be
late besides.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.faults.fault import Fault
from krakencli.sandbox.faults.gate import page
from krakencli.sandbox.faults.task import SetFault
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.rest import PUBLIC_PREFIX, Call, answer, refusal, unnoted_answer
from krakencli.sandbox.rest_private import PREFIX as PRIVATE_PREFIX
from krakencli.sandbox.times import SECOND

_ANY_CALL = "/0/"
_ERROR = "rest_error"
_TRADES = f"{PUBLIC_PREFIX}Trades"
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes out over HTTP, after `seconds`; one that is lost does not, and the connection is cut."""

    text: str
    status: int = 200
    content_type: str = "application/json"
    seconds: float = 0.0
    is_lost: bool = False


Rule = Callable[[Fault, Exchange, Call, Reply], Reply]
"""What a fault makes of a reply; the same one when there is nothing to change."""


@dataclass(frozen=True, slots=True)
class CallKind:
    """A kind of fault of REST. `changes` tells one that gives another answer from one that is only late."""

    terms: Terms
    rule: Rule
    changes: bool = True


def reply_to(tasks: list[SetFault], exchange: Exchange, call: Call) -> Reply:
    """The exchange's answer, as the faults leave it."""
    refused = _refused(tasks, exchange, call)
    if refused is not None:
        return refused
    reply = Reply(answer(exchange, call))
    is_changed = False
    for task in tasks:
        kind = KINDS.get(task.fault.name)
        if kind is None or not _concerns(task, call) or (kind.changes and is_changed):
            continue
        changed = kind.rule(task.fault, exchange, call, reply)
        if changed == reply or not task.suits():
            continue
        reply, is_changed = changed, is_changed or kind.changes
        _tell(task, call, reply)
    return reply


def _refused(tasks: list[SetFault], exchange: Exchange, call: Call) -> Reply | None:
    """The error of a private call that is not even carried out: an exchange that refuses has done nothing."""
    for task in tasks:
        is_one = task.fault.name == _ERROR and call.path.startswith(PRIVATE_PREFIX)
        if is_one and _concerns(task, call) and task.suits():
            error = _words(task.fault, exchange)
            reply = Reply(refusal(exchange, call, error))
            _tell(task, call, reply)
            return reply
    return None


def _concerns(task: SetFault, call: Call) -> bool:
    return task.left > 0 and call.path.startswith(task.fault.path or _ANY_CALL)


def _tell(task: SetFault, call: Call, reply: Reply) -> None:
    task.delivered(
        path=call.path,
        query=dict(call.query),
        status=reply.status,
        seconds=reply.seconds,
        answer=reply.text[:_SHOWN],
    )


def _late(fault: Fault, exchange: Exchange, _: Call, reply: Reply) -> Reply:
    return replace(reply, seconds=reply.seconds + (fault.seconds or 0) * exchange.settings.second)


def _lag(fault: Fault, exchange: Exchange, call: Call, reply: Reply) -> Reply:
    """Trades, as if the newest ones did not exist yet."""
    pair = exchange.listing.find(call.query.get("pair", ""))
    if call.path != _TRADES or pair is None or fault.symbol not in {None, pair.symbol}:
        return reply
    with exchange.market(pair.symbol).trades.without_newest(fault.trades):
        return replace(reply, text=unnoted_answer(exchange, call))


def _status(fault: Fault, _: Exchange, __: Call, reply: Reply) -> Reply:
    return Reply(page(fault.status), fault.status, "text/html", reply.seconds)


def _error(fault: Fault, exchange: Exchange, call: Call, reply: Reply) -> Reply:
    """An error of the exchange, if the call is a public one (see `_refused`)."""
    if call.path.startswith(PRIVATE_PREFIX):
        return reply
    text = json.dumps({"error": [_words(fault, exchange)]}, separators=(",", ":"))
    return replace(reply, text=text)


def _words(fault: Fault, exchange: Exchange) -> str:
    """The error's text; `{time}` is rounded up, so that it is never too early."""
    wait = round((fault.seconds or 0) * exchange.settings.second * SECOND)
    when = -(-(exchange.now() + wait) // SECOND)
    return (fault.error or "").replace("{time}", str(when))


def _lose(_: Fault, __: Exchange, ___: Call, reply: Reply) -> Reply:
    """The call has been carried out; nobody is told."""
    return replace(reply, text="", is_lost=True)


_TAKES = ("at", "path")

KINDS: dict[str, CallKind] = {
    "rest_late": CallKind(Terms(takes=_TAKES, usual={"seconds": 1.0}), _late, changes=False),
    "rest_lag": CallKind(Terms(takes=("at", "symbol", "trades")), _lag),
    "rest_status": CallKind(Terms(takes=_TAKES, choices={"status": (503, 500, 502)}), _status),
    "rest_lost": CallKind(Terms(takes=_TAKES), _lose),
    _ERROR: CallKind(Terms(("error",), _TAKES, usual={"seconds": 5.0}), _error),
}
