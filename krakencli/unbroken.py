"""The stage of trades: every trade once, in order; what the socket did not bring comes from REST.

Between `continuity`, which does no I/O, and a worker thread that asks REST for one hole after the other.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Raw

from krakencli.background import Call, OneByOne
from krakencli.continuity import Backfilled, Continuity, FillWanted, Gap, Malformed, Out, Restarted
from krakencli.feed import Feed
from krakencli.model import News, Run
from krakencli.protocol.messages import Update
from krakencli.stage import Figures, Stage, Step

Ask = Callable[[FillWanted], Mapping[int, bytes]]
"""What REST has of the missing trades, by id; runs in a thread, and may raise StreamError."""


class Trades(Stage):
    """`ask` is None where REST is off: then a hole is told as soon as it is no mere disorder."""

    def __init__(self, continuity: Continuity, feed: Feed, ask: Ask | None) -> None:
        self._continuity, self._feed = continuity, feed
        self._rest = None if ask is None else OneByOne(ask)
        self._granted: set[str] = set()
        self._lost_at: dict[str, str] = {}
        self._untold: list[News] = []

    @property
    def waiting(self) -> bool:
        """Whether a hole is open."""
        return self._continuity.waiting

    def take(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:  # noqa: ARG002
        if self._untold:  # before what came after it: the stream may end there
            yield from self._heard()
        yield from self._follow(self._continuity.take(updates, now))

    def tick(self, now: float) -> Iterator[Step]:
        yield from self._heard()
        for wanted, call in self._rest.answers() if self._rest is not None else ():
            yield from self._answered(wanted, call)
        if self._feed.caught_up:
            yield from self._follow(self._continuity.tick(now))

    def release(self, now: float) -> Iterator[Step]:  # noqa: ARG002 - all of it
        return self._follow(self._continuity.release())

    def hear(self, news: News, now: float) -> None:  # noqa: ARG002 - the news have a time
        if news.type == "disconnected":
            symbols = self._feed.symbols_of(news.fields["connection"], "trade")
            self._continuity.lost(symbols)
            heard = [symbol for symbol in symbols if symbol in self._granted]
            self._lost_at = dict.fromkeys(heard, news.time) | self._lost_at
        elif news.type == "subscribed" and news.fields["subscription"] == "trade":
            symbol = str(news.fields["symbol"])
            self._granted.add(symbol)
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

    def _heard(self) -> Iterator[Step]:
        """What is to be told of a connection that was lost."""
        yield from self._untold
        self._untold.clear()

    def _answered(self, wanted: FillWanted, call: Call[Mapping[int, bytes]]) -> Iterator[Step]:
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
                case FillWanted():
                    yield from self._wish(out)
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

    def _wish(self, wanted: FillWanted) -> Iterator[Step]:
        if self._rest is None:
            yield from self._follow(self._continuity.fail(wanted))
        else:
            self._rest.ask(wanted)

    def _gap(self, gap: Gap) -> News:
        ids = {"first_id": gap.first_id, "last_id": gap.last_id, "missing": gap.last_id - gap.first_id + 1}
        times = {"from": gap.after, "to": gap.before}
        return self._feed.news("gap", "trade", gap.symbol, subscription="trade", **times, **ids)
