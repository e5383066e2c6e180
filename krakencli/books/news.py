"""What the keeper of books tells its owner, in the order in which it happened. Data only."""

from dataclasses import dataclass

from krakencli.model import Run


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a book was given up. `reason` is checksum, no snapshot or no answer; the checksums are the
    message's and the book's own, None where there was none to compare.
    """

    reason: str
    expected: int | None = None
    computed: int | None = None

    def __str__(self) -> str:
        if self.reason != "checksum":
            return REASONS[self.reason]
        return f"checksum {self.computed} instead of {self.expected}"


REASONS = {
    "no snapshot": "an update came before its snapshot",
}


@dataclass(frozen=True, slots=True)
class Failed:
    """A book was given up; a new snapshot of the symbol is wanted in `delay` seconds. `attempt` counts from 1
    since the book was last well.
    """

    symbol: str
    failure: Failure
    attempt: int
    delay: float


@dataclass(frozen=True, slots=True)
class Hopeless:
    """A book was given up, and so many new snapshots have not helped that none is wanted."""

    symbol: str
    failure: Failure
    attempts: int


@dataclass(frozen=True, slots=True)
class Restored:
    """A new snapshot has verified; `failure` is the first one since the book was trusted, `away` the seconds
    without it.
    """

    symbol: str
    failure: Failure
    attempts: int
    away: float


@dataclass(frozen=True, slots=True)
class Crossed:
    """The best bid is not below the best ask, and the checksum says that the exchange's book is so too."""

    symbol: str
    bid: str
    ask: str


@dataclass(frozen=True, slots=True)
class Unchecked:
    """The exchange has stopped sending checksums of this book: it is printed, and nobody can verify it."""

    symbol: str


@dataclass(frozen=True, slots=True)
class PrecisionsWanted:
    """A message did not verify as it came, and nobody has told the pairs' decimals yet."""


@dataclass(frozen=True, slots=True)
class RenewalWanted:
    """It is time for a new snapshot of a book that is well."""

    symbol: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """An item that is none of its channel; nothing after it was looked at."""

    reason: str


Out = Run | Failed | Hopeless | Restored | Crossed | Unchecked | PrecisionsWanted | RenewalWanted | Malformed
