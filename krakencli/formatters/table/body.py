"""What fills a live table above its caption. Types only."""

from typing import NamedTuple, Protocol

from rich.text import Text

from krakencli.formatters.cells import Wire

Size = tuple[int, int]
"""Columns and lines of the window."""


class Shown(NamedTuple):
    """Lines, each as wide as the window; what is scrolled to, how far a page scrolls, what is not shown."""

    lines: list[Text]
    first: int
    page: int
    hidden: str


class Body(Protocol):
    """Rows, or ladders; `now` is the caller's clock."""

    def add(self, channel: str, type_: str, item: Wire) -> None:
        """A record of a channel; raises msgspec.DecodeError where it is none."""
        ...

    def resize(self) -> None:
        """The window has another size: widths start anew."""
        ...

    def show(self, now: float, size: Size, first: int, *, live: bool) -> Shown: ...

    def still(self, now: float, size: Size) -> list[Text]:
        """Everything once more, for the ordinary screen; no lines where there is nothing to show."""
        ...
