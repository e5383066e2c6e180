"""Trading over the authenticated socket: requests to text, answers to values. Sans I/O.

The seam is `TradingDialect`, and this module is API v2's; API v1's is `trading_v1`.
Prices and quantities are decimal text from the command line to the wire: a `Number` is written as the JSON
number with exactly its digits, and never becomes a float. Facts: protocol notes v2 §12.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Raw, Struct

from krakencli.protocol import v2
from krakencli.protocol.messages import UNREADABLE, Response

MASK = "***"
"""Stands for the token where a request is shown."""
NO_REASON = "refused without a reason"
BATCH_ADD = range(2, 16)
BATCH_CANCEL = range(2, 51)
"""How many orders a batch may hold (§12.6, §12.7)."""


class Number(str):
    """Decimal text that is a JSON number as it stands."""

    __slots__ = ()


Param = Number | str | int | bool | list["Param"] | Mapping[str, "Param"]
Params = Mapping[str, Param]
IdKind = Literal["order_id", "cl_ord_id", "order_userref"]


class TradingDialect(Protocol):
    """What a desk speaks: requests by v2's names of methods and parameters, answers with v2's names."""

    def request(self, method: str, params: Params, req_id: int, token: str, /) -> bytes:
        """One request frame."""

    def read(self, frame: bytes, method: str, req_id: int, /) -> "Answer | None":
        """What a frame answers to the request of this method and number; None where it does not."""

    def ping(self, req_id: int, /) -> bytes:
        """A request that keeps a connection from being closed for idleness."""


def request(method: str, params: Params, req_id: int, token: str) -> bytes:
    """One request frame. `Param`s keep their order, the token comes last."""
    return msgspec.json.encode(
        {"method": method, "params": {**_wire(params), "token": token}, "req_id": req_id}
    )


def encoded(value: Any) -> str:
    """JSON of any value, its `Number`s with the digits that they were given."""
    return msgspec.json.encode(_wire(value)).decode()


def _wire(value: Any) -> Any:
    if isinstance(value, Number):
        return Raw(value.encode())
    if isinstance(value, Mapping):
        return {name: _wire(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_wire(one) for one in value]
    return value


@dataclass(frozen=True, slots=True)
class Answer:
    """What the exchange said to a request.

    `rows` is batch_add's result, one object an order, in their order. `count` is how many orders a
    cancellation hit.
    """

    success: bool
    error: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    warnings: tuple[str, ...] = ()
    count: int | None = None


def ping(req_id: int) -> bytes:
    """Keeps a connection from being closed for idleness (§3.4)."""
    return v2.ping(req_id)


class _More(Struct, gc=False):
    """What `Response` leaves out of a trading answer."""

    result: Any = None
    orders_cancelled: int | None = None


_more = msgspec.json.Decoder(_More)


def read(frame: bytes, method: str, req_id: int) -> Answer | None:
    """What a frame answers to the request of this method and number; None where it does not.

    A complaint without a number (`Malformed request`, `Exceeded msg rate`) answers the only request that is
    under way.
    """
    response = v2.decode(frame)
    if not isinstance(response, Response) or response.method == "pong":
        return None
    if response.req_id != req_id and not (response.req_id is None and response.method in (method, "error")):
        return None
    try:
        more = _more.decode(frame)
    except UNREADABLE:
        more = _More()
    rows = more.result if isinstance(more.result, list) else []
    count = response.result.get("count", more.orders_cancelled)
    return Answer(
        response.success,
        response.error or ("" if response.success else NO_REASON),
        response.result,
        [row if isinstance(row, dict) else {} for row in rows],
        tuple(response.warnings),
        count if type(count) is int else None,
    )


@dataclass(frozen=True, slots=True)
class Id:
    """The name by which a request calls an order. Several orders may share an order_userref."""

    kind: IdKind
    value: str | int


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one order of a cancel_order: `done` is None where that cannot be told."""

    id: Id
    done: bool | None
    error: str = ""


def cancel_params(ids: Iterable[Id]) -> dict[str, Param]:
    """The parameters of cancel_order, a list for each kind of name."""
    lists: dict[str, Param] = {}
    for one in ids:
        group = lists.setdefault(one.kind, [])
        assert isinstance(group, list)
        group.append(one.value)
    return lists


def attribute(asked: Sequence[Id], answers: Sequence[Answer]) -> list[Fate]:
    """Which answer belongs to which order of a cancel_order: one comes for each, but a refusal carries no
    name (§12.4), and over API v1 no answer does.

    Those that are not named are refused where as many refusals came as orders are left, and done where as
    many others came. Where fewer came, or a userref among them may have had several answers, it cannot be
    told which of them they are about.
    """
    named = {
        (kind, value)
        for answer in answers
        if answer.success
        for kind, value in answer.result.items()
        if isinstance(value, str | int)
    }
    left = [one for one in asked if (one.kind, one.value) not in named]
    refusals = [answer.error for answer in answers if not answer.success]
    strangers = sum(answer.success and not _names(answer, asked) for answer in answers)
    userrefs = sum(one.kind == "order_userref" for one in left)
    all_told = strangers > 0 if userrefs == len(left) == 1 else strangers == len(left) and not userrefs
    if not refusals and all_told:
        return [Fate(one, done=True) for one in asked]
    texts = list(dict.fromkeys(refusals))
    words = texts[0] if len(texts) == 1 else f"one of: {'; '.join(texts)}" if texts else ""
    certain = len(refusals) == len(left) and not strangers
    fates = {one: Fate(one, False if certain else None, words) for one in left}
    return [fates.get(one, Fate(one, done=True)) for one in asked]


def _names(answer: Answer, asked: Sequence[Id]) -> bool:
    """Whether an answer says which of the orders it is about; those of a userref have ids of their own."""
    return any(answer.result.get(one.kind) == one.value for one in asked)
