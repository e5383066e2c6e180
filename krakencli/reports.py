"""The stage of `executions`, and of v1's `openOrders` and `ownTrades`: what the follower says becomes records
and news, what it wishes is asked for.

Between `account`, which does no I/O, and a worker thread that asks REST.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from krakencli.account import (
    Backfilled,
    Follower,
    Gap,
    History,
    HistoryWanted,
    Malformed,
    Out,
    SequenceBroken,
    Unsettled,
)
from krakencli.background import OneByOne
from krakencli.feed import Feed
from krakencli.model import News, Run
from krakencli.protocol.messages import Update
from krakencli.stage import Figures, Stage, Step

Ask = Callable[[HistoryWanted], History]
"""What REST knows; runs in a thread, and may raise StreamError."""


class Reports(Stage):
    """`ask` is None where REST cannot be asked: then what is missing is told at once. Without `snapshots`
    (sub-accounts) nothing can be compared after a loss. `wire` is the channel that brings the reports.
    """

    def __init__(
        self, follower: Follower, feed: Feed, ask: Ask | None, *, wire: str, snapshots: bool = True
    ) -> None:
        self.follower, self._wire = follower, wire
        self._feed, self._snapshots = feed, snapshots
        self._rest = None if ask is None else OneByOne(ask)
        self._lost_at = ""
        self._untold: list[Step] = []

    def take(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:  # noqa: ARG002
        for update in updates:
            yield from self._follow(self.follower.take(update, now))

    def tick(self, now: float) -> Iterator[Step]:
        yield from self._untold
        self._untold.clear()
        for wish, call in self._rest.answers() if self._rest is not None else ():
            history = call.result[0] if call.error is None else History()
            yield from self._follow(self.follower.fill(wish, history))
        yield from self._follow(self.follower.tick(now))

    def release(self, now: float) -> Iterator[Step]:
        return self._follow(self.follower.release(now))

    def hear(self, news: News, now: float) -> None:
        if self._is_lost(news):
            self._lost_at = self._lost_at or news.time
            if self._snapshots:
                self.follower.lost(news.time)
        elif news.type == "subscribed" and news.fields["subscription"] == self._wire:
            lost_at, self._lost_at = self._lost_at, ""
            if self._snapshots:
                self.follower.granted(news.time, now, renewed=bool(news.fields.get("renewed")))
            elif lost_at:
                self._untold.append(self._news("gap", **{"from": lost_at, "to": news.time}))

    def _is_lost(self, news: News) -> bool:
        """Whether the connection is gone, or the exchange ended what it had granted."""
        if news.type == "rejected":
            return news.fields.get("subscription") == self._wire and bool(news.fields.get("again"))
        return news.type == "disconnected" and self._feed.is_on(news.fields["connection"], self._wire)

    def figures(self, now: float) -> Figures:  # noqa: ARG002 - they do not depend on time
        one = self.follower.figures
        return {
            None: {
                "fills": one.fills,
                "backfilled": one.backfilled,
                "duplicates": one.duplicates,
                "unsettled": one.unsettled,
            }
        }

    def remarks(self, now: float) -> tuple[str, ...]:  # noqa: ARG002 - as above
        one = self.follower.figures
        figures = (
            (len(self.follower.orders.open), "open"),
            (one.fills, "fills"),
            (one.backfilled, "backfilled"),
        )
        return tuple(f"{number:,} {word}" for number, word in figures if number)

    def _follow(self, outs: Iterable[Out]) -> Iterator[Step]:
        for out in outs:
            match out:
                case Run():
                    yield out
                case HistoryWanted():
                    yield from self._wish(out)
                case Malformed(reason=reason):
                    raise ValueError(reason)
                case _:
                    yield self._tell(out)

    def _wish(self, wish: HistoryWanted) -> Iterator[Step]:
        if self._rest is None:
            yield from self._follow(self.follower.fill(wish, History()))
        else:
            self._rest.ask(wish)

    def _tell(self, out: Backfilled | Gap | Unsettled | SequenceBroken) -> News:
        match out:
            case Backfilled(first_id=first, last_id=last, count=count):
                return self._news("backfilled", first_id=first, last_id=last, count=count)
            case Gap(after=after, before=before):
                return self._news("gap", **{"from": after, "to": before})
            case Unsettled(order_id=order_id, after=after, before=before):
                reason = "an order is gone, and nobody could tell how it ended"
                return self._news("gap", order_id=order_id, reason=reason, **{"from": after, "to": before})
            case SequenceBroken(expected=expected, sequence=sequence):
                self._feed.renew(self._wire, None, 0.0)
                return self._news("resync", reason="sequence", expected=expected, sequence=sequence)

    def _news(self, type_: str, **fields: object) -> News:
        return self._feed.news(type_, self._wire, None, subscription=self._wire, **fields)
