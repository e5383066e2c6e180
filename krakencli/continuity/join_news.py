"""What the keeper of trades without ids asks for, is answered, and tells. Data only."""

from dataclasses import dataclass
from typing import Literal

from krakencli.continuity.matching import Row
from krakencli.model import Run

Reason = Literal["reconnect", "audit"]
"""Why REST was asked: nobody listened for a while, or it is time to compare."""


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """A page of a symbol's trades later than `since`, nanoseconds since 1970; the newest ones where that is
    None. It is of use until `until`, by the clock of `now`. Nothing else is wanted before it is answered.
    """

    symbol: str
    since: int | None
    until: float
    reason: Reason


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of their ids; `full` where REST has more behind them, which are later than `last`."""

    rows: tuple[Row, ...]
    last: int | None = None
    full: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """`count` trades came from REST, from this id and time to these; their records stand before this."""

    symbol: str
    first_id: int
    last_id: int
    count: int
    after: str
    before: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Unjoined:
    """What happened between these times is not known, and why; `ids` are the first and the last of those that
    REST itself lacks.
    """

    symbol: str
    after: str
    before: str
    reason: str
    ids: tuple[int, int] | tuple[()] = ()


@dataclass(frozen=True, slots=True)
class Surplus:
    """`count` trades of the stream, from the one at `after` to that at `before`, are none of REST's."""

    symbol: str
    count: int
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class Unaudited:
    """It was time to compare, and could not be done; it will be tried again."""

    symbol: str
    reason: str


Told = Run | RowsWanted | Filled | Unjoined | Surplus | Unaudited
