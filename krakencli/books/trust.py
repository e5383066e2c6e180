"""How far a book can be believed: what became of its messages, in figures. Data only."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Trust:
    """One symbol's figures, or those of several together (`total`).

    `updates` counts messages that a book was asked to take, snapshots included; of these `verified` carried
    its checksum (`padded` of them only after padding), `unverified` were taken without a look at one, and
    `failed` did not verify or could not be applied. `resyncs` are resubscriptions after a failure, `renewed`
    those that were asked for. `away` is seconds without a book that can be trusted, after it was first asked
    for or had; `last_failure` says in words what the newest failure was.
    """

    updates: int = 0
    verified: int = 0
    padded: int = 0
    unverified: int = 0
    failed: int = 0
    resyncs: int = 0
    renewed: int = 0
    away: float = 0.0
    last_failure: str = ""

    @property
    def fields(self) -> dict[str, int | float]:
        """The figures of the `end` record."""
        return {
            "updates": self.updates,
            "verified": self.verified,
            "padded": self.padded,
            "unverified": self.unverified,
            "failed": self.failed,
            "resyncs": self.resyncs,
            "renewed": self.renewed,
            "away": round(self.away, 3),
        }


def total(trusts: Iterable[Trust]) -> Trust:
    """The sums; of the failures the last in the order given."""
    whole = Trust()
    for trust in trusts:
        for name in ("updates", "verified", "padded", "unverified", "failed", "resyncs", "renewed", "away"):
            setattr(whole, name, getattr(whole, name) + getattr(trust, name))
        whole.last_failure = trust.last_failure or whole.last_failure
    return whole
