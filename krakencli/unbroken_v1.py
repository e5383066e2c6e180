"""The stage of API v1's trades, which have no ids: joined with REST's rows after a loss, compared in time.

Between `continuity`, which does no I/O, and a worker thread that asks REST for one page after the other.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Raw

from krakencli.background import Call, OneByOne
from krakencli.continuity import (
    Filled,
    Joined,
    Malformed,
    Page,
    Row,
    RowsWanted,
    Surplus,
    Told,
    Unaudited,
    Unjoined,
)
from krakencli.errors import StreamError
from krakencli.feed import Feed
from krakencli.model import News, Run
from krakencli.protocol.messages import Update
from krakencli.stage import Figures, Stage, Step

WIRE = "trade"
NO_TIME = "REST was too slow"

Found = tuple[Sequence[tuple[int, int, bytes]], int | None, bool]
"""A page of REST's trades: id, time in nanoseconds and item of each; where the next page begins, in
nanoseconds; and whether there may be one.
"""
Ask = Callable[[RowsWanted], Found | None]
"""A page, or None where there is no time for it. Runs in a thread, and may raise StreamError."""


class JoinedTrades(Stage):
    """`ask` is None where REST is off: then what nobody listened to is told."""

    def __init__(self, joined: Joined, feed: Feed, ask: Ask | None) -> None:
        self._joined, self._feed = joined, feed
        self._rest = None if ask is None else OneByOne(ask)
        self._granted: set[str] = set()
        self._lost_at: dict[str, str] = {}
        self._untold: list[Told] = []

    @property
    def waiting(self) -> bool:
        """Whether a hole is open."""
        return self._joined.waiting

    def take(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:  # noqa: ARG002
        yield from self._heard()
        yield from self._follow(self._joined.take(updates, now))

    def tick(self, now: float) -> Iterator[Step]:
        yield from self._heard()
        for wanted, call in self._rest.answers() if self._rest is not None else ():
            yield from self._follow(self._answered(wanted, call, now))
        if self._feed.caught_up:
            yield from self._follow(self._joined.tick(now))

    def release(self, now: float) -> Iterator[Step]:  # noqa: ARG002 - all of it
        yield from self._heard()
        yield from self._follow(self._joined.release())

    def hear(self, news: News, now: float) -> None:
        if news.type == "disconnected":
            symbols = self._feed.symbols_of(news.fields["connection"], WIRE)
            heard = [symbol for symbol in symbols if symbol in self._granted]
            self._lost_at = dict.fromkeys(heard, news.time) | self._lost_at
        elif news.type == "subscribed" and news.fields["subscription"] == WIRE:
            symbol = str(news.fields["symbol"])
            if symbol not in self._granted:
                self._granted.add(symbol)
                self._joined.subscribed(symbol, now)
                return
            lost = self._lost_at.pop(symbol, None)
            self._untold += self._joined.resumed(symbol, lost, news.time, now)

    def figures(self, now: float) -> Figures:  # noqa: ARG002 - they do not depend on time
        return {
            symbol: {
                "backfilled": one.backfilled,
                "duplicates": one.duplicates,
                "missing": one.missing,
                "surplus": one.surplus,
                "audited": one.audited,
            }
            for symbol, one in self._joined.figures().items()
        }

    def remarks(self, now: float) -> tuple[str, ...]:  # noqa: ARG002 - as above
        figures = self._joined.figures().values()
        filled, missing = sum(one.backfilled for one in figures), sum(one.missing for one in figures)
        audited = sum(one.audited for one in figures)
        told = ((filled, "backfilled"), (missing, "missing"), (audited, "audited"))
        return tuple(f"{number:,} {word}" for number, word in told if number)

    def _heard(self) -> Iterator[Step]:
        """What follows from the news, before anything else does."""
        untold, self._untold = self._untold, []
        return self._follow(untold)

    def _answered(self, wanted: RowsWanted, call: Call[Found | None], now: float) -> list[Told]:
        if call.error is not None:
            if not isinstance(call.error, StreamError):
                raise call.error
            return self._joined.fail(wanted, call.error.message)
        if call.result[0] is None:
            return self._joined.fail(wanted, NO_TIME)
        found, last, full = call.result[0]
        rows = tuple(Row(trade_id, time // 1000, Raw(item)) for trade_id, time, item in found)
        return self._joined.answer(wanted, Page(rows, last, full), now)

    def _follow(self, outs: Iterable[Told | Malformed]) -> Iterator[Step]:
        for out in outs:
            match out:
                case Run():
                    yield out
                case RowsWanted():
                    assert self._rest is not None
                    self._rest.ask(out)
                case Filled(count=count, reason=reason):
                    ids = {"first_id": out.first_id, "last_id": out.last_id, "count": count}
                    yield self._news("backfilled", out, reason=reason, **ids)
                case Unjoined(reason=reason, ids=ids):
                    known = dict(zip(("first_id", "last_id"), ids, strict=False))
                    missing = {"missing": ids[1] - ids[0] + 1} if ids else {}
                    yield self._news("gap", out, reason=reason, **known, **missing)
                case Surplus(count=count):
                    yield self._news("surplus", out, count=count)
                case Unaudited(symbol=symbol, reason=reason):
                    yield self._feed.news("unaudited", WIRE, symbol, subscription=WIRE, reason=reason)
                case Malformed(reason=reason):
                    raise ValueError(reason)

    def _news(self, type_: str, about: Filled | Unjoined | Surplus, **more: Any) -> News:
        times = {"from": about.after, "to": about.before}
        return self._feed.news(type_, WIRE, about.symbol, subscription=WIRE, **times, **more)
