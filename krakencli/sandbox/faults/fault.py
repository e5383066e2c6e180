"""A fault as it is asked for: by whom a sandbox is started, as a line of text, or as JSON while it runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Literal

On = Literal["update", "snapshot"]
SideName = Literal["bids", "asks"]

_TEXTS = ("name", "symbol", "channel", "on", "side", "reason", "path", "error", "method")
_METHODS = (
    "subscribe",
    "unsubscribe",
    "add_order",
    "amend_order",
    "edit_order",
    "cancel_order",
    "cancel_all",
    "cancel_all_orders_after",
    "batch_add",
    "batch_cancel",
)
_LEAST = {"at": 1, "times": 1, "connection": 1, "levels": 1, "trades": 1, "after": 0, "code": 0, "status": 0}


class UnfitFaultError(ValueError):
    """Something was asked for that is no fault; the text says why."""


@dataclass(frozen=True)
class Fault:
    """One fault. Which kinds there are stands in `kinds.KINDS`; each has some of the fields only.

    Two fields count, from the moment on when the fault is set. `at` counts what suits the kind, such as the
    updates of a book on one connection, or calls of REST: 1 is the first of them. `after` counts all frames
    that a connection is sent: so many pass before anything happens, and with 0 it happens at once. From there
    on the fault acts `times` times, on all connections together, or on one `connection` only (the number in
    the log).
    """

    name: str
    symbol: str | None = None
    channel: str | None = None
    at: int = 1
    times: int = 1
    on: On | None = None
    """Which frames of a book it touches; None takes what the kind has first. Snapshots are counted from the
    first."""
    connection: int | None = None
    side: SideName = "asks"
    """`empty_side`: which one."""
    levels: int = 7
    """`short_book`: how many levels are left a side."""
    after: int = 0
    seconds: float | None = None
    """How long, how late or how far apart, in the sandbox's `second`; `stall` without it never ends."""
    heartbeats: bool = True
    """`stall`: whether heartbeats and pongs still come."""
    code: int = 1001
    """`close`: with which one."""
    reason: str = ""
    """`close`: the text beside the code."""
    status: int = 503
    """`refuse_handshake`, `rest_status`: of HTTP."""
    path: str | None = None
    """`refuse_handshake`: of one host only; REST: what the path of a call begins with."""
    form: int = 1
    """`exceed_rate`: in which of the three forms it is said."""
    trades: int = 1
    """`rest_lag`: how many of the newest ones are not told yet."""
    error: str | None = None
    """`rest_error`: the text. `{time}` in it becomes the unix time in `seconds`."""
    method: str | None = None
    """Private faults: of requests of this method only."""

    @classmethod
    def read(cls, document: object) -> Fault:
        """The fault that a decoded JSON object describes. Raises UnfitFaultError with the reason."""
        if not isinstance(document, Mapping):
            raise UnfitFaultError("a fault is a JSON object")
        known = {field.name for field in fields(cls)}
        unknown = [str(name) for name in document if name not in known]
        if unknown:
            raise UnfitFaultError(
                f"unknown field {', '.join(unknown)}; a fault has {', '.join(sorted(known))}"
            )
        if "name" not in document:
            raise UnfitFaultError("a fault needs name")
        return cls(**document)

    @classmethod
    def parse(cls, spec: str) -> Fault:
        """The fault of a text `name` or `name:field=value,field=value`, with the fields of the JSON. Raises
        UnfitFaultError with the reason.
        """
        name, _, rest = spec.partition(":")
        document: dict[str, object] = {"name": name}
        for part in filter(None, rest.split(",")):
            field, equals, text = part.partition("=")
            if not equals:
                raise UnfitFaultError(f"{part!r} is not field=value")
            document[field.strip()] = _value(field.strip(), text.strip())
        return cls.read(document)

    def check(self) -> None:
        """Raises UnfitFaultError for a value that no fault can have."""
        for name in _TEXTS:
            value = getattr(self, name)
            if not (isinstance(value, str) or (value is None and name != "name")):
                raise UnfitFaultError(f"{name} must be text, not {value!r}")
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if not (type(value) is int and value >= least) and not (name == "connection" and value is None):
                raise UnfitFaultError(f"{name} must be a whole number from {least} on, not {value!r}")
        if self.method is not None and self.method not in _METHODS:
            raise UnfitFaultError(f"method must be one of {', '.join(_METHODS)}, not {self.method!r}")
        seconds = self.seconds
        if seconds is not None and not (type(seconds) in {int, float} and 0 <= seconds < math.inf):
            raise UnfitFaultError(f"seconds must be a number from 0 on, not {seconds!r}")
        if not isinstance(self.heartbeats, bool):
            raise UnfitFaultError(f"heartbeats must be true or false, not {self.heartbeats!r}")


def _value(field: str, text: str) -> object:
    """What a text stands for in its field; one that cannot be stays text, and `check` names it."""
    if field == "heartbeats":
        return {"true": True, "false": False}.get(text, text)
    convert: Callable[[str], object] = int if field in {*_LEAST, "form"} else str
    try:
        return float(text) if field == "seconds" else convert(text)
    except ValueError:
        return text
