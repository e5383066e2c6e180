"""Blocking calls that a signal can end at once.

A handler that raises can do so only between two steps of the main thread's Python. `getaddrinfo` and a REST
call are one long step, so they run in a daemon thread, which a leaving program does not wait for, while the
main thread waits in slices.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
W = TypeVar("W")
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


class OneByOne(Generic[W, T]):
    """Answers wishes in the order in which they were made, one call at a time."""

    def __init__(self, function: Callable[[W], T]) -> None:
        self._function = function
        self._due: deque[W] = deque()
        self._under_way: tuple[W, Call[T]] | None = None

    def ask(self, wish: W) -> None:
        self._due.append(wish)

    def answers(self) -> Iterator[tuple[W, Call[T]]]:
        """What has been answered since, each with its call; the next call begins."""
        if self._under_way is not None and self._under_way[1].done.is_set():
            answered, self._under_way = self._under_way, None
            yield answered
        if self._under_way is None and self._due:
            wish, function = self._due.popleft(), self._function
            self._under_way = wish, start(lambda: function(wish))
