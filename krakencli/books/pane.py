"""One book as a person looks at it: its levels, its top and how far to believe it. Data only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from krakencli.books.summary import Rung, Top
from krakencli.books.trust import Trust

Standing = Literal["waiting", "verified", "unverified", "doubtful", "away"]
"""waiting: no snapshot yet. verified: the last message carried its checksum. unverified: nobody looks at
checksums. doubtful: the last message did not verify, and padding may still save it. away: given up, and
subscribed again.
"""


@dataclass(frozen=True, slots=True)
class Pane:
    """A book at one moment; levels are best first, as many as were asked for. No levels where it is away.

    `has_orders` says whether the rungs know how many orders stand there (level3).
    """

    symbol: str
    standing: Standing
    asks: Sequence[Rung]
    bids: Sequence[Rung]
    top: Top
    trust: Trust
    has_orders: bool = False


class Panes(Protocol):
    """Where panes come from: books that are alive, looked at when something is drawn."""

    @property
    def symbols(self) -> Sequence[str]:
        """All symbols, in the order of the command line where that is known."""
        ...

    def pane(self, symbol: str, levels: int) -> Pane: ...
