"""Keys: q quits, arrows scroll, and no letter inside an escape sequence counts."""

import pytest

from krakencli.formatters.table.keys import Action, actions, scrolled


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (b"q", ["quit"]),
        (b"Q", ["quit"]),
        (b"\x0c", ["repaint"]),
        (b"xyz\xff\x00", []),
        (b"\x1b[A\x1b[B\x1bOA\x1bOB", ["up", "down", "up", "down"]),
        (b"\x1b[5~\x1b[6~ kjgG", ["page up", "page down", "page down", "up", "down", "top", "bottom"]),
        (b"\x1bq\x1b[1;5q\x1bOq", []),
        (b"\x1b", []),
        (b"\x1b\x1b[A", ["up"]),
        (b"ab\nq", ["quit"]),
    ],
)
def test_typed_bytes_are_actions(typed: bytes, wanted: list[Action]) -> None:
    assert actions(typed) == wanted


@pytest.mark.parametrize(
    ("action", "first"),
    [("up", 4), ("down", 6), ("page up", 0), ("page down", 15), ("top", 0), ("quit", 5)],
)
def test_an_action_scrolls(action: Action, first: int) -> None:
    assert scrolled(5, action, 10) == first


def test_the_bottom_is_beyond_every_row() -> None:
    assert scrolled(5, "bottom", 10) > 10**6
