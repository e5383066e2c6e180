"""One request as a value, and the words for what may become of it. Pure."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from krakencli.protocol.trading import Param

DEADLINE = 5.0
"""Seconds in which the engine may execute a request, as the exchange has it too (protocol notes v2 §12.1).

It is sent even where nobody asked for another: without it a frame that the network holds back could be
executed after the program has said that it was not.
"""
DATED = ("add_order", "amend_order", "edit_order", "batch_add")
"""The requests that take a deadline."""

_WORDS = {
    "add_order": ("placed", "not_placed"),
    "edit_order": ("placed", "not_placed"),
    "batch_add": ("placed", "not_placed"),
    "amend_order": ("amended", "not_amended"),
    "cancel_order": ("canceled", "not_canceled"),
    "cancel_all": ("canceled", "not_canceled"),
    "batch_cancel": ("canceled", "not_canceled"),
    "cancel_all_orders_after": ("armed", "not_armed"),
}
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`params` go on the wire as they are, but for the deadline, which is dated when it is sent.

    `subject` is what the result repeats of the request. `expected` answers come, and perhaps more within
    `settle` seconds. `fresh` says that its cl_ord_id was never used before.
    """

    method: str
    params: dict[str, Param]
    subject: dict[str, Any] = field(default_factory=dict)
    deadline: float | None = None
    expected: int = 1
    settle: float = 0.0
    fresh: bool = False

    def dated(self, wall: float) -> dict[str, Param]:
        """The parameters at this moment (Unix time)."""
        if self.method not in DATED:
            return self.params
        until = datetime.fromtimestamp(wall + (self.deadline or DEADLINE), UTC)
        return {**self.params, "deadline": until.isoformat(timespec="milliseconds").replace("+00:00", "Z")}

    @property
    def over_after(self) -> float:
        """Seconds from sending on after which the engine executes it no more, as far as can be promised."""
        return (self.deadline or DEADLINE) if self.method in DATED else 0.0

    @property
    def words(self) -> tuple[str, str]:
        """The outcome when it was done, and when it was not."""
        if self.params.get("validate"):
            return "valid", "invalid"
        if self.method == "cancel_all_orders_after" and self.params.get("timeout") == 0:
            return "disarmed", "not_disarmed"
        return _WORDS[self.method]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: one of its words, or unknown.

    `fields` belong into the result; `error` is the exchange's text, or why nothing is known; `looked_up`
    says that it was not the answer that told.
    """

    word: str
    fields: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    looked_up: bool = False
    warnings: tuple[str, ...] = ()
