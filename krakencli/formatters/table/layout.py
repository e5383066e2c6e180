"""Which columns a window has room for, and how wide they are.

Widths only grow, so that rows do not dance; a new window size starts them anew. Columns leave by their rank,
the highest first: from rank 3 on all of a rank together (no bid's quantity without the ask's), then one by
one from the right. The first column never leaves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from krakencli.formatters.table.display import RIGHT, heading
from krakencli.model import Channel, Kind

GAP = 2
_AGE_RANK = 1
_TOGETHER_FROM = 3


@dataclass(frozen=True, slots=True)
class Field:
    """One column as a table sees it; `slot` is the room kept after a cell for the sign of a move."""

    title: str
    kind: Kind
    rank: int
    index: int
    slot: int = 0

    @property
    def right(self) -> bool:
        return self.kind in RIGHT


def fields_of(channel: Channel, *, live: bool) -> tuple[Field, ...]:
    """The columns that a table may show; a live one keeps room for signs and, where it has keys, ages."""
    keyed = bool(channel.key) and not channel.sides
    moving = live and not channel.sides
    fields = [
        Field(heading(column), column.kind, column.rank, index, int(moving and column.kind == "price"))
        for index, column in enumerate(channel.columns)
        if column.rank
    ]
    if live and keyed:
        fields.append(Field("age", "count", _AGE_RANK, -1))
    return tuple(fields)


class Layout:
    """The widths of a table's fields."""

    def __init__(self, fields: Sequence[Field], least: dict[Kind, int] | None = None) -> None:
        self.fields = fields
        self.widths = [max(cell_len(field.title), (least or {}).get(field.kind, 0)) for field in fields]

    def grow(self, rows: Iterable[Sequence[str]]) -> None:
        """Makes room for `rows`, whose cells are those of `fields`."""
        for row in rows:
            for place, cell in enumerate(row):
                if (width := cell_len(cell)) > self.widths[place]:
                    self.widths[place] = width

    def fitting(self, width: int) -> list[int]:
        """The places in `fields` of those that fit into `width`, one at least."""
        kept = list(range(len(self.fields)))
        while len(kept) > 1 and self._needs(kept) > width:
            highest = max(self.fields[place].rank for place in kept[1:])
            leaving = [place for place in kept[1:] if self.fields[place].rank == highest]
            gone = leaving if highest >= _TOGETHER_FROM else leaving[-1:]
            kept = [place for place in kept if place not in gone]
        return kept

    def _needs(self, kept: Sequence[int]) -> int:
        taken = sum(self.widths[place] + self.fields[place].slot for place in kept)
        return taken + GAP * (len(kept) - 1)

    def padded(self, place: int, cell: str) -> str:
        """`cell` at the full width of its column, at its side of it."""
        blank = " " * (self.widths[place] - cell_len(cell))
        return blank + cell if self.fields[place].right else cell + blank
