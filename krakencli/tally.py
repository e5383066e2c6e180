"""What has come of a stream so far: counted as it happens; told in the caption, the `end` record, a line."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import Raw

from krakencli.model import News, Record, Subscription
from krakencli.pulse import Key, Pulse
from krakencli.stage import Strand

RATE_OVER = 2.0


class Newest(NamedTuple):
    """The last record of a symbol: when it came (Unix time), and the last update's text."""

    arrived: float
    item: Raw | None


class Tally:
    """`rate` is records a second over the last moments, `rejected` the refusals, `lost` the connections that
    ended before the stream did. Only with `detailed` the newest record of each symbol is kept.
    """

    def __init__(self, *, detailed: bool = False, unit: float = 1.0) -> None:
        self.records = 0
        self.rejected = 0
        self.lost = 0
        self.rate = 0.0
        self.pulse = Pulse(unit)
        self._detailed = detailed
        self._by_symbol: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
        self._gaps: Counter[Key] = Counter()
        self._rated_at = 0.0
        self._rated_records = 0
        self._items: defaultdict[str, dict[str | None, Raw]] = defaultdict(dict)
        self._arrived: defaultdict[str, dict[str | None, float]] = defaultdict(dict)

    def printed(self, strand: Strand, type_: str, records: Sequence[Record], wall: float) -> None:
        """These were printed; `wall` is Unix time."""
        symbols = [symbol for symbol, _ in records]
        self.records += len(symbols)
        self._by_symbol[strand.name].update(symbols)
        if self._detailed:
            self._arrived[strand.name].update(dict.fromkeys(symbols, wall))
            if type_ == "update":
                self._items[strand.name].update(records)

    def heard(self, news: News) -> None:
        match news.type:
            case "rejected":
                self.rejected += 1
            case "disconnected":
                self.lost += 1
            case "gap":
                self._gaps[news.fields["subscription"], news.fields.get("symbol")] += 1

    def measure(self, now: float) -> None:
        if now - self._rated_at >= RATE_OVER:
            self.rate = (self.records - self._rated_records) / (now - self._rated_at)
            self._rated_at, self._rated_records = now, self.records

    def look(self, now: float) -> None:
        """Once a second: how the records of each symbol come."""
        counts = {
            (name, symbol): count
            for name, counter in self._by_symbol.items()
            for symbol, count in counter.items()
        }
        self.pulse.look(counts, now)

    def records_of(self, strand: Strand, symbol: str | None) -> int:
        """Of a symbol; of all of them where none is named."""
        counter = self._by_symbol[strand.name]
        return counter.total() if symbol is None else counter[symbol]

    def rate_of(self, strand: Strand, symbol: str | None) -> float:
        """Records a second lately, of a symbol or of all."""
        symbols = [*self._by_symbol[strand.name]] if symbol is None else [symbol]
        return sum(self.pulse.rate((strand.name, one)) for one in symbols)

    def newest(self, strand: Strand, symbol: str | None) -> Newest | None:
        """The last record of a symbol, or of all; None where none came, or nobody kept it."""
        arrived = self._arrived[strand.name]
        if symbol is None and arrived:
            symbol = max(arrived, key=arrived.__getitem__)
        if symbol not in arrived:
            return None
        return Newest(arrived[symbol], self._items[strand.name].get(symbol))

    def counts(
        self, strands: Iterable[Strand], wanted: Collection[Subscription], now: float
    ) -> list[dict[str, Any]]:
        """What came of each symbol of each channel; `wanted` is what is still streamed."""
        return [entry for strand in strands for entry in self._counts_of(strand, set(wanted), now)]

    def _counts_of(self, strand: Strand, wanted: set[Subscription], now: float) -> Iterator[dict[str, Any]]:
        figures = strand.stage.figures(now)
        symbols = [one.symbol for one in strand.subscriptions if one in wanted and one.symbol is not None]
        records = dict.fromkeys([*symbols, *figures], 0) | self._by_symbol[strand.name]
        for symbol, number in records.items():
            named = {} if symbol is None else {"symbol": symbol}
            more = {"gaps": self._gaps[strand.channel.wire, symbol], **figures.get(symbol, {})}
            yield {"channel": strand.channel.name, **named, "records": number, **more}

    def summary(self, strands: Sequence[Strand], seconds: float, now: float) -> str:
        """What has been streamed and what happened to it, in a line."""
        noun = "trade" if [strand.channel.name for strand in strands] == ["trade"] else "record"
        symbols = len(set().union(*self._by_symbol.values()))
        of = f" of {symbols} symbols" if symbols > 1 else ""
        counts = self.counts(strands, (), now)
        figures = Counter[str]()
        for one in counts:
            figures.update({name: int(one.get(name, 0)) for name in ("resyncs", "backfilled", "missing")})
        happened = ((self.lost, "reconnect"), (self._gaps.total(), "gap"), (figures["resyncs"], "resync"))
        told = [_counted(number, what) for number, what in happened if number]
        told += [f"{figures['backfilled']:,} backfilled"] if figures["backfilled"] else []
        told += (
            [f"{figures['missing']:,} missing"] if noun == "trade" and (told or figures["missing"]) else []
        )
        return ", ".join([f"{_counted(self.records, noun)}{of} in {seconds:.1f} s", *told])


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
