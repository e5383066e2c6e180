"""What a table holds: the newest record a key, or the newest records of a tape.

Sans-I/O, and lazy: `add` keeps a reference, cells are made when a table is drawn, so a flood costs little.
The clock is an argument. A row's age counts from the first drawing that could show it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from krakencli.formatters.cells import Cells, Wire
from krakencli.formatters.table.display import compare
from krakencli.model import Channel

_TAPE = 256

_Key = str | int | None


@dataclass(slots=True)
class Row:
    """One row: its cells as the wire wrote them, when it came, and for each cell which way it last moved."""

    cells: tuple[str, ...]
    arrived: float
    moves: list[int]
    moved: list[float]


class Rows(Protocol):
    """What the live table asks of either store."""

    def add(self, type_: str, item: Wire) -> None: ...

    def take(self, now: float, wanted: int) -> Sequence[Row]:
        """The rows in the order of showing; at least `wanted` of them where there are so many."""


def rows_of(channel: Channel) -> Rows:
    """The newest record a key where the channel names one, else a tape."""
    return Latest(channel) if channel.key and not channel.sides else Tape(channel)


class Latest:
    """The newest record of each key, in the order in which the keys first appeared."""

    def __init__(self, channel: Channel) -> None:
        self._cells = Cells(channel)
        self._prices = _prices(channel)
        self._key = _key_of(channel)
        self._fresh: dict[object, tuple[str, Wire]] = {}
        self._rows: dict[object, Row] = {}

    def add(self, type_: str, item: Wire) -> None:
        self._fresh[self._key(item)] = (type_, item)

    def take(self, now: float, wanted: int) -> Sequence[Row]:  # noqa: ARG002 - a tape needs it
        while self._fresh:
            key = next(iter(self._fresh))
            type_, item = self._fresh.pop(key)
            for cells in self._cells.rows(type_, item):
                self._rows[key] = self._moved(self._rows.get(key), cells, now)
        return list(self._rows.values())

    def _moved(self, old: Row | None, cells: tuple[str, ...], now: float) -> Row:
        if old is None:
            return Row(cells, now, [0] * len(cells), [now] * len(cells))
        for index in self._prices:
            if move := compare(cells[index], old.cells[index]):
                old.moves[index], old.moved[index] = move, now
        return Row(cells, now, old.moves, old.moved)


class Tape:
    """The newest records, newest first; of each as many rows as it has, in the wire's order."""

    def __init__(self, channel: Channel) -> None:
        self._cells = Cells(channel)
        self._prices = () if channel.sides else _prices(channel)
        self._names = [index for index, column in enumerate(channel.columns) if column.kind == "symbol"]
        self._items: deque[tuple[str, Wire]] = deque(maxlen=_TAPE)

    def add(self, type_: str, item: Wire) -> None:
        self._items.append((type_, item))

    def take(self, now: float, wanted: int) -> Sequence[Row]:
        enough = max(wanted, _TAPE)
        if enough > (self._items.maxlen or 0):
            self._items = deque(self._items, maxlen=enough)
        rows: list[Row] = []
        for type_, item in reversed(self._items):
            if len(rows) >= enough:
                break
            rows += [self._row(cells, now) for cells in self._cells.rows(type_, item)]
        self._compare(rows)
        return rows

    def _row(self, cells: tuple[str, ...], now: float) -> Row:
        return Row(cells, now, [0] * len(cells), [0.0] * len(cells))

    def _compare(self, rows: list[Row]) -> None:
        before: dict[tuple[str, ...], Row] = {}
        for row in reversed(rows):
            name = tuple(row.cells[index] for index in self._names)
            older = before.get(name)
            before[name] = row
            if older is not None:
                for index in self._prices:
                    row.moves[index] = compare(row.cells[index], older.cells[index])


def _prices(channel: Channel) -> tuple[int, ...]:
    return tuple(index for index, column in enumerate(channel.columns) if column.kind == "price")


def _key_of(channel: Channel) -> Callable[[Wire], object]:
    """The cheapest honest look at an item's key: only the key's fields are decoded, the rest is skipped."""
    names = [f"k{index}" for index in range(len(channel.key))]
    key = msgspec.defstruct(
        "Key",
        [(name, _Key, None) for name in names],
        rename=dict(zip(names, channel.key, strict=True)),
        frozen=True,
        eq=True,
        gc=False,
    )
    return msgspec.json.Decoder(key).decode
