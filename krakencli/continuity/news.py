"""What the keeper of trades tells its owner, in the order in which it happened. Data only."""

from dataclasses import dataclass

from krakencli.model import Run


@dataclass(frozen=True, slots=True)
class FillWanted:
    """Trades `first_id` to `last_id` are missing, perhaps not all of them; `after` is the time of the one
    before them, "" where it has none. They are waited for until `until`, by the clock of `now`. The symbol
    has no other wish before this one is answered, by `fill` or `fail`, or given up.
    """

    symbol: str
    first_id: int
    last_id: int
    after: str
    until: float


@dataclass(frozen=True, slots=True)
class Backfilled:
    """`count` trades between these two came by `fill`; their records stand before this."""

    symbol: str
    first_id: int
    last_id: int
    count: int


@dataclass(frozen=True, slots=True)
class Gap:
    """Trades that are not printed, and will not be; the times are those of the trades around them."""

    symbol: str
    first_id: int
    last_id: int
    after: str
    before: str

    @property
    def missing(self) -> int:
        return self.last_id - self.first_id + 1


@dataclass(frozen=True, slots=True)
class Restarted:
    """Newer trades have older ids: the exchange counts anew, from `first_id` on; `last_id` was the last."""

    symbol: str
    last_id: int
    first_id: int


@dataclass(frozen=True, slots=True)
class Malformed:
    """An item that is no trade; nothing after it was looked at."""

    reason: str


Out = Run | FillWanted | Backfilled | Gap | Restarted | Malformed
