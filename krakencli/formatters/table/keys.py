"""What was typed: the few keys that a live table knows; every other one is dropped.

Pure: bytes in, actions out. A whole escape sequence is one key, so that none of its letters counts as typed.
"""

import re
from typing import Literal

Action = Literal["quit", "up", "down", "page up", "page down", "top", "bottom", "repaint"]

_KEY = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[@-~]|\x1b[^\x1b]|.", re.DOTALL)

_ACTIONS: dict[bytes, Action] = {
    b"q": "quit",
    b"Q": "quit",
    b"k": "up",
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"j": "down",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
    b" ": "page down",
    b"g": "top",
    b"\x1b[H": "top",
    b"\x1bOH": "top",
    b"G": "bottom",
    b"\x1b[F": "bottom",
    b"\x1bOF": "bottom",
    b"\x0c": "repaint",
}


def actions(typed: bytes) -> list[Action]:
    """The actions that `typed` asks for, in their order."""
    return [_ACTIONS[key] for key in _KEY.findall(typed) if key in _ACTIONS]


def scrolled(offset: int, action: Action, page: int) -> int:
    """The first row to show after `action`; the caller keeps it within the rows that there are."""
    steps = {"up": -1, "down": 1, "page up": -page, "page down": page, "top": -offset}
    return max(0, offset + steps.get(action, 1 << 30 if action == "bottom" else 0))
