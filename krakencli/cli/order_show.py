"""What a command of `order` prints: one JSON object, or a table that says the same."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from krakencli.errors import AuthError, RemoteError, StreamError
from krakencli.formatters.columns import aligned
from krakencli.protocol.trading import encoded
from krakencli.talk import harmless
from krakencli.trading.advice import REFUSED_TOKEN, TRANSIENT, advice, normal
from krakencli.trading.request import UNKNOWN, Outcome, Request

_SAFE_TO_REPEAT = ("cancel_order", "cancel_all", "batch_cancel", "cancel_all_orders_after")


def record(request: Request, outcome: Outcome, via: str) -> dict[str, Any]:
    """The result as one object; what the exchange answered goes before what was asked for."""
    rest: dict[str, Any] = {
        **({"looked_up": True} if outcome.looked_up else {}),
        **({"error": outcome.error} if outcome.error else {}),
        **({"warnings": list(outcome.warnings)} if outcome.warnings else {}),
    }
    head = {"method": request.method, "outcome": outcome.word, "via": via}
    return {**head, **request.subject, **outcome.fields, **rest}


def show(result: Mapping[str, Any], *, as_json: bool) -> None:
    """On a terminal a table, elsewhere JSON."""
    if as_json or not sys.stdout.isatty():
        click.echo(encoded(result))
        return
    rows = result.get("orders")
    single = {name: value for name, value in result.items() if name != "orders" or not _is_table(value)}
    click.echo(_pairs(single), nl=False)
    if _is_table(rows):
        click.echo(_grid(rows or []), nl=False)


def _is_table(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _pairs(result: Mapping[str, Any]) -> str:
    width = max(map(len, result), default=0)
    return "".join(f"{name.replace('_', ' '):{width}}  {_cell(value)}\n" for name, value in result.items())


def _grid(rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [[name.replace("_", " ") for name in names]]
    cells += [[_cell(row.get(name, "")) for name in names] for row in rows]
    return "".join(f"{line}\n" for line in aligned(cells))


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else encoded(value)
    return harmless(text)


def failure(request: Request, outcome: Outcome) -> StreamError | None:
    """The error that ends the command, None where what was asked for has come true."""
    done, _ = request.words
    if outcome.word == done:
        return None
    name = _name(request, outcome)
    what = f"{request.method}: {outcome.word.replace('_', ' ')}{name}"
    message = f"{what}: {outcome.error}" if outcome.error else what
    if outcome.word == UNKNOWN:
        return RemoteError(message, suggestion=_look(request))
    if normal(outcome.error).startswith(REFUSED_TOKEN):
        return AuthError(message, suggestion="fetch a new token: kraken-stream token", retryable=True)
    return _refused(message, outcome.error)


def _refused(message: str, error: str) -> StreamError:
    from krakencli.rest.envelope import rule_for

    rule = rule_for(error)
    again = rule.again or normal(error).startswith(TRANSIENT)
    return rule.kind(message, suggestion=advice(error) or rule.suggestion, retryable=again)


def _name(request: Request, outcome: Outcome) -> str:
    known = {**request.subject, **outcome.fields}
    for kind in ("order_id", "cl_ord_id", "order_userref"):
        if known.get(kind) is not None:
            return f" ({kind} {known[kind]})"
    return ""


def _look(request: Request) -> str:
    if request.method in _SAFE_TO_REPEAT:
        return "repeating it does no harm"
    return "look at your open and closed orders before you repeat it"
