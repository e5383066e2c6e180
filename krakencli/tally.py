"""What has come of a stream so far: counted as it happens; told in the caption, the `end` record, a line."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from krakencli.model import News, Subscription
from krakencli.stage import Strand

RATE_OVER = 2.0


class Tally:
    """`rate` is records a second over the last moments, `rejected` the refusals, `lost` the connections that
    ended before the stream did.
    """

    def __init__(self) -> None:
        self.records = 0
        self.rejected = 0
        self.lost = 0
        self.rate = 0.0
        self._by_symbol: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
        self._gaps: Counter[tuple[str, str | None]] = Counter()
        self._rated_at = 0.0
        self._rated_records = 0

    def printed(self, strand: Strand, symbols: Sequence[str | None]) -> None:
        """One record of each of these."""
        self.records += len(symbols)
        self._by_symbol[strand.name].update(symbols)

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
        resyncs = sum(int(one.get("resyncs", 0)) for one in self.counts(strands, (), now))
        happened = ((self.lost, "reconnect"), (self._gaps.total(), "gap"), (resyncs, "resync"))
        told = "".join(f", {_counted(number, what)}" for number, what in happened if number)
        return f"{_counted(self.records, noun)}{of} in {seconds:.1f} s{told}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
