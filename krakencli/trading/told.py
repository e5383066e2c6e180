"""What the answers to a request say of its outcome. Pure."""

from typing import Any, cast

from krakencli.protocol.trading import Answer, Fate, Param, attribute
from krakencli.trading.advice import doubtful, normal
from krakencli.trading.request import UNKNOWN, Outcome, Request
from krakencli.trading.verdict import ids_of

_GONE = ("eorder:unknown order", "eorder:invalid order")


def told(request: Request, answers: list[Answer], lost: str) -> tuple[Outcome, bool]:
    """The outcome, as far as the answers tell it, and whether it should be looked up.

    `lost` says why answers are missing, "" where all came.
    """
    if request.method == "cancel_order":
        return _canceled(request, answers, lost)
    if not answers:
        return Outcome(UNKNOWN, error=lost), True
    answer = answers[0]
    done, undone = request.words
    if not answer.success:
        doubt = doubtful(answer.error)
        word = UNKNOWN if doubt else undone
        return Outcome(word, error=answer.error, warnings=answer.warnings), doubt
    if request.method == "batch_add" and not request.params.get("validate"):
        return _batch(request, answer), False
    asked = len(ids_of(request)) if request.method == "batch_cancel" else 0
    if answer.count is not None and answer.count < asked:
        words = f"{answer.count} of {asked} were canceled"
        return Outcome(undone, _fields(answer), words, warnings=answer.warnings), True
    return Outcome(done, _fields(answer), warnings=answer.warnings), False


def _fields(answer: Answer) -> dict[str, Any]:
    told = {name: value for name, value in answer.result.items() if name != "warnings" and value != ""}
    rows = {"orders": answer.rows} if answer.rows else {}
    return {**told, **rows, **({} if answer.count is None else {"count": answer.count})}


def _batch(request: Request, answer: Answer) -> Outcome:
    """Orders of a batch stand or fall alone (protocol notes v2 §12.6)."""
    done, undone = request.words
    orders = cast("list[Param]", request.params["orders"])
    rows = [{"outcome": done if row.get("order_id") else undone, **row} for row in answer.rows]
    rows += [{"outcome": UNKNOWN} for _ in orders[len(rows) :]]
    return Outcome(together([row["outcome"] for row in rows], done, undone), {"orders": rows}, _first(rows))


def together(words: list[str], done: str, undone: str) -> str:
    """One word for several orders."""
    if set(words) <= {done}:
        return done
    if UNKNOWN in words:
        return UNKNOWN
    return f"partly_{done}" if done in words else undone


def _first(rows: list[dict[str, Any]]) -> str:
    return next((str(row["error"]) for row in rows if row.get("error")), "")


def _canceled(request: Request, answers: list[Answer], lost: str) -> tuple[Outcome, bool]:
    done, undone = request.words
    fates = attribute(ids_of(request), answers)
    rows = [_row(fate, done, undone, lost) for fate in fates]
    word = together([row["outcome"] for row in rows], done, undone)
    error = _first(rows)
    gone = [answer for answer in answers if normal(answer.error).startswith(_GONE) or doubtful(answer.error)]
    return Outcome(word, {"orders": rows}, error), word == UNKNOWN or bool(gone)


def _row(fate: Fate, done: str, undone: str, lost: str) -> dict[str, Any]:
    word = {True: done, False: undone, None: UNKNOWN}[fate.done]
    error = fate.error or (lost if fate.done is None else "")
    return {fate.id.kind: fate.id.value, "outcome": word, **({"error": error} if error else {})}
