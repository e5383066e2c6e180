"""What a message did to a book, and what the book may be used for afterwards."""

from enum import Enum

from msgspec import Struct


class Verdict(Enum):
    """What became of one message."""

    VERIFIED = "verified"
    """Applied, and the checksum is the book's."""
    UNVERIFIABLE = "unverifiable"
    """Applied; the message had no checksum, or the book was told not to look at it."""
    MISMATCH = "mismatch"
    """Applied, and the checksum is not the book's: the record must not be used. The book waits for a word."""
    NO_SNAPSHOT = "no snapshot"
    """Refused: an update before the first snapshot. Nothing changed."""
    BROKEN = "broken"
    """Refused: an update after a mismatch and before the next snapshot. Nothing changed."""


class State(Enum):
    """What a book is."""

    EMPTY = "empty"
    """It waits for its first snapshot."""
    LIVE = "live"
    """It is what the exchange has, as far as a checksum can say."""
    DOUBTFUL = "doubtful"
    """The last message did not verify. The levels are kept until `pad`, `reject` or the next snapshot."""
    BROKEN = "broken"
    """Given up: no levels, until the next snapshot."""


class Outcome(Struct, frozen=True, gc=False):
    """A verdict and its evidence.

    `expected` is the message's checksum (None where it has none or was refused), `computed` the book's own
    from the wire's digits (None where nothing was computed). `padded` says that only padding made them agree.
    `crossed` says that the best bid is not below the best ask: with a verified checksum this is the
    exchange's own book.
    """

    verdict: Verdict
    expected: int | None = None
    computed: int | None = None
    crossed: bool = False
    padded: bool = False

    @property
    def usable(self) -> bool:
        """Whether the record may be emitted."""
        return self.verdict is Verdict.VERIFIED or self.verdict is Verdict.UNVERIFIABLE
