"""Rows under titles: what a live table shows of every channel but order books."""

from collections.abc import Sequence

from rich.text import Text

from krakencli.formatters.cells import Wire
from krakencli.formatters.table import view
from krakencli.formatters.table.body import Shown, Size
from krakencli.formatters.table.layout import Layout, fields_of
from krakencli.formatters.table.rows import Latest, Row, rows_of
from krakencli.model import Channel

_TITLES_ABOVE = 2


class Grid:
    """One channel's rows; between two drawings nothing is decoded. `ages` shows how old each row is."""

    def __init__(self, channel: Channel, *, ages: bool = True) -> None:
        self._fields = tuple(field for field in fields_of(channel, live=True) if ages or field.index >= 0)
        self._rows = rows_of(channel)
        self._keyed = isinstance(self._rows, Latest)
        self._layout = Layout(self._fields)
        self._page = 1

    def add(self, channel: str, type_: str, item: Wire) -> None:  # noqa: ARG002 - there is one
        self._rows.add(type_, item)

    def resize(self) -> None:
        self._layout = Layout(self._fields)

    def show(self, now: float, size: Size, first: int, *, live: bool) -> Shown:
        width, height = size
        titled = height > _TITLES_ABOVE
        self._page = max(height - 1 - titled, 0)
        rows = self._rows.take(now, self._page)
        first = min(first, max(len(rows) - self._page, 0))
        lines = self._table(rows[first : first + self._page], now, width, titled=titled)
        if not live:
            view.dim(lines[titled:])
        hidden = view.hidden_rows(first, self._page, len(rows)) if self._keyed or first else ""
        return Shown(lines, first, self._page, hidden)

    def still(self, now: float, size: Size) -> list[Text]:
        rows = self._rows.take(now, self._page)[: max(size[1] - 3, 1)]
        return self._table(rows, now, size[0], titled=True) if rows else []

    def _table(self, window: Sequence[Row], now: float, width: int, *, titled: bool) -> list[Text]:
        self._layout.grow(view.texts(self._fields, row, now) for row in window)
        places = self._layout.fitting(width)
        lines = [view.header(self._layout, places, width)] if titled else []
        lines += [view.body(self._layout, places, row, now) for row in window]
        for line in lines:
            line.truncate(width, pad=True)
        return lines
