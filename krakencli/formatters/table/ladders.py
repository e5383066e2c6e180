"""Ladders side by side and below one another: what a live table shows of order books."""

from collections.abc import Sequence

from rich.text import Text

from krakencli.books.pane import Pane, Panes
from krakencli.formatters.cells import Wire
from krakencli.formatters.table.body import Shown, Size
from krakencli.formatters.table.ladder import BAR, Widths, ladder, levels_that_fit
from krakencli.formatters.table.view import dim

BETWEEN = 3
LEAST_LEVELS = 3
LEAST_HEIGHT = 2 * LEAST_LEVELS + 4
LEAST_WIDTH = 34


class Ladders:
    """The books of `panes`, at most `levels` prices a side; they are looked at only when they are drawn."""

    def __init__(self, panes: Panes, levels: int) -> None:
        self._panes, self._levels = panes, levels
        self._widths: dict[str, Widths] = {}

    def add(self, channel: str, type_: str, item: Wire) -> None:
        """Records are not shown one by one: the book that they make is."""

    def resize(self) -> None:
        self._widths.clear()

    def show(self, now: float, size: Size, first: int, *, live: bool) -> Shown:  # noqa: ARG002 - no ages
        width, height = size[0], size[1] - 1
        symbols = self._panes.symbols
        tall = min(height, 2 * self._levels + 4)
        beside = max(min((width + BETWEEN) // (self._width() + BETWEEN), len(symbols)), 1)
        below = max(height // LEAST_HEIGHT, 1)
        rows = min(below, -(-len(symbols) // beside))
        tall = min(height // rows, tall) if rows else height
        room = (width + BETWEEN) // beside - BETWEEN
        page = max(beside * rows, 1)
        first = min(first, max(len(symbols) - page, 0))
        lines: list[Text] = []
        for start in range(first, min(first + page, len(symbols)), beside):
            lines += self._row(symbols[start : start + beside], room, tall)
        if not live:
            dim(lines)
        lines = lines[:height]
        for line in lines:
            line.truncate(width, pad=True)
        return Shown(lines, first, beside, _hidden(first, page, len(symbols)))

    def still(self, now: float, size: Size) -> list[Text]:
        return self.show(now, (size[0], size[1] - 2), 0, live=True).lines

    def _width(self) -> int:
        """What one ladder needs, with a bar."""
        return max([LEAST_WIDTH, *(widths.total + 1 + BAR for widths in self._widths.values())])

    def _row(self, symbols: Sequence[str], room: int, tall: int) -> list[Text]:
        columns = [self._ladder(symbol, room, tall) for symbol in symbols]
        joined = []
        for parts in zip(*columns, strict=True):
            line = Text(no_wrap=True, end="")
            for number, part in enumerate(parts):
                line.append(" " * BETWEEN if number else "").append_text(part)
            joined.append(line)
        return joined

    def _ladder(self, symbol: str, room: int, tall: int) -> list[Text]:
        pane: Pane = self._panes.pane(symbol, min(levels_that_fit(tall), self._levels))
        widths = self._widths.get(symbol)
        if widths is None:
            widths = self._widths[symbol] = Widths(has_orders=pane.has_orders)
        return ladder(pane, widths, room, tall)


def _hidden(first: int, page: int, total: int) -> str:
    if total <= page:
        return ""
    return f"{first + 1}-{first + page} of {total:,} ↑↓" if first else f"+{total - page:,} more ↓"
