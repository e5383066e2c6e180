"""How far a book can be believed: what became of its messages, in figures. Data only."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace


@dataclass(slots=True)
class Trust:
    """One symbol's figures, or those of several together (`total`).

    Of the messages that a book took, snapshots included, `verified` carried its checksum (`padded` of them
    only after padding), `unverified` were taken without a look at one, and `failed` did not verify or came
    before their snapshot; `updates` is all of these. What was still under way when a book had been given up
    is in none of them. `resyncs` are the failures that a new snapshot has healed, `renewed` the snapshots
    that came for no other reason than --resnapshot. `away` is the seconds without a book that can be
    trusted, from a failure, a renewal or the loss of the connection on; `last_failure` says in words what the
    newest failure was.
    """

    verified: int = 0
    padded: int = 0
    unverified: int = 0
    failed: int = 0
    resyncs: int = 0
    renewed: int = 0
    away: float = 0.0
    last_failure: str = ""

    @property
    def updates(self) -> int:
        """The messages that were judged."""
        return self.verified + self.unverified + self.failed

    @property
    def fields(self) -> dict[str, int | float]:
        """The figures of the `end` record."""
        figures = {name: getattr(self, name) for name in _FIGURES}
        return {"updates": self.updates, **figures, "away": round(self.away, 3)}

    def until(self, now: float, away_since: float | None) -> "Trust":
        """The figures at a moment at which the book may still be away."""
        return replace(self, away=self.away + (0.0 if away_since is None else now - away_since))


_FIGURES = tuple(field.name for field in fields(Trust) if field.name != "last_failure")


def total(trusts: Iterable[Trust]) -> Trust:
    """The sums; of the failures the last in the order given."""
    whole = Trust()
    for trust in trusts:
        for name in _FIGURES:
            setattr(whole, name, getattr(whole, name) + getattr(trust, name))
        whole.last_failure = trust.last_failure or whole.last_failure
    return whole
