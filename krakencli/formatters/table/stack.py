"""Several channels below one another, each under its name: what a live table shows of `watch`.

Each gets its part of the lines; what it does not need, those below it share.
"""

from collections.abc import Mapping

from rich.text import Text

from krakencli.formatters.cells import Wire
from krakencli.formatters.table.body import Body, Shown, Size

_NAME = 1
_LEAST = 3
"""A name, titles and a row."""


class Stack:
    """Bodies by the names of their channels, in their order.

    Where all have a place, they scroll together; where not, the channels themselves do.
    """

    def __init__(self, bodies: Mapping[str, Body]) -> None:
        self._bodies = bodies

    def add(self, channel: str, type_: str, item: Wire) -> None:
        self._bodies[channel].add(channel, type_, item)

    def resize(self) -> None:
        for body in self._bodies.values():
            body.resize()

    def show(self, now: float, size: Size, first: int, *, live: bool) -> Shown:
        width, height = size[0], size[1] - 1
        fitting = max(height // _LEAST, 1)
        if fitting < len(self._bodies):
            return self._show_some(now, size, first, fitting, live=live)
        lines, hidden, furthest = self._lines(now, (width, height), 0, first, len(self._bodies), live=live)
        return Shown(lines, furthest, 1, hidden)

    def _show_some(self, now: float, size: Size, first: int, fitting: int, *, live: bool) -> Shown:
        """As many channels as have a place, from the one on that is scrolled to."""
        total = len(self._bodies)
        first = min(first, total - fitting)
        lines, _, _ = self._lines(now, (size[0], size[1] - 1), first, 0, fitting, live=live)
        hidden = f"channels {first + 1}-{first + fitting} of {total} ↑↓" if first else ""
        return Shown(lines, first, fitting, hidden or f"+{total - fitting} channels ↓")

    def _lines(
        self, now: float, size: Size, begin: int, first: int, count: int, *, live: bool
    ) -> tuple[list[Text], str, int]:
        """The lines of `count` channels; what the first that hides rows says of them, and how far the
        furthest is scrolled.
        """
        lines: list[Text] = []
        hidden, furthest = "", 0
        for place, (name, body) in enumerate(list(self._bodies.items())[begin : begin + count]):
            room = (size[1] - len(lines)) // (count - place)
            shown = body.show(now, (size[0], room - _NAME + 1), first, live=live)
            lines += [_title(name, size[0]), *shown.lines][:room]
            hidden, furthest = hidden or shown.hidden, max(furthest, shown.first)
        return lines, hidden, furthest

    def still(self, now: float, size: Size) -> list[Text]:
        parts = [(name, body.still(now, size)) for name, body in self._bodies.items()]
        return [line for name, lines in parts if lines for line in (_title(name, size[0]), *lines)]


def _title(name: str, width: int) -> Text:
    line = Text(f"── {name} ", style="bold", no_wrap=True, end="")
    line.append("─" * max(width - line.cell_len, 0), "dim")
    line.truncate(width, pad=True)
    return line
