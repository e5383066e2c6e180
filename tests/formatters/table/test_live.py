"""The live table on a screen in memory: what it shows, at every size, of whatever the network sends."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from krakencli.channels import CHANNELS
from krakencli.channels.instrument import ASSETS
from krakencli.formatters.table import can_draw

from ..kit import LIVE, Board, looks, needs_recordings, recorded, ticker, trade

GREEN, RED, BOLD_GREEN, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[1;32m", "\x1b[0m"


def test_a_ticker_is_titles_rows_and_a_caption() -> None:
    board = Board(size=(60, 6))
    board.table.add("snapshot", ticker("BTC/USD", "64000.10", change_pct="1.22"))
    board.table.add("snapshot", ticker("ETH/USD", "3127.8", change_pct="-0.50"))
    assert [line.rstrip() for line in board.draw()] == [
        "symbol        bid        ask        last   24h %   age",
        "BTC/USD  64,000.0   64,000.1   64,000.10   +1.22  0.0s",
        "ETH/USD  64,000.0   64,000.1     3,127.8   -0.50  0.0s",
        "",
        "",
        "● live · 84.2/s · 1,254 records · 12 subscriptions · 1:12",
    ]


def test_rows_grow_older_with_the_callers_clock() -> None:
    board = Board(size=(60, 4))
    board.table.add("update", ticker("BTC/USD"))
    board.draw(100.0)
    assert board.draw(112.5)[1].rstrip().endswith("  12s")


@pytest.mark.parametrize("name", [*CHANNELS, "assets"])
@needs_recordings
def test_every_channel_fits_every_window(name: str) -> None:
    channel = ASSETS if name == "assets" else CHANNELS[name]
    for size in ((1, 1), (2, 2), (20, 3), (40, 8), (80, 24), (200, 60)):
        board = Board(size=size, channel=channel)
        for type_, item in recorded(channel):
            board.table.add(type_, item)
        lines = board.draw()
        assert [cell_len(line) for line in lines] == [size[0]] * size[1]
        if size[0] >= 80:
            assert lines[1].strip()


def test_two_hundred_symbols_fit_into_twenty_four_lines_and_the_rest_is_counted() -> None:
    board = Board(size=(100, 24))
    for number in range(200):
        board.table.add("snapshot", ticker(f"C{number}/USD"))
    lines = board.draw()
    assert len(lines) == 24
    assert [line.split()[0] for line in lines[1:23]] == [f"C{number}/USD" for number in range(22)]
    assert "+178 more" in lines[23]


def test_a_tape_counts_nothing_as_hidden() -> None:
    board = Board("trade", (100, 10))
    for number in range(100):
        board.table.add("update", trade("1.0", number))
    lines = board.draw()
    assert [line.split()[5] for line in lines[1:9]] == [str(number) for number in range(99, 91, -1)]
    assert "more" not in lines[9]


def test_narrow_windows_drop_the_columns_of_higher_rank_first() -> None:
    titles = []
    for width in (200, 100, 50, 40, 8, 3):
        board = Board(size=(width, 5))
        board.table.add("update", ticker("BTC/USD"))
        titles.append(" ".join(board.draw()[0].split()))
    assert titles == [
        "symbol bid bid qty ask ask qty last volume 24h vwap low 24h high 24h change 24h 24h % trades age",
        "symbol bid ask last volume 24h low 24h high 24h 24h % age",
        "symbol bid ask last 24h %",
        "symbol bid ask",
        "symbol",
        "sym",
    ]


def test_a_price_that_moved_has_a_colour_a_sign_and_for_a_moment_weight() -> None:
    board = Board(size=(60, 4))
    board.table.add("update", ticker("A/USD", "10.0"))
    board.draw(0.0)
    assert "▲" not in board.file.getvalue()
    board.table.add("update", ticker("A/USD", "10.10"))
    assert "10.10▲" in board.draw(1.0)[1]
    assert looks(board.file.getvalue(), "10.10▲") == BOLD_GREEN
    board.draw(5.0)
    assert looks(board.file.getvalue(), "10.10▲") == GREEN
    board.table.add("update", ticker("A/USD", "9.9"))
    assert "9.9▼" in board.draw(6.0)[1]


def test_buyers_are_green_and_sellers_red() -> None:
    board = Board("trade", (100, 6))
    board.table.add("update", trade("1.0", side="buy"))
    board.table.add("update", trade("1.0", side="sell"))
    board.draw()
    assert looks(board.file.getvalue(), "buy ") == GREEN
    assert looks(board.file.getvalue(), "sell") == RED


def test_without_colour_moves_are_still_seen() -> None:
    board = Board(size=(60, 4), no_color=True)
    for last in ("10.0", "10.1"):
        board.table.add("update", ticker("A/USD", last, change_pct="1.00"))
        line = board.draw()[1]
    assert "10.1▲" in line
    assert "+1.00" in line
    assert all(colour not in board.file.getvalue() for colour in ("\x1b[32m", "\x1b[1;32m", "\x1b[31m"))


def test_rows_that_are_not_live_are_dim() -> None:
    board = Board(size=(60, 4))
    board.table.add("update", ticker("A/USD", change_pct="1.00"))
    lines = board.draw(0.0, replace(LIVE, state="reconnecting", detail="in 5 s"))
    assert looks(board.file.getvalue(), "+1.00") == "\x1b[2;32m"
    assert lines[-1].startswith("↻ reconnecting in 5 s · 84.2/s")


def test_a_caption_drops_figures_before_the_state() -> None:
    facts = replace(LIVE, rejected=3, elapsed=3725.0)
    captions = [Board(size=(width, 1)).draw(0.0, facts)[0].rstrip() for width in (90, 50, 20, 9, 6, 1)]
    assert captions == [
        "● live · 84.2/s · 1,254 records · 3 rejected · 12 subscriptions · 1:02:05          q quits",
        "● live · 84.2/s · 1,254 records · 3 rejected",
        "● live · 84.2/s",
        "● live",
        "●",
        "●",
    ]


@pytest.mark.parametrize("text", ["[red]X[/red]", "[/]", "[link=x]y", ":smile:", "[@click=a]b"])
def test_markup_stays_text(text: str) -> None:
    board = Board(size=(100, 4))
    board.table.add("update", ticker(text))
    assert text in board.draw(0.0, replace(LIVE, detail=text))[1]
    assert text in board.draw(1.0, replace(LIVE, detail=text))[3]


@settings(deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_the_network_cannot_draw(symbol: str, detail: str) -> None:
    board = Board("ticker", (80, 5))
    board.table.add("update", ticker(symbol.encode("utf-8", "replace").decode(), '"\\u001b[2J\\u009b5n"'))
    lines = board.draw(0.0, replace(LIVE, detail=detail))
    assert [cell_len(line) for line in lines] == [80] * 5
    assert all(line.isprintable() for line in lines)


def test_a_terminal_of_ascii_gets_ascii() -> None:
    board = Board(size=(60, 4), ascii_only=True)
    for last in ("1.0", "2.0"):
        board.table.add("update", ticker("é/USD", last))
        lines = board.draw()
    assert all(line.isascii() for line in lines)
    assert "2.0^" in lines[1]


def test_only_lines_that_changed_are_written() -> None:
    board = Board(size=(60, 5))
    board.table.add("update", ticker("A/USD"))
    board.table.add("update", ticker("B/USD"))
    board.draw()
    written = len(board.file.getvalue())
    board.draw()
    assert len(board.file.getvalue()) == written
    board.draw(1.0)
    assert "\x1b[2;1H" in board.file.getvalue()[written:]
    assert "\x1b[1;1H" not in board.file.getvalue()[written:]


def test_what_another_program_scribbled_goes_away() -> None:
    board = Board(size=(60, 4))
    board.table.add("update", ticker("A/USD"))
    board.draw()
    board.file.write("\x1b[1;1Ha warning of another program")
    for _ in range(20):
        lines = board.draw()
    assert lines[0].startswith("symbol ")
    assert board.file.getvalue().count("\x1b[2J") == 1


def test_a_still_is_the_newest_rows_without_controls() -> None:
    board = Board(size=(60, 6), no_color=True)
    assert board.table.still(0.0) == ""
    board.table.add("update", ticker("A/USD", "1.5"))
    lines = board.table.still(0.0).splitlines()
    assert len(lines) == 2
    assert "1.5" in lines[1]
    assert "\x1b[2J" not in "".join(lines)


class _Stream:
    def __init__(self, terminal: bool) -> None:
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.mark.parametrize(
    ("terminal", "name", "can"),
    [(True, "xterm", True), (True, "dumb", False), (True, "", False), (False, "xterm", False)],
)
def test_a_live_table_needs_a_terminal_that_can(terminal: bool, name: str, can: bool) -> None:
    assert can_draw(_Stream(terminal), {"TERM": name}) is can
