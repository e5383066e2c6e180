"""What stands between the feed and the output: whoever turns updates into records. Types only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from krakencli.model import News, Run
from krakencli.protocol.v2 import Update

Step = Run | News
"""What follows from an update: records to print, or news to tell."""

Figures = Mapping[str | None, Mapping[str, int | float]]
"""What the `end` record says of each symbol beside the number of its records."""


class Stage(Protocol):
    """What the pipeline needs. Sans I/O; `now` is monotonic seconds.

    `take`, `aside` and `tick` may raise ValueError (msgspec.DecodeError is one) where an item is not what its
    channel promises, and StreamError; what came before is given before.
    """

    def take(self, updates: Sequence[Update], now: float, most: int | None) -> Iterable[Step]:
        """What updates of the channel bring, alike in type and sequence; `most` more records are wanted."""
        ...

    def aside(self, update: Update, now: float) -> Iterable[Step]:
        """What a message of another channel brings."""
        ...

    def tick(self, now: float) -> Iterable[Step]:
        """What time alone brings."""
        ...

    def hear(self, news: News, now: float) -> None:
        """What happened to the stream beside its data."""
        ...

    def figures(self, now: float) -> Figures: ...

    def remarks(self, now: float) -> tuple[str, ...]:
        """What a table's caption says of the data, the most wanted first."""
        ...
