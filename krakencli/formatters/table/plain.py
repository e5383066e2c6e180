"""The table for pipes and files: rows that are only ever appended, without colour or control codes.

Widths start at what is usual for a kind and only grow, so a column wanders at most a few times.
"""

from krakencli.formatters.cells import Cells, Wire
from krakencli.formatters.table.display import shown
from krakencli.formatters.table.layout import GAP, Layout, fields_of
from krakencli.model import Channel, Kind

_USUAL: dict[Kind, int] = {
    "symbol": 9,
    "side": 4,
    "price": 11,
    "qty": 14,
    "change": 9,
    "percent": 7,
    "count": 7,
    "time": 12,
    "text": 6,
}


class PlainTable:
    """Aligned rows of one channel's records; `header` is the first line."""

    def __init__(self, channel: Channel) -> None:
        self._cells = Cells(channel)
        self._layout = Layout(fields_of(channel, live=False), _USUAL)
        self.header: bytes = self._line([field.title for field in self._layout.fields])

    def lines(self, type_: str, item: Wire, sequence: int | None = None) -> bytes:
        """Zero or more whole lines; raises msgspec.DecodeError where the item is no record."""
        fields = self._layout.fields
        rows = self._cells.rows(type_, item, sequence)
        cells = [[shown(field.kind, row[field.index]) for field in fields] for row in rows]
        self._layout.grow(cells)
        return b"".join(map(self._line, cells))

    def _line(self, cells: list[str]) -> bytes:
        padded = (self._layout.padded(place, cell) for place, cell in enumerate(cells))
        return (" " * GAP).join(padded).rstrip().encode() + b"\n"
