"""Channels below one another: each its part, and every window filled exactly."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from krakencli.channels import CHANNELS
from krakencli.formatters.table import Grid, LiveTable, Stack

from ..kit import LIVE, screen, ticker, trade


class Board:
    def __init__(self, size: tuple[int, int] = (80, 16)) -> None:
        self.file = StringIO()
        console = Console(
            file=self.file, force_terminal=True, color_system="standard", width=size[0], height=size[1]
        )
        self.stack = Stack({name: Grid(CHANNELS[name]) for name in ("ticker", "trade")})
        self.table = LiveTable(self.stack, console=console, environ={}, stdin=-1)

    def draw(self) -> list[str]:
        self.table.draw(0.0, LIVE)
        return screen(self.file.getvalue())


def filled(size: tuple[int, int] = (80, 16)) -> Board:
    board = Board(size)
    board.table.add("snapshot", ticker("BTC/USD"), "ticker")
    for number in range(30):
        board.table.add("update", trade("1.0", number), "trade")
    return board


def test_each_channel_has_its_name_and_leaves_what_it_does_not_need() -> None:
    lines = filled().draw()
    assert lines[0].startswith("── ticker ─")
    assert lines[2].startswith("BTC/USD")
    assert lines[3].startswith("── trade ─")
    assert [line.split()[0] for line in lines[5:15]] == ["BTC/USD"] * 10
    assert lines[15].startswith("● live")


def test_what_does_not_fit_is_counted() -> None:
    assert "+1 channels" in filled((80, 5)).draw()[-1]


def test_channels_without_a_place_are_scrolled_to() -> None:
    """The window has one place for two channels."""
    stack = filled().stack
    assert stack.show(0.0, (80, 5), 0, live=True).lines[0].plain.startswith("── ticker ─")
    shown = stack.show(0.0, (80, 5), 7, live=True)
    assert shown.lines[0].plain.startswith("── trade ─")
    assert (shown.first, shown.hidden) == (1, "channels 2-2 of 2 ↑↓")


def test_rows_scroll_together_and_not_further_than_the_longest() -> None:
    shown = filled().stack.show(0.0, (80, 16), 1000, live=True)
    assert shown.lines[2].plain.startswith("BTC/USD")
    assert shown.first == 20  # thirty trades, ten places
    assert shown.hidden.startswith("21-30 of 30")


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (20, 4), (40, 7), (80, 24), (200, 60)])
def test_every_window_is_filled_exactly(size: tuple[int, int]) -> None:
    lines = filled(size).draw()
    assert [cell_len(line) for line in lines] == [size[0]] * size[1]


def test_the_last_look_has_all_of_them() -> None:
    still = filled().table.still(0.0)
    assert still.count("── ") == 2
