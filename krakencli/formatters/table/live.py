"""The live table: a body and a caption, on a terminal that it takes and gives back.

The caller adds records as they come and draws at its own pace; between two drawings nothing is decoded.
Everything is called from the main thread. The environment and the clock are arguments.
"""

from collections.abc import Mapping, Sequence
from typing import Self, TextIO

from rich.console import Console
from rich.text import Text

from krakencli.formatters.caption import Caption
from krakencli.formatters.cells import Wire
from krakencli.formatters.table import view
from krakencli.formatters.table.body import Body
from krakencli.formatters.table.keys import actions, scrolled
from krakencli.formatters.table.terminal import Terminal


def can_draw(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether `stream` is a terminal that understands more than lines."""
    return stream.isatty() and environ.get("TERM", "") not in ("", "dumb", "unknown")


class LiveTable:
    """One live table; a context manager that owns the terminal while it is entered."""

    def __init__(
        self,
        body: Body,
        *,
        console: Console | None = None,
        environ: Mapping[str, str],
        stdin: int = 0,
    ) -> None:
        self._console = console or _console(environ)
        self._terminal = Terminal(self._console.file, stdin)
        self._body = body
        self._size = (0, 0)
        self._first = 0
        self._page = 1

    def __enter__(self) -> Self:
        self._terminal.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._terminal.__exit__(*exception)

    def add(self, type_: str, item: Wire, channel: str = "") -> None:
        """Takes a record; raises msgspec.DecodeError where its key cannot be read."""
        self._body.add(channel, type_, item)

    def draw(self, now: float, caption: Caption) -> None:
        """Shows the newest rows and `caption`, if this process is in front; follows the window's size.

        Raises msgspec.DecodeError where a record is none of the channel's, and OSError where the terminal is
        gone.
        """
        if not self._terminal.ready():
            return
        self._follow_size()
        self._terminal.paint(self._rendered(self._frame(now, caption)))

    def still(self, now: float) -> str:
        """The rows once more, as whole lines that fit the window, with what was added since the last drawing.

        For the ordinary screen, after the terminal has been given back; empty where there are no rows.
        """
        self._follow_size()
        lines = self._body.still(now, self._size)
        if not lines:
            return ""
        drawn = self._rendered(lines)
        return "".join(f"{line.rstrip()}\n" for line in drawn)

    def quit_requested(self) -> bool:
        """Whether q was typed; scrolls by arrows, paints anew at Ctrl-L. Never waits."""
        for action in actions(self._terminal.typed()):
            if action == "quit":
                return True
            if action == "repaint":
                self._terminal.forget()
            self._first = scrolled(self._first, action, self._page)
        return False

    def _follow_size(self) -> None:
        size = self._terminal.size() or self._console.size
        if size != self._size:
            self._size = (size[0], size[1])
            self._body.resize()
            self._terminal.forget()

    def _frame(self, now: float, caption: Caption) -> list[Text]:
        width, height = self._size
        shown = self._body.show(now, self._size, self._first, live=caption.state == "live")
        self._first, self._page = shown.first, shown.page
        lines = shown.lines + [Text(" " * width)] * (height - 1 - len(shown.lines))
        return [*lines, view.caption(caption, shown.hidden, width)]

    def _rendered(self, lines: Sequence[Text]) -> list[str]:
        text = Text("\n").join(lines)
        with self._console.capture() as capture:
            self._console.print(
                text, end="", width=max(self._size[0], 1), no_wrap=True, overflow="ignore", crop=False
            )
        drawn = capture.get()
        return (view.plain_ascii(drawn) if self._console.options.ascii_only else drawn).split("\n")


def _console(environ: Mapping[str, str]) -> Console:
    """A console on stdout that takes its colours, and whether to have any, from `environ`."""
    return Console(
        _environ=environ,
        force_terminal=True,
        no_color=bool(environ.get("NO_COLOR")),
        markup=False,
        emoji=False,
        highlight=False,
    )
