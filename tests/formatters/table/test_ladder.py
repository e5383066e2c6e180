"""Ladders on a screen in memory: a book as a person sees it, at every size."""

import re
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from krakencli.books.pane import Pane, Standing
from krakencli.books.summary import Rung, Top
from krakencli.books.trust import Trust
from krakencli.formatters.table import Ladders, LiveTable

from ..kit import LIVE, looks, screen

TOP = Top("99.0", "0.50", "101.0", "1.50", "2.0", "100.0", "-0.500000")
RED, GREEN = "\x1b[1;31m", "\x1b[1;32m"


def rungs(*figures: tuple[str, str, str]) -> list[Rung]:
    return [Rung(*one) for one in figures]


def pane(symbol: str = "BTC/USD", standing: Standing = "verified", **more: object) -> Pane:
    asks = rungs(("101.0", "1.50", "1.50"), ("1102.5", "0.25", "1.75"))
    bids = rungs(("99.0", "0.50", "0.50"), ("98.0", "3.00", "3.50"))
    return replace(Pane(symbol, standing, asks, bids, TOP, Trust(verified=1254)), **more)  # type: ignore[arg-type]


def plain(text: str) -> str:
    """The text without its looks."""
    return re.sub(r"\x1b\[[\d;]*m", "", text)


class Books:
    """Panes to look at; the levels asked for are honoured as a keeper does."""

    def __init__(self, *panes: Pane) -> None:
        self.panes = {pane.symbol: pane for pane in panes}

    @property
    def symbols(self) -> Sequence[str]:
        return tuple(self.panes)

    def pane(self, symbol: str, levels: int) -> Pane:
        one = self.panes[symbol]
        return replace(one, asks=one.asks[:levels], bids=one.bids[:levels])


class Board:
    def __init__(self, *panes: Pane, size: tuple[int, int] = (60, 12), levels: int = 10) -> None:
        self.file = StringIO()
        console = Console(
            file=self.file, force_terminal=True, color_system="standard", width=size[0], height=size[1]
        )
        self.books = Books(*panes)
        self.table = LiveTable(Ladders(self.books, levels), console=console, environ={}, stdin=-1)

    def draw(self, **caption: object) -> list[str]:
        self.table.draw(0.0, replace(LIVE, **caption))  # type: ignore[arg-type]
        return screen(self.file.getvalue())


def test_a_ladder_is_asks_above_the_spread_and_bids_below() -> None:
    lines = Board(pane(), size=(46, 10)).draw()
    assert [line.rstrip() for line in lines] == [
        "BTC/USD  ✓ 1,254 verified",
        "total   qty      ask",
        " 1.75  0.25  1,102.5 ██",
        " 1.50  1.50    101.0 ████████████▌",
        "      spread 2.0 · mid 100.0 · bids 25%",
        " 0.50  0.50     99.0 ████▏",
        " 3.50  3.00     98.0 █████████████████████████",
        "total   qty      bid",
        "",
        "● live · 84.2/s · 1,254 records · 1:12",
    ]


def test_asks_are_red_and_bids_green() -> None:
    board = Board(pane())
    board.draw()
    assert looks(board.file.getvalue(), "  1,102.5") == RED
    assert looks(board.file.getvalue(), "     99.0") == GREEN


def test_level3_says_how_many_orders_a_level_has() -> None:
    many = [Rung("101.0", "1.50", "1.50", 1234)]
    lines = Board(pane(asks=many, bids=[], has_orders=True)).draw()
    assert lines[1].split() == ["total", "qty", "orders", "ask"]
    assert lines[2].split()[:4] == ["1.50", "1.50", "1,234", "101.0"]


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ("waiting", "◌ waiting for the snapshot"),
        ("unverified", "○ not verified"),
        ("doubtful", "? checking the digits"),
        ("away", "✗ away, subscribing again"),
    ],
)
def test_the_head_says_how_far_to_believe_it(standing: Standing, words: str) -> None:
    assert Board(pane(standing=standing)).draw()[0].rstrip() == f"BTC/USD  {words}"


def test_failures_are_counted_and_the_last_one_said() -> None:
    trust = Trust(verified=9, failed=2, last_failure="checksum 1 instead of 2")
    head = Board(pane(trust=trust), size=(80, 12)).draw()[0].rstrip()
    assert head == "BTC/USD  ✓ 9 verified · 2 failed, last: checksum 1 instead of 2"
    away = Board(pane(standing="away", asks=[], bids=[], top=Top(), trust=trust), size=(80, 12)).draw()
    assert [line.rstrip() for line in away[:3]] == [
        "BTC/USD  ✗ away, subscribing again · 2 failed",
        "  checksum 1 instead of 2",
        "",
    ]


def test_a_side_without_levels_is_said() -> None:
    lines = Board(pane(asks=[], top=Top("99.0", "0.50"))).draw()
    assert "no asks" in lines[2]


def test_several_symbols_stand_side_by_side_then_below_one_another() -> None:
    symbols = [pane(f"C{number}/USD") for number in range(4)]
    lines = Board(*symbols, size=(80, 22)).draw()
    heads = [line for line in lines if "verified" in line]
    assert [line.count("/USD") for line in heads] == [2, 2]
    assert "more" not in lines[-1]


def test_symbols_that_do_not_fit_are_counted() -> None:
    symbols = [pane(f"C{number}/USD") for number in range(9)]
    lines = Board(*symbols, size=(40, 12)).draw()
    assert sum("verified" in line for line in lines) == 1
    assert "+8 more ↓" in lines[-1]


def test_no_more_levels_than_were_asked_for() -> None:
    lines = Board(pane(), levels=1, size=(60, 12)).draw()
    assert sum(" 98.0" in line or "1,102.5" in line for line in lines) == 0


def test_the_caption_tells_of_trust_first() -> None:
    assert (
        Board(pane())
        .draw(remarks=("1,254 verified", "2 failed"))[-1]
        .startswith("● live · 1,254 verified · 2 failed · ")
    )


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (7, 3), (20, 5), (34, 9), (80, 24), (200, 60)])
@pytest.mark.parametrize("standing", ["verified", "away"])
def test_every_window_is_filled_exactly(size: tuple[int, int], standing: Standing) -> None:
    levels = [] if standing == "away" else list(pane().asks)
    symbols = [pane(f"C{number}/USD", standing, asks=levels) for number in range(3)]
    lines = Board(*symbols, size=size).draw()
    assert [cell_len(line) for line in lines] == [size[0]] * size[1]


def test_what_the_network_says_cannot_steer_the_terminal() -> None:
    lines = Board(pane("\x1b[31mX/\u202eY")).draw()
    assert "\x1b" not in lines[0]
    assert "\u202e" not in lines[0]


def test_a_ladder_without_colour_is_as_wide_as_with_it() -> None:
    assert Board(pane()).draw(state="reconnecting")[:8] == Board(pane()).draw()[:8]


def test_the_last_look_stays_on_the_ordinary_screen() -> None:
    still = plain(Board(pane()).table.still(0.0)).splitlines()
    assert still[0] == "BTC/USD  ✓ 1,254 verified"
    assert "spread 2.0" in "".join(still)
