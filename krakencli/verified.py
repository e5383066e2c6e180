"""The stage of order books: only what verifies becomes a record, and what does not is subscribed to anew.

Between the keeper of the books, which does no I/O, and the feed, which does what the keeper wants.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from krakencli.background import Call, start
from krakencli.books.keeper import Keeper
from krakencli.books.news import (
    Crossed,
    Failed,
    Failure,
    Hopeless,
    Malformed,
    Out,
    PrecisionsWanted,
    RenewalWanted,
    Restored,
    Unchecked,
)
from krakencli.books.trust import total
from krakencli.errors import UntrustedError
from krakencli.feed import Feed
from krakencli.model import News, Run, Subscription
from krakencli.protocol.messages import Update
from krakencli.stage import Figures, Stage, Step

INSTRUMENT = Subscription("instrument")
"""Where the pairs' decimals stand (protocol notes v2 §7.5)."""


Precisions = Mapping[str, tuple[int, int]]
"""Decimals of price and quantity, by symbol."""

MOST_DECIMALS = 30
"""More is no pair's precision; a coin has eighteen at most."""


class _Pair(Struct, gc=False):
    symbol: str
    price_precision: int
    qty_precision: int


_pair = msgspec.json.Decoder(_Pair)


class Books(Stage):
    """`keep_going` drops a book that will not heal, as long as there are others.

    The pairs' decimals come from `instrument` on the same connection, or where `look_up` is given from that,
    in the background: other hosts than the public one do not serve that channel.
    """

    def __init__(
        self,
        keeper: Keeper,
        feed: Feed,
        *,
        keep_going: bool = False,
        look_up: Callable[[], Precisions] | None = None,
    ) -> None:
        self._keeper, self._feed, self._wire = keeper, feed, keeper.channel
        self._keep_going = keep_going
        self._look_up = look_up
        self._looking_up: Call[Precisions] | None = None

    def take(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:
        return self._follow(self._keeper.take(updates, now, most))

    def aside(self, update: Update, now: float) -> Iterator[Step]:
        """The pairs' decimals; a message without any says that nobody can tell them."""
        if update.channel == INSTRUMENT.wire and update.type != "update":
            return self._follow(self._keeper.tell_precisions(precisions(update), now))
        return iter(())

    def tick(self, now: float) -> Iterator[Step]:
        if self._looking_up is not None and self._looking_up.done.is_set():
            found = self._looking_up.result or [{}]  # an error tells nobody's decimals
            self._looking_up = None
            yield from self._follow(self._keeper.tell_precisions(found[0], now))
        yield from self._follow(self._keeper.tick(now, caught_up=self._feed.caught_up))

    def release(self, now: float) -> Iterator[Step]:
        return self._follow(self._keeper.release(now))

    def hear(self, news: News, now: float) -> None:
        if news.type == "disconnected":
            self._keeper.lost(self._feed.symbols_of(news.fields["connection"], self._wire), now)
        elif news.fields.get("subscription") == self._wire and "symbol" in news.fields:
            if news.type == "subscribed" and news.fields.get("renewed"):
                self._keeper.renewed(str(news.fields["symbol"]))
            elif news.type == "rejected" and not news.fields["again"]:
                self._keeper.refused(str(news.fields["symbol"]))

    def figures(self, now: float) -> Figures:
        return {symbol: trust.fields for symbol, trust in self._keeper.trusts(now).items()}

    def remarks(self, now: float) -> tuple[str, ...]:
        """How far all books together can be believed."""
        trust = total(self._keeper.trusts(now).values())
        figures = [f"{trust.verified:,} verified"] if trust.verified or not trust.unverified else []
        figures += [f"{trust.unverified:,} unverified"] if trust.unverified else []
        figures += [f"{trust.failed:,} failed"] if trust.failed else []
        return (*figures, *([f"away {trust.away:.1f} s"] if trust.away >= 0.05 else []))

    def _follow(self, outs: Iterable[Out]) -> Iterator[Step]:
        """Records and news as they are, wishes to the feed.

        Raises UntrustedError for a book that will not heal, ValueError for an item that is none.
        """
        for out in outs:
            match out:
                case Run():
                    yield out
                case Malformed(reason=reason):
                    raise ValueError(reason)
                case Hopeless():
                    yield from self._give_up(out)
                case PrecisionsWanted():
                    self._ask_precisions()
                case RenewalWanted(symbol=symbol):
                    self._feed.renew(self._wire, symbol, 0.0)
                case _:
                    yield self._tell(out)

    def _tell(self, out: Failed | Restored | Crossed | Unchecked) -> News:
        symbol = out.symbol
        match out:
            case Failed(failure=failure, attempt=attempt, delay=delay):
                self._feed.renew(self._wire, symbol, delay)
                more = {"attempt": attempt, "delay": round(delay, 3)}
                return self._feed.news("untrusted", self._wire, symbol, **_words(failure), **more)
            case Restored(failure=failure, attempts=attempts, away=away):
                more = {"attempts": attempts, "away": round(away, 3)}
                return self._feed.news("resync", self._wire, symbol, **_words(failure), **more)
            case Crossed(bid=bid, ask=ask):
                return self._feed.news("crossed", self._wire, symbol, bid=bid, ask=ask)
            case Unchecked():
                reason = "the exchange sends no checksum"
                return self._feed.news("unverified", self._wire, symbol, reason=reason)

    def _ask_precisions(self) -> None:
        if self._look_up is None:
            self._feed.consult(INSTRUMENT)
        elif self._looking_up is None:
            self._looking_up = start(self._look_up)

    def _give_up(self, hopeless: Hopeless) -> Iterator[Step]:
        """Go on without it, or raise UntrustedError where there is nothing else."""
        symbol, attempts = hopeless.symbol, hopeless.attempts
        fields: dict[str, Any] = {**_words(hopeless.failure), "attempts": attempts, "dropped": True}
        news = self._feed.news("untrusted", self._wire, symbol, **fields)
        self._feed.drop(self._wire, symbol)
        going_on = self._keep_going and bool(self._feed.wanted)
        yield News(news.type, news.time, {**news.fields, "going_on": going_on})
        if going_on:
            self._keeper.drop(symbol)
            return
        raise UntrustedError(
            f"the book of {symbol} cannot be trusted{after(attempts)}: {hopeless.failure}",
            suggestion="try again later; --max-resyncs allows more, --no-verify looks at none",
            retryable=True,
        )


def after(attempts: int) -> str:
    """How much was tried, in words."""
    return "" if attempts == 0 else f" after {attempts} new snapshot{'s' * (attempts != 1)}"


def precisions(update: Update) -> Precisions:
    """Decimals of price and quantity by symbol, from a message of `instrument`; odd entries are left out."""
    found = {}
    for item in update.members.get("pairs", ()):
        try:
            pair = _pair.decode(item)
        except msgspec.DecodeError:
            continue
        if 0 <= pair.price_precision <= MOST_DECIMALS and 0 <= pair.qty_precision <= MOST_DECIMALS:
            found[pair.symbol] = pair.price_precision, pair.qty_precision
    return found


def _words(failure: Failure) -> dict[str, str | int]:
    checksums = {"expected": failure.expected, "computed": failure.computed}
    known = {name: value for name, value in checksums.items() if value is not None}
    return {"reason": failure.reason, **known}
