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
    """Bodies by the names of their channels, in their order; all of them scroll together."""

    def __init__(self, bodies: Mapping[str, Body]) -> None:
        self._bodies = bodies

    def add(self, channel: str, type_: str, item: Wire) -> None:
        self._bodies[channel].add(channel, type_, item)

    def resize(self) -> None:
        for body in self._bodies.values():
            body.resize()

    def show(self, now: float, size: Size, first: int, *, live: bool) -> Shown:
        width, height = size[0], size[1] - 1
        fitting = min(len(self._bodies), max(height // _LEAST, 1))
        lines: list[Text] = []
        hidden = f"+{len(self._bodies) - fitting} channels ↓" if fitting < len(self._bodies) else ""
        for place, (name, body) in enumerate(list(self._bodies.items())[:fitting]):
            room = (height - len(lines)) // (fitting - place)
            shown = body.show(now, (width, room - _NAME + 1), first, live=live)
            lines += [_title(name, width), *shown.lines][:room]
            hidden = hidden or shown.hidden
        return Shown(lines, first if hidden else 0, 1, hidden)

    def still(self, now: float, size: Size) -> list[Text]:
        parts = [(name, body.still(now, size)) for name, body in self._bodies.items()]
        return [line for name, lines in parts if lines for line in (_title(name, size[0]), *lines)]


def _title(name: str, width: int) -> Text:
    line = Text(f"── {name} ", style="bold", no_wrap=True, end="")
    line.append("─" * max(width - line.cell_len, 0), "dim")
    line.truncate(width, pad=True)
    return line
