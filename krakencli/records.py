"""From the exchange's items to the program's records: which to print, and with which fields.

Most channels pass their items on untouched. Three are shaped here, as their `Channel` says: `instrument`
takes one array of an object, `spread` keeps a few fields and drops repetitions, `ohlc --closed` waits until a
candle is final. Sans I/O; a record stays the text that came.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec
from msgspec import Raw, Struct

from krakencli.candles import ClosedCandles, Final, Revised
from krakencli.model import Channel, News, Record, Run
from krakencli.protocol.messages import Update
from krakencli.stage import Stage, Step


class _Symbol(Struct, gc=False):
    symbol: str | None = None


class _Asset(Struct, gc=False):
    id: str


_symbol = msgspec.json.Decoder(_Symbol)
_asset = msgspec.json.Decoder(_Asset)
_fields = msgspec.json.Decoder(dict[str, Raw])


class Records(Stage):
    """The stage of most channels: turns updates into records, and remembers what its channel's rules need.

    `closed` asks for final candles only; what they revise later is news. `only` limits the records to these
    symbols or assets, for channels that cannot be asked for single ones. `stamp` dates news.
    """

    def __init__(
        self,
        channel: Channel,
        *,
        closed: ClosedCandles | None = None,
        only: Iterable[str] = (),
        stamp: Callable[[], str] = str,
    ) -> None:
        self._channel = channel
        self._closed = closed
        self._filter = frozenset(only)
        self._stamp = stamp
        self._last: dict[str | None, list[bytes | None]] = {}
        self._revised: list[Revised] = []
        self._plain = not (closed or self._filter or channel.member or channel.only)

    def take(self, updates: Sequence[Update], now: float, most: int | None = None) -> Iterator[Step]:
        """The records of updates in their order, then what they revise."""
        if self._plain:
            decode = _symbol.decode
            records: list[Record] = [
                (decode(item).symbol, item) for update in updates for item in update.data
            ]
        else:
            records = [record for update in updates for record in self._shape(update, now)]
        yield Run(updates[0].type, records if most is None else records[:most], updates[0].sequence)
        yield from self._take_revised()

    def tick(self, now: float) -> Iterator[Step]:
        """The records that time alone brings: candles that have ended."""
        if self._closed:
            yield Run("update", self._final(self._closed.tick(now)))

    def suspend(self, symbols: Iterable[str]) -> None:
        """Nobody hears of these symbols for a while: time ends no candle of theirs."""
        if self._closed:
            self._closed.suspend(symbols)

    def _take_revised(self) -> Iterator[News]:
        """The candles that changed after they were printed; each is told once."""
        revised, self._revised = self._revised, []
        for one in revised:
            fields = {"symbol": one.symbol, "interval_begin": one.interval_begin, "candle": one.item}
            yield News("revised", self._stamp(), fields)

    def _shape(self, update: Update, now: float) -> list[Record]:
        if self._channel.member:
            return self._members(update)
        if self._closed:
            settled = [s for item in update.data for s in self._closed.update(item, update.timestamp, now)]
            return self._final(settled)
        if self._channel.only:
            return [record for item in update.data if (record := self._project(item)) is not None]
        named = ((_symbol.decode(item).symbol, item) for item in update.data)
        return [(symbol, item) for symbol, item in named if symbol in self._filter]

    def _final(self, settled: Iterable[Final | Revised]) -> list[Record]:
        records: list[Record] = []
        for one in settled:
            if isinstance(one, Revised):
                self._revised.append(one)
            else:
                records.append((one.symbol, one.item))
        return records

    def _members(self, update: Update) -> list[Record]:
        if update.data:
            raise ValueError(f"data of {update.channel} is an array, not an object of arrays")
        items = update.members.get(self._channel.member, [])
        by_id = self._channel.key == ("id",)
        named = ((_asset.decode(item).id if by_id else _symbol.decode(item).symbol, item) for item in items)
        return [(name, item) for name, item in named if not self._filter or name in self._filter]

    def _project(self, item: Raw) -> Record | None:
        """The item with the channel's fields only; None where none but its time has changed."""
        fields = _fields.decode(item)
        symbol = _symbol.decode(item).symbol
        kept = {name: fields[name] for name in self._channel.only if name in fields}
        seen = [
            bytes(kept[name]) if name in kept else None for name in self._channel.only if name != "timestamp"
        ]
        if self._last.get(symbol) == seen:
            return None
        self._last[symbol] = seen
        return symbol, Raw(msgspec.json.encode(kept))
