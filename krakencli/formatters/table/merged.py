"""Rows that are made when they are drawn: what many records have come to, instead of the records."""

from collections.abc import Callable, Iterable

from msgspec import Raw
from rich.text import Text

from krakencli.formatters.cells import Cells, Wire
from krakencli.formatters.table import view
from krakencli.formatters.table.body import Shown, Size
from krakencli.formatters.table.layout import Layout, fields_of
from krakencli.formatters.table.rows import Row
from krakencli.model import Channel


class Merged:
    """`look` gives the items at this moment, of a `channel` that says which columns they have."""

    def __init__(self, channel: Channel, look: Callable[[], Iterable[Raw]], *, nothing: str = "") -> None:
        self._look, self._nothing = look, nothing
        self._cells = Cells(channel)
        self._fields = fields_of(channel, live=False)
        self._layout = Layout(self._fields)

    def add(self, channel: str, type_: str, item: Wire) -> None:
        """Records are not shown one by one: what they come to is."""

    def resize(self) -> None:
        self._layout = Layout(self._fields)

    def show(self, now: float, size: Size, first: int, *, live: bool) -> Shown:
        width, height = size
        page = max(height - 2, 0)
        rows = self._rows(now)
        first = min(first, max(len(rows) - page, 0))
        lines = self._table(rows, rows[first : first + page], now, width)
        if not live:
            view.dim(lines[1:])
        return Shown(lines, first, page, view.hidden_rows(first, page, len(rows)))

    def still(self, now: float, size: Size) -> list[Text]:
        rows = self._rows(now)
        return self._table(rows, rows[: max(size[1] - 3, 1)], now, size[0])

    def _rows(self, now: float) -> list[Row]:
        cells = [cells for item in self._look() for cells in self._cells.rows("", item)]
        return [Row(one, now, [0] * len(one), [0.0] * len(one)) for one in cells]

    def _table(self, rows: list[Row], window: list[Row], now: float, width: int) -> list[Text]:
        self._layout.grow(view.texts(self._fields, row, now) for row in rows)
        places = self._layout.fitting(width)
        lines = [view.header(self._layout, places, width)]
        lines += [view.body(self._layout, places, row, now) for row in window]
        if not rows and self._nothing:
            lines.append(Text(self._nothing, style="dim", no_wrap=True, end=""))
        for line in lines:
            line.truncate(width, pad=True)
        return lines
