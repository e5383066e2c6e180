"""What the follower of an account tells its owner, in the order in which it happened. Data only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from krakencli.model import Run


@dataclass(frozen=True, slots=True)
class HistoryWanted:
    """Fills after `after` (RFC 3339) are missing where `fills` is true, the last known one being `known`. Of
    `orders`, which were open, the ends are missing, and of those that came and went since `lost_at` (""
    where nobody asks). The answer is waited for until `until`, by the clock of `now`.
    """

    fills: bool
    after: str
    known: str | None
    orders: Sequence[str]
    lost_at: str
    until: float


@dataclass(frozen=True, slots=True)
class History:
    """What REST knows: fills by execution id, as reports; reports that end orders, by order id. `complete`
    says that no fill between the last known one and now is missing.
    """

    fills: Mapping[str, bytes] = field(default_factory=dict)
    orders: Mapping[str, bytes] = field(default_factory=dict)
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Backfilled:
    """`count` fills came from REST; their records stand before this."""

    first_id: str
    last_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Fills between these times may be missing."""

    after: str
    before: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An order that was open has vanished, and nobody could tell how it ended."""

    order_id: str
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class SequenceBroken:
    """A message of the subscription was lost: it is to be subscribed to anew."""

    expected: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """An item that is no report; nothing after it was looked at."""

    reason: str


Out = Run | HistoryWanted | Backfilled | Gap | Unsettled | SequenceBroken | Malformed
