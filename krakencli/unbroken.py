"""The stage of trades: every trade once, in order; what the socket did not bring comes from REST.

Between `continuity`, which does no I/O, and a worker thread that asks REST for one hole after the other.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Raw

from krakencli.background import Call, start
from krakencli.continuity import Backfilled, Continuity, FillWanted, Gap, Malformed, Out, Restarted
from krakencli.feed import Feed
from krakencli.model import News, Run
from krakencli.protocol.v2 import Update
from krakencli.stage import Figures, Step

Ask = Callable[[FillWanted], Mapping[int, bytes]]
"""What REST has of the missing trades, by id; runs in a thread, and may raise StreamError."""


class Trades:
    """`ask` is None where REST is off: then a hole is told as soon as it is no mere disorder."""

    def __init__(self, continuity: Continuity, feed: Feed, ask: Ask | None) -> None:
        self._continuity, self._feed, self._ask = continuity, feed, ask
        self._due: deque[FillWanted] = deque()
        self._asking: tuple[FillWanted, Call[Mapping[int, bytes]]] | None = None
        self._lost_at: dict[str, str] = {}
        self._untold: list[News] = []

    @property
    def waiting(self) -> bool:
        """Whether a hole is open."""
        return self._continuity.waiting

    def take(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:  # noqa: ARG002
        return self._follow(self._continuity.take(updates, now))

    def aside(self, update: Update, now: float) -> Iterator[Step]:  # noqa: ARG002 - nothing is consulted here
        return iter(())

    def tick(self, now: float) -> Iterator[Step]:
        yield from self._untold
        self._untold.clear()
        if self._asking is not None and self._asking[1].done.is_set():
            yield from self._answered()
        if self._feed.caught_up:
            yield from self._follow(self._continuity.tick(now))
        if self._asking is None and self._due and self._ask is not None:
            wanted, ask = self._due.popleft(), self._ask
            self._asking = wanted, start(lambda: ask(wanted))

    def release(self, now: float) -> Iterator[Step]:  # noqa: ARG002 - all of it
        return self._follow(self._continuity.release())

    def hear(self, news: News, now: float) -> None:  # noqa: ARG002 - the news have a time
        if news.type == "disconnected":
            symbols = self._feed.symbols_of(news.fields["connection"], "trade")
            self._continuity.lost(symbols)
            self._lost_at = dict.fromkeys(symbols, news.time) | self._lost_at
        elif news.type == "subscribed" and news.fields["subscription"] == "trade":
            symbol = str(news.fields["symbol"])
            since = self._lost_at.pop(symbol, None)
            if since is not None and not self._continuity.began(symbol):
                times = {"subscription": "trade", "from": since, "to": news.time}
                self._untold.append(self._feed.news("gap", "trade", symbol, **times))

    def figures(self, now: float) -> Figures:  # noqa: ARG002 - they do not depend on time
        return {
            symbol: {
                "backfilled": one.backfilled,
                "duplicates": one.duplicates,
                "missing": one.missing,
            }
            for symbol, one in self._continuity.figures().items()
        }

    def remarks(self, now: float) -> tuple[str, ...]:  # noqa: ARG002 - as above
        figures = self._continuity.figures().values()
        filled, missing = sum(one.backfilled for one in figures), sum(one.missing for one in figures)
        return tuple(
            f"{number:,} {word}" for number, word in ((filled, "backfilled"), (missing, "missing")) if number
        )

    def _answered(self) -> Iterator[Step]:
        assert self._asking is not None
        (wanted, call), self._asking = self._asking, None
        if call.error is not None:
            yield from self._follow(self._continuity.fail(wanted))
            return
        items = {number: Raw(item) for number, item in call.result[0].items()}
        yield from self._follow(self._continuity.fill(wanted, items))

    def _follow(self, outs: Iterable[Out]) -> Iterator[Step]:
        for out in outs:
            match out:
                case Run():
                    yield out
                case FillWanted() if self._ask is None:
                    yield from self._follow(self._continuity.fail(out))
                case FillWanted():
                    self._due.append(out)
                case Backfilled(symbol=symbol, first_id=first, last_id=last, count=count):
                    yield self._feed.news(
                        "backfilled", "trade", symbol, first_id=first, last_id=last, count=count
                    )
                case Gap():
                    yield self._gap(out)
                case Restarted(symbol=symbol, last_id=last, first_id=first):
                    yield self._feed.news("restarted", "trade", symbol, last_id=last, first_id=first)
                case Malformed(reason=reason):
                    raise ValueError(reason)

    def _gap(self, gap: Gap) -> News:
        ids = {"first_id": gap.first_id, "last_id": gap.last_id, "missing": gap.last_id - gap.first_id + 1}
        times = {"from": gap.after, "to": gap.before}
        return self._feed.news("gap", "trade", gap.symbol, subscription="trade", **times, **ids)
