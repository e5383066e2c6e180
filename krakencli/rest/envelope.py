"""What an answer of REST means: the envelope, and every error that Kraken documents.

An answer is judged by its `error` array, never by the HTTP status. Entries are matched by prefix, without
regard to case and to spaces around colons. Numbers stay exact: integers as `int`, others as `Decimal`.
Values in, values out. Facts: protocol notes REST §1, limits and errors §7.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from krakencli.errors import AuthError, RemoteError, StreamError
from krakencli.rest import rights

MOST_CHARACTERS = 300
HIDDEN = "…"
SHORTEST = 6
"""A second factor has six digits; hiding what is shorter would only hide the message."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)


class OutcomeUnknownError(RemoteError):
    """A request that changes something got no answer that says whether it did: look before repeating it."""


class Rule(NamedTuple):
    """What an error that starts with `prefix` is, and what to do. `again`: a later call may succeed."""

    prefix: str
    kind: type[StreamError] = RemoteError
    again: bool = False
    suggestion: str = ""


_KEY = "check KRAKEN_API_KEY, or where else the key comes from: kraken-stream keys show"
_SECRET = "check KRAKEN_API_SECRET, or where else the key comes from: kraken-stream keys show"  # noqa: S105 - advice
_CLOCK = "another program uses this key, or this computer's clock went back: use one key per program"
_TOKEN = "fetch a new token"  # noqa: S105 - advice, no token
_SLOWER = "wait some seconds and ask less often"
_LATER = "try again in a while; status.kraken.com tells of maintenance"
_WAIT = "wait a few minutes without calling: each attempt starts the lock again"
_CHECK = "look whether it took effect before repeating it"

RULES = (
    Rule("eapi:invalid key", AuthError, suggestion=_KEY),
    Rule("eapi:invalid signature", AuthError, suggestion=_SECRET),
    Rule("eapi:invalid nonce", AuthError, again=True, suggestion=_CLOCK),
    Rule("eapi:invalid token", AuthError, again=True, suggestion=_TOKEN),
    Rule("esession:invalid session", AuthError, again=True, suggestion=_TOKEN),
    Rule("egeneral:permission denied", AuthError),  # see rights
    Rule("egeneral:temporary lockout", AuthError, again=True, suggestion=_WAIT),
    Rule("eauth:rate limit exceeded", AuthError, again=True, suggestion=_SLOWER),
    Rule("eauth:too many requests", AuthError, again=True, suggestion=_SLOWER),
    Rule("eauth:", AuthError, suggestion="sign in on kraken.com and see what the account lacks"),
    Rule("eaccount:invalid permissions", AuthError, suggestion="this account may not do that"),
    Rule("eapi:rate limit exceeded", again=True, suggestion=_SLOWER),
    Rule("egeneral:too many requests", again=True, suggestion=_SLOWER),
    Rule("eservice:throttled", again=True, suggestion="call again after the time that it names"),
    Rule("egeneral:internal error", again=True, suggestion=_LATER),
    Rule("edatabase:internal error", again=True, suggestion=_LATER),
    Rule("eservice:unavailable", again=True, suggestion=_LATER),
    Rule("eservice:busy", again=True, suggestion=_LATER),
    Rule("eservice:market in", again=True, suggestion="wait until the market changes its state"),
    Rule("eservice:deadline elapsed", suggestion=_CHECK),
    Rule("eearnings:busy", again=True, suggestion=_LATER),
    Rule("eorder:rate limit exceeded", again=True, suggestion=_SLOWER),
    Rule("eorder:domain rate limit exceeded", again=True, suggestion=_SLOWER),
    Rule("eorder:insufficient margin", again=True, suggestion="the lender has no funds left: try later"),
    Rule("eorder:insufficient funds", suggestion="check the balance, and what open orders hold of it"),
    Rule("equery:unknown asset pair", suggestion="kraken-stream pairs lists the pairs"),
    Rule("egeneral:unknown method", suggestion="check KRAKEN_SPOT_URL"),
)
UNKNOWN = Rule("")


def decode(body: bytes) -> dict[str, Any] | None:
    """The envelope in `body`; None where it is anything else (HTML, empty, broken, without `error`)."""
    if not body.lstrip().startswith(b"{"):
        return None
    try:
        envelope = _decoder.decode(body)
    except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError):
        return None
    return envelope if isinstance(envelope.get("error"), list) else None


def failure(envelope: dict[str, Any], method: str, hide: Iterable[str] = ()) -> StreamError | None:
    """The error that `envelope` reports for `method`; None where its `result` may be used.

    Texts in `hide` (the key's secret, a signature, a second factor) do not appear in it.
    """
    entries = [str(entry) for entry in envelope["error"]]
    errors = [entry for entry in entries if not entry.lstrip().upper().startswith("W")]
    if not errors and "result" in envelope:
        return None
    if not errors:
        return RemoteError(f"{method} was answered without a result", retryable=True)
    rule = rule_for(errors[0])
    message = f"{method} was refused: {clean('; '.join(errors), hide)}"
    suggestion = rights.advice(method) if lacks_right(errors[0]) else rule.suggestion
    return rule.kind(message, suggestion=suggestion, retryable=rule.again)


def lacks_right(message: str) -> bool:
    """Whether an error says that the key may not do what was asked, and is a good key otherwise."""
    return "egeneral:permission denied" in _normal(message)


def is_full(outcome: object) -> bool:
    """Whether an outcome of `failure` is the refusal of a call too many."""
    return isinstance(outcome, RemoteError) and "eapi:rate limit exceeded" in _normal(outcome.message)


def rule_for(entry: str) -> Rule:
    """The first rule that fits; an unknown error is reported and not repeated."""
    text = _normal(entry)
    return next((rule for rule in RULES if text.startswith(rule.prefix)), UNKNOWN)


def wants_another_nonce(outcome: object) -> bool:
    """Whether an outcome of `failure` is the refusal of a nonce, which a higher one may mend."""
    return isinstance(outcome, AuthError) and "eapi:invalid nonce" in _normal(outcome.message)


def _normal(text: str) -> str:
    return re.sub(r"\s*:\s*", ":", text.strip()).lower()


def clean(text: str, hide: Iterable[str] = ()) -> str:
    """`text` on one line, of bounded length, printable, without any of the texts in `hide`."""
    for secret in sorted(hide, key=len, reverse=True):
        if len(secret) >= SHORTEST:
            text = text.replace(secret, HIDDEN)
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= MOST_CHARACTERS else text[:MOST_CHARACTERS] + HIDDEN
