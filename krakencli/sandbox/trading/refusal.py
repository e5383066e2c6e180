"""Why the engine refuses, in the exchange's words (protocol notes v2 §5.3, limits §7)."""

from __future__ import annotations


class OrderRefusedError(Exception):
    """A request that is answered with an error; its text is the exchange's."""


INSUFFICIENT = "EOrder:Insufficient funds"
UNKNOWN = "EOrder:Unknown order"
TOO_SMALL = "EGeneral:Invalid arguments:volume minimum not met"
TOO_CHEAP = "EOrder:Cost minimum not met"
OFF_TICK = "EOrder:Tick size check failed"
POST_ONLY = "EOrder:Post only order"
RATE = "EOrder:Rate limit exceeded"
TOO_MANY = "EOrder:Orders limit exceeded"
DENIED = "EGeneral:Permission denied"
DEADLINE = "EService:Deadline elapsed"
UNFIT = "EOrder:Invalid order"
PAIR = "EQuery:Unknown asset pair"


def invalid(field: str) -> OrderRefusedError:
    """A missing or wrong parameter."""
    return OrderRefusedError(f"EGeneral:Invalid arguments:{field}")
