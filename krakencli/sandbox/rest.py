"""REST: the envelope, and which calls are public and which private.

Every handled call answers with HTTP 200 and `{"error":[...]}` or `{"error":[],"result":...}` (protocol notes,
REST §1). The calls stand in `rest_public` and `rest_private`. Sans-I/O.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from krakencli.sandbox.exchange import Exchange
from krakencli.sandbox.rest_private import PREFIX, handle, masked, parameters
from krakencli.sandbox.rest_public import CALLS, QueryError

PUBLIC_PREFIX = "/0/public/"


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request: `query` holds the last value of each parameter, `body` the exact bytes received."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


def answer(exchange: Exchange, call: Call) -> str:
    """The JSON text that answers `call`; also writes the log's `rest` record."""
    error, result = _handle(exchange, call)
    _note(exchange, call, error)
    return _envelope(error, result)


def unnoted_answer(exchange: Exchange, call: Call) -> str:
    """The same of a public call that is in the log already."""
    return _envelope(*_handle(exchange, call))


def refusal(exchange: Exchange, call: Call, error: str) -> str:
    """The JSON text that refuses a private call, which is not carried out; also writes the log's records."""
    _note_private(exchange, call, error)
    _note(exchange, call, error)
    return _envelope(error, "")


def _note(exchange: Exchange, call: Call, error: str | None) -> None:
    exchange.log.write("rest", method=call.method, path=call.path, query=dict(call.query), error=error)


def _envelope(error: str | None, result: str) -> str:
    if error is not None:
        return json.dumps({"error": [error]}, separators=(",", ":"))
    return f'{{"error":[],"result":{result}}}'


def _handle(exchange: Exchange, call: Call) -> tuple[str | None, str]:
    if call.path.startswith(PREFIX):
        return _private(exchange, call)
    name = call.path.removeprefix(PUBLIC_PREFIX)
    if name not in CALLS or not call.path.startswith(PUBLIC_PREFIX):
        return "EGeneral:Unknown method", ""
    try:
        return None, CALLS[name](exchange, call.query)
    except QueryError as error:
        return str(error), ""


def _private(exchange: Exchange, call: Call) -> tuple[str | None, str]:
    if call.method != "POST":
        return "EGeneral:Unknown method", ""
    error, result = handle(exchange, call.path, call.headers, call.body)
    _note_private(exchange, call, error)
    return error, result


def _note_private(exchange: Exchange, call: Call, error: str | None) -> None:
    account = exchange.desk.caller(call.headers)
    exchange.log.write(
        "private",
        api="rest",
        method=call.path.removeprefix(PREFIX),
        account=account.number if account else None,
        params=masked(parameters(call.headers, call.body)),
        error=error,
    )
