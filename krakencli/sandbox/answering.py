"""What is told of an account while a request is being answered waits for the answer, whichever protocol
speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Answering:
    """Passes frames on to `emit`, at once or when the answer is out."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit = emit
        self._told: list[str] | None = None

    def tell(self, frame: str) -> None:
        """A frame that is no answer."""
        if self._told is None:
            self._emit(frame)
        else:
            self._told.append(frame)

    @contextmanager
    def first(self) -> Iterator[None]:
        """The answers that go out within come before what is told meanwhile."""
        self._told = []
        try:
            yield
        finally:
            told, self._told = self._told, None
            for frame in told:
                self._emit(frame)
