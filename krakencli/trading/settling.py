"""Looking for a request's outcome until it is certain, or cannot be told.

A look that finds nothing is the last word only when the engine executes the request no more.
"""

from collections.abc import Callable
from dataclasses import replace

from krakencli.errors import StreamError
from krakencli.trading.found import Lookup
from krakencli.trading.request import UNKNOWN, Outcome, Request
from krakencli.trading.verdict import JUDGES

MARGIN = 2.0
"""Seconds after the deadline until orders on record are complete, clocks that differ included."""
AGAIN = 2.0
"""Seconds until a second look, which is taken only where the last one is later; REST counts its calls."""


def settle(
    request: Request,
    lookup: Lookup,
    outcome: Outcome,
    *,
    since: float,
    monotonic: Callable[[], float],
    sleep: Callable[[float], object],
    unit: float = 1.0,
) -> Outcome:
    """The outcome by the orders on record; `outcome` is what the answers told, `since` the moment of sending,
    `unit` the length of a second of all waits.

    Where the look-up fails, and the exchange has not refused the request itself, it is unknown.
    """
    judge = JUDGES[request.method]
    if request.params.get("validate"):
        return outcome
    patience = (request.over_after + MARGIN) * unit
    last = since + patience if outcome.word == UNKNOWN else monotonic()
    failure = ""
    for moment in sorted({monotonic(), min(since + AGAIN * unit, last), last}):
        if moment > monotonic():
            sleep(moment - monotonic())
        try:
            verdict = judge(request, lookup, monotonic() >= last)
        except StreamError as error:
            failure = error.message
            continue
        if verdict is not None:
            known = verdict.word != UNKNOWN or outcome.word == UNKNOWN
            return _explained(verdict, outcome) if known else outcome
    if outcome.word != UNKNOWN:
        return outcome
    return replace(outcome, error=f"{outcome.error}; it cannot be looked up: {failure}".removeprefix("; "))


def _explained(verdict: Outcome, told: Outcome) -> Outcome:
    """The verdict, with the exchange's own words where they are not refuted by it."""
    words = [told.error, verdict.error]
    return replace(verdict, error="; ".join(filter(None, words)), warnings=told.warnings)
