"""All kinds of faults by name, with what may be said of each."""

from __future__ import annotations

from krakencli.sandbox.faults import books, calls, gate, lines, private, spoilt, subscriptions, trades
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.faults.watch import WatchedKind

WATCHED: dict[str, WatchedKind] = (
    books.KINDS | trades.KINDS | subscriptions.KINDS | lines.KINDS | spoilt.KINDS | private.KINDS
)
"""Those that act at connections."""

KINDS: dict[str, Terms] = {
    **{name: kind.terms for name, kind in WATCHED.items()},
    **gate.KINDS,
    **{name: kind.terms for name, kind in calls.KINDS.items()},
}
