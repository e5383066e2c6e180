"""Blocking calls that a signal can end at once.

A handler that raises can do so only between two steps of the main thread's Python. `getaddrinfo` and a REST
call are one long step, so they run in a daemon thread, which a leaving program does not wait for, while the
main thread waits in slices.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
SLICE = 0.1
"""Seconds; signals interrupt a wait by themselves on POSIX, elsewhere after one slice."""


class Call(Generic[T]):
    """One call. Once `done` is set, `result` holds one item where it returned, `error` what it raised."""

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self.done = threading.Event()
        self.result: list[T] = []
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result.append(self._function())
        except BaseException as error:  # noqa: BLE001 - the edge of a thread: the caller raises it again
            self.error = error
        finally:
            self.done.set()


def start(function: Callable[[], T]) -> Call[T]:
    """Begin a call that nobody waits for; a leaving program does not wait for it either."""
    call = Call(function)
    threading.Thread(target=call.run, name="background", daemon=True).start()
    return call


def run(function: Callable[[], T]) -> T:
    """What `function` returns, or raises, while signal handlers of the main thread go on being served.

    When a handler raises, the call is left to itself: its result is lost and the program may end.
    """
    call = start(function)
    while not call.done.wait(SLICE):
        pass
    if call.error is not None:
        raise call.error
    return call.result[0]
