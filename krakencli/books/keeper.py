"""All books of one stream: each message is applied and verified before its record may be printed.

Sans I/O: updates in, `news` out, in the order in which things happened. The keeper never subscribes; it says
what is wanted (a new snapshot, the pairs' decimals) and is told what came of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec import Raw

from krakencli.books.checked import Checked, Message
from krakencli.books.decoding import decode_book, decode_level3
from krakencli.books.kept import Held, Kept
from krakencli.books.l2 import Book
from krakencli.books.l3 import OrderBook
from krakencli.books.news import (
    Crossed,
    Failure,
    Malformed,
    Out,
    PrecisionsWanted,
    RenewalWanted,
    Unchecked,
)
from krakencli.books.outcome import Outcome, State, Verdict
from krakencli.books.pane import Pane
from krakencli.books.trust import Trust
from krakencli.books.views import View
from krakencli.model import Record, run_of

HOLD_FOR = 5.0
HOLD_MOST = 10_000
"""How long, and how many messages of a symbol, are held for want of the pair's decimals."""
RENEW_AGAIN = 30.0
"""Seconds after which a new snapshot that was asked for and has not come is asked for again."""
LOOK_EVERY = 0.05


class Batch(Protocol):
    """A message of the channel: its type, and its items as text."""

    @property
    def type(self) -> str: ...

    @property
    def data(self) -> Sequence[Raw]: ...


@dataclass(frozen=True, slots=True)
class Care:
    """How books are kept. `max_resyncs` new snapshots in ten minutes may fail to help; `resnapshot` renews a
    book after so many seconds. `pads` says that a message that does not verify is tried with the pair's
    decimals; API v1's digits are final (protocol notes v1 §2).
    """

    verify: bool = True
    pads: bool = True
    max_resyncs: int = 5
    resnapshot: float | None = None
    unit: float = 1.0


class Keeper:
    """`channel` is book or level3, `depth` the levels that were subscribed to.

    `view` makes the records; without one they are the exchange's own items.
    """

    def __init__(
        self,
        channel: str,
        symbols: Iterable[str],
        depth: int,
        *,
        care: Care = Care(),
        view: View | None = None,
    ) -> None:
        self.channel = channel
        self._decode: Callable[[Raw], Message] = decode_level3 if channel == "level3" else decode_book
        make: Callable[..., Checked[Any]] = OrderBook if channel == "level3" else Book
        self._has_orders = channel == "level3"
        self._care, self._view = care, view
        self._kept = {
            symbol: Kept(
                symbol,
                make(depth, verify=care.verify),
                max_resyncs=care.max_resyncs,
                unit=care.unit,
            )
            for symbol in symbols
        }
        self._precisions: Mapping[str, tuple[int, int]] | None = None
        self._look_at = 0.0

    def take(self, batches: Iterable[Batch], now: float, most: int | None = None) -> list[Out]:
        """What messages bring; it stops after `most` records.

        An item that is none of the channel ends the list with `Malformed`.
        """
        out: list[Out] = []
        left = -1 if most is None else most
        decode, kept_of, view = self._decode, self._kept.get, self._view
        try:
            for batch in batches:
                type_ = batch.type
                snapshot = type_ == "snapshot"
                run: list[Record] | None = None
                for item in batch.data:
                    message = decode(item)
                    kept = kept_of(message.symbol)
                    if kept is None or kept.dropped:
                        continue
                    if kept.doubt is None:
                        outcome = kept.book.take(message, snapshot)
                        plain = outcome.verdict is Verdict.VERIFIED and not snapshot and view is None
                        unchanged = outcome.crossed is kept.crossed and not kept.unchecked
                        if plain and unchanged and not outcome.padded:
                            kept.trust.verified += 1
                            if run is None:
                                run = run_of(out, type_)
                            run.append((message.symbol, item))
                            left -= 1
                        else:
                            left -= self._judge(kept, outcome, Held(message, item, type_), now, out)
                            run = None
                    else:
                        self._hold(kept, Held(message, item, type_), now, out)
                        run = None
                    if left == 0:
                        return out
        except ValueError as error:
            out.append(Malformed(str(error)))
        return out

    def tick(self, now: float, *, caught_up: bool = True) -> list[Out]:
        """What time alone brings; `caught_up` says whether all that has arrived was taken."""
        out: list[Out] = []
        if now < self._look_at:
            return out
        self._look_at = now + LOOK_EVERY * self._care.unit
        for kept in self._kept.values():
            if kept.doubt is not None:
                if caught_up and now - kept.doubt_since >= HOLD_FOR * self._care.unit:
                    self._give_up_doubt(kept, now, out)
            elif kept.book.state is State.LIVE:
                self._show_late(kept, now, out)
                self._renew(kept, now, out)
        return out

    def tell_precisions(self, precisions: Mapping[str, tuple[int, int]], now: float) -> list[Out]:
        """The decimals of price and quantity by symbol; nothing where nobody could be asked.

        What was in doubt is judged with them, and what was held behind it is taken. Where nobody knew them
        it is given up, and they are asked for again when they are wanted again.
        """
        out: list[Out] = []
        if not precisions:
            for kept in self._kept.values():
                if kept.doubt is not None:
                    self._give_up_doubt(kept, now, out)
            return out
        self._precisions = precisions
        try:
            for kept in self._kept.values():
                decimals = precisions.get(kept.symbol)
                padded = None if decimals is None else kept.book.pad(*decimals)
                if kept.doubt is not None:
                    self._resolve(kept, padded or kept.doubt, now, out)
        except ValueError as error:
            out.append(Malformed(str(error)))
        return out

    def _resolve(self, kept: Kept, outcome: Outcome, now: float, out: list[Out]) -> None:
        first, *behind = kept.release()
        self._judge(kept, outcome, first, now, out)
        for held in behind:
            again = kept.book.take(held.message, held.type == "snapshot")
            self._judge(kept, again, held, now, out)

    def renewed(self, symbol: str) -> None:
        """The symbol was left and has been granted again."""
        if symbol in self._kept:
            self._kept[symbol].expect()

    def refused(self, symbol: str) -> None:
        """The exchange will not give it: it is none of the books."""
        self._kept.pop(symbol, None)

    def lost(self, symbols: Iterable[str], now: float) -> None:
        """The connection of these symbols is gone."""
        for symbol in symbols:
            if symbol in self._kept:
                self._kept[symbol].lose(now)
                self._forget(symbol)

    def release(self, now: float) -> list[Out]:
        """The stream ends: the records that waited for their turn."""
        out: list[Out] = []
        for kept in self._kept.values():
            if kept.book.state is State.LIVE:
                self._show_late(kept, now, out, at_once=True)
        return out

    def drop(self, symbol: str) -> None:
        """Keep the symbol no longer; its figures stay."""
        self._kept[symbol].book.reject()
        self._kept[symbol].dropped = True

    def trusts(self, now: float) -> dict[str, Trust]:
        """The figures of each symbol."""
        return {symbol: kept.trust.until(now, kept.away_since) for symbol, kept in self._kept.items()}

    @property
    def symbols(self) -> Sequence[str]:
        """The symbols, in the order given."""
        return tuple(self._kept)

    def pane(self, symbol: str, levels: int) -> Pane:
        """A book as a person looks at it."""
        return self._kept[symbol].pane(levels, verify=self._care.verify, has_orders=self._has_orders)

    def _judge(self, kept: Kept, outcome: Outcome, held: Held, now: float, out: list[Out]) -> int:
        """Turn an outcome into what it means; returns how many records that gave."""
        if outcome.usable:
            return self._accept(kept, outcome, held, now, out)
        if outcome.verdict is Verdict.MISMATCH:
            if self._precisions is None and self._care.pads:
                kept.hold(outcome, now)
                self._hold(kept, held, now, out)
                out.append(PrecisionsWanted())
            else:
                self._fail(kept, Failure("checksum", outcome.expected, outcome.computed), now, out)
        elif outcome.verdict is Verdict.NO_SNAPSHOT:
            self._fail(kept, Failure("no snapshot"), now, out)
        return 0

    def _accept(self, kept: Kept, outcome: Outcome, held: Held, now: float, out: list[Out]) -> int:
        restored = kept.accept(outcome, held.type == "snapshot", now)
        if restored is not None:
            out.append(restored)
        if outcome.crossed is not kept.crossed:
            kept.crossed = outcome.crossed
            if outcome.crossed:
                top = kept.book.top()
                out.append(Crossed(kept.symbol, top.bid or "", top.ask or ""))
        unchecked = outcome.verdict is Verdict.UNVERIFIABLE and self._care.verify and held.type != "snapshot"
        if unchecked and not kept.unchecked:
            out.append(Unchecked(kept.symbol))
        kept.unchecked = unchecked
        if self._view is None:
            run_of(out, held.type).append((kept.symbol, held.item))
            return 1
        emission = self._view.take(kept.book, held.message, held.type, now)
        if emission is None:
            return 0
        type_, symbol, item = emission
        run_of(out, type_).append((symbol, item))
        return 1

    def _hold(self, kept: Kept, held: Held, now: float, out: list[Out]) -> None:
        kept.held.append(held)
        if len(kept.held) > HOLD_MOST:
            self._give_up_doubt(kept, now, out)

    def _give_up_doubt(self, kept: Kept, now: float, out: list[Out]) -> None:
        doubt = kept.doubt
        assert doubt is not None
        self._fail(kept, Failure("checksum", doubt.expected, doubt.computed), now, out)

    def _fail(self, kept: Kept, failure: Failure, now: float, out: list[Out]) -> None:
        self._forget(kept.symbol)
        out.append(kept.fail(failure, now))

    def _forget(self, symbol: str) -> None:
        if self._view is not None:
            self._view.forget(symbol)

    def _show_late(self, kept: Kept, now: float, out: list[Out], *, at_once: bool = False) -> None:
        if self._view is None:
            return
        emission = self._view.due(kept.symbol, kept.book, now, at_once=at_once)
        if emission is not None:
            type_, symbol, item = emission
            run_of(out, type_).append((symbol, item))

    def _renew(self, kept: Kept, now: float, out: list[Out]) -> None:
        every = self._care.resnapshot
        if every is not None and kept.renewing:  # asked for again only where it must have been lost
            every = max(every, RENEW_AGAIN * self._care.unit)
        if every is not None and now - kept.renewed_at >= every:
            kept.renew(now)
            out.append(RenewalWanted(kept.symbol))
