"""How many connection attempts all processes of a user may make to a host: a hundred in any ten minutes.

The exchange refuses an address for ten minutes after about 150 attempts (protocol notes, limits §1, §6). The
attempts stand in a locked file for each host. One that must wait takes the next free place at once, even if
that is in the future: so none is overtaken, and none starves. Where no file can be written there is no
budget: a stream never stops for want of a home directory.
"""

import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from krakencli.places import state_directory

LIMIT = 100
WINDOW = 600.0
PLENTY = 80
"""Below so many an attempt does not wait for the lock: it is booked while it connects."""
ROUNDING = 0.001
PATIENCE = 10.0
_NUMBER = re.compile(rb"\d{1,12}\.\d{1,6}")


class Budget:
    """One host's budget. `wall` is Unix time in seconds, which all processes share."""

    def __init__(
        self,
        host: str,
        directory: Path | None = None,
        wall: Callable[[], float] = time.time,
        *,
        limit: int = LIMIT,
        window: float = WINDOW,
    ) -> None:
        self._name = f"attempts-{re.sub(r'[^a-z0-9.-]', '_', host.lower())}"
        self._directory, self._wall = directory, wall
        self._limit, self._window = limit, window

    def admit(self) -> float:
        """Book an attempt that is about to be made; the seconds that it has to wait."""
        with suppress(OSError, RuntimeError):
            path = (self._directory or state_directory()) / self._name
            if len(self._booked(path)) < min(PLENTY, self._limit):
                threading.Thread(target=self.book, name="budget", daemon=True).start()
                return 0.0
        return self.book()

    def book(self) -> float:
        """The same, and it is in the file when this returns."""
        from filelock import FileLock, Timeout  # noqa: PLC0415 - a stream connects meanwhile

        with suppress(OSError, RuntimeError, Timeout):
            directory = self._directory or state_directory()
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(directory / f"{self._name}.lock", PATIENCE, mode=0o600)
            with lock.acquire(poll_interval=0.002):
                return self._take_place(directory / self._name)
        return 0.0

    def _take_place(self, path: Path) -> float:
        now, booked = self._wall(), self._booked(path)
        place = now
        if len(booked) >= self._limit:
            place = max(now, booked[-self._limit] + self._window + ROUNDING)
        booked.append(place)
        scratch = path.with_suffix(".new")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(f"{one:.6f}\n" for one in booked)
        scratch.replace(path)
        return place - now

    def _booked(self, path: Path) -> list[float]:
        """The places that count now, in order; what a clock that went back has left far ahead does not."""
        try:
            lines = path.read_bytes().split()
        except FileNotFoundError:
            return []
        now = self._wall()
        places = (float(line) for line in lines if _NUMBER.fullmatch(line))
        return sorted(one for one in places if now - self._window < one < now + 10 * self._window)
