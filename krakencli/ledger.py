"""The stage of `balances`: every ledger entry once; after a loss the snapshot shows what has moved."""

from collections.abc import Iterator, Sequence

from krakencli.account.holdings import Holdings
from krakencli.feed import Feed
from krakencli.model import News, Record, Run
from krakencli.protocol.messages import Update
from krakencli.stage import Stage, Step

WIRE = "balances"


class Ledger(Stage):
    """Entries that were missed cannot be had: where the balances show that there were some it is a gap. With
    `first` the first snapshot is printed.
    """

    def __init__(self, feed: Feed, *, first: bool = True) -> None:
        self.holdings = Holdings()
        self._feed, self._first = feed, first
        self._sequence: int | None = None
        self._lost_at = self._back_at = ""
        self._started = False

    def take(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:  # noqa: ARG002
        for update in updates:
            if update.type == "snapshot":
                yield from self._compare(update)
            else:
                yield from self._pass(update)

    def hear(self, news: News, now: float) -> None:  # noqa: ARG002 - the news have a time
        if news.type == "disconnected" and self._feed.is_on(news.fields["connection"], WIRE):
            self._lost_at, self._sequence = self._lost_at or news.time, None
        elif news.type == "subscribed" and news.fields["subscription"] == WIRE:
            self._back_at, self._sequence = news.time, None

    def _pass(self, update: Update) -> Iterator[Step]:
        before, self._sequence = self._sequence, update.sequence
        if before is not None and update.sequence is not None and update.sequence != before + 1:
            self._lost_at = self._lost_at or self._feed.stamp()
            self._feed.renew(WIRE, None, 0.0)
            figures = {"reason": "sequence", "expected": before + 1, "sequence": update.sequence}
            yield self._feed.news("resync", WIRE, None, subscription=WIRE, **figures)
        yield Run(update.type, self._records(update), update.sequence)

    def _compare(self, update: Update) -> Iterator[Step]:
        self._sequence = update.sequence
        started, self._started = self._started, True
        if not started:
            records = self._records(update)
            yield Run(update.type, records if self._first else [], update.sequence)
            return
        changed = self.holdings.changed(update.data)
        if changed and self._lost_at:
            times = {"from": self._lost_at, "to": self._back_at or self._feed.stamp()}
            yield self._feed.news("gap", WIRE, None, subscription=WIRE, **times)
        self._lost_at = ""
        news = Update(update.channel, update.type, changed, update.sequence)
        yield Run(update.type, self._records(news), update.sequence)

    def _records(self, update: Update) -> list[Record]:
        return [(self.holdings.take(update.type, item), item) for item in update.data]
