"""What `keys test` does: one harmless call for each right, and the result in plain words.

A call that the exchange answers proves the right, 'Permission denied' its lack. No order is sent, not even
one to be validated only: the protocol notes do not promise that such a one can do no harm. What the exchange
itself tells of the key (GetApiKeyInfo) is passed on as it is.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from krakencli.credentials import Credentials
from krakencli.errors import AuthError, ExitStatus, RemoteError
from krakencli.rest import rights
from krakencli.rest.client import Client
from krakencli.rest.envelope import clean, lacks_right

CALLS = (
    (rights.SOCKET, ("GetWebSocketsToken",), "tokens for level3 and all private channels"),
    (rights.FUNDS, ("Balance",), "balance, balances"),
    (rights.OPEN, ("OpenOrders",), "executions, open-orders"),
    (rights.CLOSED, ("ClosedOrders", "TradesHistory"), "own-trades, the history of orders and trades"),
)
UNTRIED = ((rights.MODIFY, "order add, amend, edit"), (rights.CANCEL, "order cancel, deadman"))
MARKS = {True: "✓", False: "✗", None: "?"}


@dataclass(frozen=True, slots=True)
class Right:
    """Whether the key has a right, None where that is not known; `reason` says why."""

    name: str
    what: str
    granted: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """All of them, and the rights that the exchange lists for the key, in its own words."""

    rights: list[Right]
    listed: list[str]

    @property
    def status(self) -> ExitStatus:
        return ExitStatus.OK if any(one.granted for one in self.rights) else ExitStatus.AUTH


def try_all(client: Client, credentials: Credentials) -> Tried:
    """Raises AuthError at the first call where the key itself is refused: more of them would lock it out."""
    tried = [_try(client, credentials, *row) for row in CALLS]
    untried = [Right(name, what, None, "not tried: that would take an order") for name, what in UNTRIED]
    return Tried(tried + untried, _listed(client, credentials))


def _try(client: Client, credentials: Credentials, right: str, methods: tuple[str, ...], what: str) -> Right:
    for method in methods:
        problem = _asked(client, credentials, method)
        if isinstance(problem, AuthError):
            return Right(right, what, False, problem.message)
        if isinstance(problem, RemoteError):
            return Right(right, what, None, problem.message)
    return Right(right, what, True)


def _asked(client: Client, credentials: Credentials, method: str) -> AuthError | RemoteError | None:
    try:
        client.private(method, credentials)
    except AuthError as error:
        if not lacks_right(error.message):
            raise
        return error
    except RemoteError as error:
        return error
    return None


def _listed(client: Client, credentials: Credentials) -> list[str]:
    """What GetApiKeyInfo names as permissions; nothing where it does not, or is not there."""
    try:
        info = client.private("GetApiKeyInfo", credentials)
    except (AuthError, RemoteError):
        return []
    found = info.get("permissions") if isinstance(info, dict) else None
    hide = (credentials.key, credentials.secret, credentials.otp)
    return [clean(name, hide) for name in found if isinstance(name, str)] if isinstance(found, list) else []


def as_table(heading: str, tried: Tried) -> str:
    return "\n".join((heading, *_table(tried))) + "\n"


def _table(tried: Tried) -> Iterator[str]:
    width = max(len(one.name) for one in tried.rights)
    for one in tried.rights:
        reason = f" ({one.reason})" if one.granted is None else ""
        yield f"{MARKS[one.granted]} {one.name:<{width}}  {one.what}{reason}"
    if tried.listed:
        yield f"  the exchange lists for this key: {', '.join(tried.listed)}"
    lacking = [f"'{one.name}'" for one in tried.rights if one.granted is False]
    if lacking:
        yield f"  it lacks {' and '.join(lacking)}: give it what you need, and no more, {rights.WHERE}"


def as_lines(tried: Tried) -> str:
    records: list[dict[str, Any]] = [
        {"right": one.name, "granted": one.granted, "for": one.what, "reason": one.reason or None}
        for one in tried.rights
    ]
    return "".join(json.dumps(r, separators=(",", ":"), ensure_ascii=False) + "\n" for r in records)
