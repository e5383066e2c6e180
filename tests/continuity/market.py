"""A market of trades, as API v1 tells them and as REST has them: ids there, none here, and times to guess."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Raw

from krakencli.continuity import Filled, Joined, Page, Row, RowsWanted, Surplus, Told, Unjoined
from krakencli.model import Run

from .kit import BTC, Batch

Spelling = Literal["cut", "rounded"]
BEGIN = 1_750_000_000 * 10**9
"""Nanoseconds since 1970 of the first trade."""


class Made(NamedTuple):
    """One trade as it was."""

    trade_id: int
    ns: int
    price: str = "30100.1"
    qty: str = "0.0125"
    side: str = "buy"

    @property
    def key(self) -> tuple[Decimal, Decimal, str]:
        return Decimal(self.price), Decimal(self.qty), self.side


def stamp(microseconds: int) -> str:
    """As text, computed apart from the program's own."""
    seconds, rest = divmod(microseconds, 10**6)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    assert hours // 24 in (20254, 20255), "the market keeps to two days"
    return f"2025-06-{15 + hours // 24 - 20254}T{hours % 24:02}:{minutes:02}:{seconds:02}.{rest:06}Z"


def live(trade: Made, spelling: Spelling = "cut") -> Raw:
    """As the stream tells it; `made` is for the test's eyes only."""
    time = trade.ns // 1000 if spelling == "cut" else (trade.ns + 500) // 1000
    return Raw(
        f'{{"symbol":"{BTC}","side":"{trade.side}","price":{trade.price}0000,"qty":{trade.qty}0000,'
        f'"ord_type":"limit","timestamp":"{stamp(time)}","made":{trade.trade_id}}}'.encode()
    )


def row(trade: Made) -> Row:
    """As REST has it: a time to a tenth of a microsecond."""
    time = (trade.ns + 50) // 100 // 10
    item = (
        f'{{"symbol":"{BTC}","side":"{trade.side}","price":{trade.price},"qty":{trade.qty},'
        f'"ord_type":"limit","trade_id":{trade.trade_id},"timestamp":"{stamp(time)}","source":"backfill"}}'
    )
    return Row(trade.trade_id, time, Raw(item.encode()))


@dataclass
class Rest:
    """Pages of `size` rows; the newest `lag` trades are not told yet, and those in `without` never."""

    trades: list[Made] = field(default_factory=list)
    size: int = 1000
    lag: int = 0
    without: frozenset[int] = frozenset()

    def page(self, since: int | None) -> Page:
        known = self.trades[: len(self.trades) - self.lag]
        told = [trade for trade in known if trade.trade_id not in self.without]
        later = told[-self.size :] if since is None else [trade for trade in told if trade.ns > since]
        rows = later[: self.size]
        return Page(tuple(map(row, rows)), rows[-1].ns if rows else since, len(rows) == self.size)


@dataclass
class Course:
    """A stream and its REST, on a clock of the test's own."""

    joined: Joined
    rest: Rest
    delay: float = 0.0
    now: float = 0.0
    outs: list[Told] = field(default_factory=list)
    asked: list[tuple[float, RowsWanted, Page]] = field(default_factory=list)
    calls: list[RowsWanted] = field(default_factory=list)

    def tell(self, *items: Raw) -> None:
        """One frame of the stream."""
        self._follow(self.joined.take([Batch("update", list(items))], self.now))

    def resume(self, lost: str = "lost", stamp: str = "back") -> None:
        self._follow(self.joined.resumed(BTC, lost, stamp, self.now))

    def wait(self, seconds: float, step: float = 0.1) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now += step
            due = [entry for entry in self.asked if entry[0] <= self.now]
            self.asked = [entry for entry in self.asked if entry[0] > self.now]
            for _, wanted, page in due:
                self._follow(self.joined.answer(wanted, page, self.now))
            self._follow(self.joined.tick(self.now))

    def _follow(self, outs: Iterable[Any]) -> None:
        for out in outs:
            self.outs.append(out)
            if isinstance(out, RowsWanted):
                self.calls.append(out)
                self.asked.append((self.now + self.delay, out, self.rest.page(out.since)))

    # --- what came out

    def records(self) -> list[dict[str, Any]]:
        """Numbers as the texts that they were."""
        items = (item for out in self.outs if isinstance(out, Run) for _, item in out.records)
        return [msgspec.json.decode(item) for item in items]

    def course(self) -> list[int]:
        """The id of each record: that of REST, or the one that only the test knows, negative."""
        return [record.get("trade_id") or -record["made"] for record in self.records()]

    def ids(self) -> list[int]:
        return [abs(number) for number in self.course()]

    def told(self, kind: type) -> list[Any]:
        return [out for out in self.outs if isinstance(out, kind)]

    @property
    def gaps(self) -> list[Unjoined]:
        return self.told(Unjoined)

    @property
    def filled(self) -> list[Filled]:
        return self.told(Filled)

    @property
    def surplus(self) -> list[Surplus]:
        return self.told(Surplus)


def trades(count: int, apart: int = 10**8, first: int = 1) -> list[Made]:
    """So many trades, all different, `apart` nanoseconds one after the other."""
    return [Made(first + n, BEGIN + n * apart + 250, f"{30_000 + n}.1") for n in range(count)]


def course(made: Sequence[Made], **terms: Any) -> Course:
    """A stream that is subscribed to, whose REST has these trades."""
    joined = Joined(**terms)
    joined.subscribed(BTC, 0.0)
    return Course(joined, Rest(list(made)))
