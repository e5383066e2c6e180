"""What a follower is asked for, is given, and counts. Data only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec import Raw


class Message(Protocol):
    """A frame of the channel."""

    @property
    def type(self) -> str: ...

    @property
    def data(self) -> Sequence[Raw]: ...

    @property
    def sequence(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Wants:
    """What is printed: reports on orders, and on trades; of the first snapshot what the user asked for.
    `merged` says that a table shows what the reports come to.
    """

    orders: bool = True
    trades: bool = True
    first_orders: bool = True
    first_trades: bool = False
    merged: bool = False


@dataclass(slots=True)
class Figures:
    """What became of the reports."""

    fills: int = 0
    backfilled: int = 0
    duplicates: int = 0
    unsettled: int = 0
