"""stdout as a good citizen of pipes: whole writes, a reader that goes away, a full pipe that can be left.

A write into a pipe never blocks for good: the writer waits until the pipe takes PIPE_BUF bytes, which it then
takes at once, and looks at `stop` meanwhile. So Ctrl-C ends the program also when nobody reads.
"""

import os
import select
import stat
from collections.abc import Callable

_PIECE = select.PIPE_BUF
_LOOK_EVERY = 100  # milliseconds


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
        view = memoryview(data)
        try:
            while view:
                if self._may_block:
                    self._wait()
                try:
                    view = view[os.write(self._fd, view[:_PIECE] if self._may_block else view) :]
                except BlockingIOError:  # someone who shares the descriptor has made it so
                    self._wait()
        except (BrokenPipeError, ConnectionResetError):
            raise ReaderGoneError from None

    def reader_gone(self) -> bool:
        """Whether the other end of the pipe has been closed, noticed without writing."""
        if not self._may_block:
            return False
        return any(flags & (select.POLLERR | select.POLLHUP) for _, flags in self._poller.poll(0))

    def _wait(self) -> None:
        """Until the output takes something."""
        while not self._poller.poll(_LOOK_EVERY):
            if self._stop():
                raise StoppedError
