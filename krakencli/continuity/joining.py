"""What a joint is made of: its terms, its open join, an answer that waits, its figures, and what it says."""

from dataclasses import dataclass, field

from krakencli.continuity.join_news import Page, Reason
from krakencli.continuity.matching import Seen

SETTLED = 5.0
"""Seconds after which REST has what happened before, where the stream itself cannot tell: nothing came."""

TOO_FAST = "more trades than are remembered"
NOT_BEGUN = "no trade was printed before"
APART = "REST and the stream have no trade in common"
TOO_SLOW = "REST was too slow"
TOO_MANY = "more trades than are held"
LEFT_OUT = "REST leaves them out"
ALIKE = "alike to the first trade of the stream, perhaps older"
ENDED = "the stream ended before REST had them"
NO_WAITING = "REST is not asked"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for all symbols. `timeout` is how many seconds trades are held, 0 holds none;
    `asks` says whether REST can be asked, `audits` whether it is from time to time; `remember` bounds what
    is remembered of a symbol; `unit` is the length of a second.
    """

    timeout: float
    asks: bool
    audits: bool
    remember: int
    unit: float


@dataclass(slots=True)
class Join:
    """A hole since a loss, of which `stamp` is the end. Trades from `fresh` on came after it; they are waited
    for until `until`, which counts from the first of them. REST is asked from `ask_at` on; `met` is the time
    of the newest of them that it has, in microseconds since 1970.
    """

    stamp: str
    began: float
    ask_at: float
    held: list[Seen] = field(default_factory=list)
    fresh: int = 0
    until: float | None = None
    met: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A page that is compared at `due`, when the stream has brought what REST knows already."""

    page: Page
    reason: Reason
    asked_at: float
    due: float


@dataclass(slots=True)
class JointFigures:
    """What became of a symbol's trades; `audited` are those of the stream that REST has too."""

    backfilled: int = 0
    duplicates: int = 0
    missing: int = 0
    surplus: int = 0
    audited: int = 0
