"""SIGINT and SIGTERM: an end at once while the program prepares, an orderly one while it streams."""

import os
import signal
from collections.abc import Callable
from types import FrameType

from krakencli.errors import Interrupted

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Owns the handlers of both signals.

    Until `stream` is called a signal raises `Interrupted` in the main thread. Then it only sets `signum` and
    calls `wake`, so that no half-written line is left; a second signal ends the process on the spot.
    A signal that the parent chose to ignore (`nohup`, `&` of a plain shell) stays ignored.
    """

    def __init__(self) -> None:
        self.signum: int | None = None
        self._wake: Callable[[], None] | None = None

    def install(self) -> None:
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._handle)

    def leave_at_once(self) -> None:
        """From here on, with nothing left to tidy up, a signal ends the process on the spot."""
        for number in _SIGNALS:
            if signal.getsignal(number) == self._handle:
                signal.signal(number, lambda signum, _frame: os._exit(128 + signum))

    def stream(self, wake: Callable[[], None]) -> None:
        """From here on signals are left to the loop that `wake` wakes."""
        self._wake = wake

    def raised(self) -> bool:
        return self.signum is not None

    def _handle(self, signum: int, _frame: FrameType | None) -> None:
        if self._wake is None:
            raise Interrupted(signum)
        if self.signum is not None:
            os._exit(128 + signum)
        self.signum = signum
        self._wake()
