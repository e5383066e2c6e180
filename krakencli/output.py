"""stdout as a good citizen of pipes: whole writes, a reader that goes away, a full pipe that can be left.

A write into a pipe never blocks for good: the writer waits until the pipe takes PIPE_BUF bytes, which it then
takes at once, and looks at `stop` meanwhile. So Ctrl-C ends the program also when nobody reads. Pieces end
where lines end, as far as lines are short enough, so that what was written by then is whole.
"""

import os
import select
import stat
from collections.abc import Callable

_PIECE = select.PIPE_BUF
_LINE_END = ord("\n")
_LOOK_EVERY = 100  # milliseconds
_LOOKS_IN_A_LINE = 3
"""How often a full pipe is looked at once more before a line is left unfinished."""


class ReaderGoneError(Exception):
    """Whoever read our output has closed it."""


class StoppedError(Exception):
    """The program is to end, and the output takes nothing more."""


class Writer:
    """Writes to one file descriptor. `stop` says that a full pipe is no longer worth waiting for."""

    def __init__(self, fd: int, stop: Callable[[], bool] = lambda: False) -> None:
        self._fd = fd
        self._stop = stop
        mode = os.fstat(fd).st_mode
        self._may_block = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
        self._poller = select.poll()
        self._poller.register(fd, select.POLLOUT)

    def write(self, data: bytes) -> None:
        """Write all of `data`. Raises ReaderGoneError, StoppedError, or OSError (a full disk)."""
        view, at = memoryview(data), 0
        try:
            while at < len(data):
                end = len(data)
                if self._may_block:
                    end = _end_of_piece(data, at)
                    self._wait(inside_a_line=at > 0 and data[at - 1] != _LINE_END)
                try:
                    at += os.write(self._fd, view[at:end])
                except BlockingIOError:  # someone who shares the descriptor has made it so
                    self._wait(inside_a_line=at > 0 and data[at - 1] != _LINE_END)
        except (BrokenPipeError, ConnectionResetError):
            raise ReaderGoneError from None

    def reader_gone(self) -> bool:
        """Whether the other end of the pipe has been closed, noticed without writing."""
        if not self._may_block:
            return False
        return any(flags & (select.POLLERR | select.POLLHUP) for _, flags in self._poller.poll(0))

    def _wait(self, *, inside_a_line: bool) -> None:
        """Until the output takes something."""
        looks = _LOOKS_IN_A_LINE if inside_a_line else 0
        while not self._poller.poll(_LOOK_EVERY):
            if self._stop():
                if not looks:
                    raise StoppedError
                looks -= 1


def _end_of_piece(data: bytes, at: int) -> int:
    """Where to cut: behind the last line that PIPE_BUF bytes hold, or anywhere in a line that is longer."""
    most = min(at + _PIECE, len(data))
    return (data.rfind(b"\n", at, most) + 1) or most
