"""What an attempt came to: the result of the API, or the error to report. Values in, values out.

An answer that did not come from the API itself but from something before it (HTML, empty, a redirect, 5xx)
is never read as one. Facts: protocol notes REST §1, limits and errors §7 ("Not JSON").
"""

from typing import Any

from krakencli.errors import RemoteError, StreamError, UnreachableError
from krakencli.rest import envelope
from krakencli.rest.adapter import Problem, Reply

_ORDER = "look the order up by its cl_ord_id before repeating it"
_ADDRESS = "check KRAKEN_SPOT_URL"
_BLOCKED = "wait a minute, and ten if it happens again"
_LATER = "try again in a while; status.kraken.com tells of maintenance"


def may_pass(outcome: Reply | Problem) -> bool:
    """Whether another attempt of the same read may get an answer: no connection, no answer in time, 5xx."""
    return not outcome.lasting if isinstance(outcome, Problem) else outcome.status >= 500


def read(outcome: Reply | Problem, method: str, host: str, hide: tuple[str, ...], *, changes: bool) -> object:
    """The result that `host` gave for `method`, or a StreamError, returned and not raised.

    `changes` marks a method whose outcome is unknown unless the API answered. `hide`: see `envelope.failure`.
    """
    if isinstance(outcome, Problem):
        return _unanswered(outcome, method, host, unknown=changes and outcome.sent)
    answer = _envelope(outcome)
    if answer is None:
        return _unusable(outcome, f"{host} answered {method} with HTTP {outcome.status}", changes=changes)
    return envelope.failure(answer, method, hide) or answer["result"]


def _envelope(reply: Reply) -> dict[str, Any] | None:
    """The API's own answer, whatever its status says, but never out of a redirect or a 5xx."""
    if reply.body is None or 300 <= reply.status < 400 or reply.status >= 500:
        return None
    return envelope.decode(reply.body)


def _unanswered(problem: Problem, method: str, host: str, *, unknown: bool) -> StreamError:
    if unknown:
        message = f"{method} was sent to {host}, and its outcome is unknown: {problem.reason}"
        return envelope.OutcomeUnknownError(message, suggestion=_ORDER)
    message = f"{host} cannot be reached: {problem.reason}"
    return UnreachableError(message, suggestion=problem.suggestion, retryable=not problem.lasting)


def _unusable(reply: Reply, what: str, *, changes: bool) -> StreamError:
    if 300 <= reply.status < 400:
        return RemoteError(f"{what}, a redirect, which is not followed", suggestion=_ADDRESS)
    if reply.status in {403, 429}:
        return RemoteError(f"{what}: it blocks this address", suggestion=_BLOCKED, retryable=True)
    if 400 <= reply.status < 500:
        return RemoteError(f"{what} and no answer of the API", suggestion=_ADDRESS)
    if changes:
        message = f"{what} and no answer of the API: the outcome is unknown"
        return envelope.OutcomeUnknownError(message, suggestion=_ORDER)
    if reply.body is None:
        return RemoteError(f"{what} and more than can be read", suggestion=_ADDRESS)
    return RemoteError(f"{what} and no answer of the API", suggestion=_LATER, retryable=True)
