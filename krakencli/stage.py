"""What stands between the feed and the output: whoever turns updates into records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from krakencli.model import Channel, News, Run, Subscription
from krakencli.protocol.messages import Update

Step = Run | News
"""What follows from an update: records to print, or news to tell."""

Figures = Mapping[str | None, Mapping[str, int | float]]
"""What the `end` record says of each symbol beside the number of its records."""


class Stage(Protocol):
    """What the pipeline needs. Sans I/O; `now` is monotonic seconds. Whoever is a stage says what it does
    beside `take`: for the rest nothing happens, and there is nothing to tell.

    `take`, `aside` and `tick` may raise ValueError (msgspec.DecodeError is one) where an item is not what its
    channel promises, and StreamError; what came before is given before.
    """

    def take(self, updates: Sequence[Update], now: float, most: int | None) -> Iterable[Step]:
        """What updates of the channel bring, alike in type and sequence; `most` more records are wanted."""
        ...

    def aside(self, update: Update, now: float) -> Iterable[Step]:  # noqa: ARG002 - for those who do
        """What a message of another channel brings."""
        return ()

    def tick(self, now: float) -> Iterable[Step]:  # noqa: ARG002 - for those who do
        """What time alone brings."""
        return ()

    def release(self, now: float) -> Iterable[Step]:  # noqa: ARG002 - for those who do
        """The stream ends: what was held back."""
        return ()

    def hear(self, news: News, now: float) -> None:  # noqa: ARG002 - for those who do
        """What happened to the stream beside its data."""
        return

    def figures(self, now: float) -> Figures:  # noqa: ARG002 - for those who do
        """What came of each symbol."""
        return {}

    def remarks(self, now: float) -> tuple[str, ...]:  # noqa: ARG002 - for those who do
        """What a table's caption says of the data, the most wanted first."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Strand:
    """One channel of a stream: what it asks for, and the stage that makes its records. `name` is its own,
    also where a channel is asked for in two ways.
    """

    name: str
    channel: Channel
    stage: Stage
    subscriptions: tuple[Subscription, ...]


def routes(
    strands: Sequence[Strand], places: Sequence[Sequence[Subscription]]
) -> list[dict[str, list[Strand]]]:
    """For each place (a connection, with what it asks for) the strands that its messages belong to, by the
    wire's channel. What comes unasked (status) belongs to its strand wherever it comes from.
    """
    return [
        {wire: owners for wire in _wires(strands) if (owners := _owners(strands, wire, place))}
        for place in places
    ]


def _wires(strands: Sequence[Strand]) -> list[str]:
    return list(dict.fromkeys(strand.channel.wire for strand in strands))


def _owners(strands: Sequence[Strand], wire: str, place: Sequence[Subscription]) -> list[Strand]:
    asked = set(place)
    return [
        strand
        for strand in strands
        if strand.channel.wire == wire
        and (not strand.channel.subscribes or asked.intersection(strand.subscriptions))
    ]
