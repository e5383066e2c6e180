"""A fault as it is asked for: by whom a sandbox is started, or as JSON while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

On = Literal["update", "snapshot"]
Channel = Literal["book", "level3"]
SideName = Literal["bids", "asks"]


class UnfitFaultError(ValueError):
    """Something was asked for that is no fault; the text says why."""


@dataclass(frozen=True)
class Fault:
    """One fault of one symbol's book. Which kinds there are stands in `books.KINDS`.

    `at` counts the frames that suit the kind, on one connection, after the first frame of the subscription
    that it sees there: 1 is the first of them. From there on it acts on `times` of them, on all connections
    together, or on those of one `connection` only (the number in the log).
    """

    name: str
    symbol: str
    channel: Channel = "book"
    at: int = 1
    times: int = 1
    on: On | None = None
    """Which frames it touches; None takes what the kind has first. Snapshots are counted from the first."""
    connection: int | None = None
    side: SideName = "asks"
    """`empty_side`: which one."""
    levels: int = 7
    """`short_book`: how many levels are left a side."""

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
        missing = [name for name in ("name", "symbol") if name not in document]
        if missing:
            raise UnfitFaultError(f"a fault needs {' and '.join(missing)}")
        return cls(**document)

    def check(self) -> None:
        """Raises UnfitFaultError for a value that no fault can have."""
        for name in ("name", "symbol"):
            if not isinstance(getattr(self, name), str):
                raise UnfitFaultError(f"{name} must be text, not {getattr(self, name)!r}")
        for name, least in (("at", 1), ("times", 1), ("connection", 1), ("levels", 1)):
            value = getattr(self, name)
            if name == "connection" and value is None:
                continue
            if type(value) is not int or value < least:
                raise UnfitFaultError(f"{name} must be a whole number from {least} on, not {value!r}")
        words = {"channel": get_args(Channel), "side": get_args(SideName), "on": (None, *get_args(On))}
        for name, choices in words.items():
            if getattr(self, name) not in choices:
                raise UnfitFaultError(
                    f"{name} must be {' or '.join(filter(None, choices))}, not {getattr(self, name)!r}"
                )
