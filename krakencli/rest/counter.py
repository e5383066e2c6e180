"""The call counter that the exchange keeps for each key, modelled here so that it is never run into.

Each call adds to it, time takes away from it, by the tier of the account. A call that would pass the maximum
is booked at once and made later: whoever comes next waits longer, and none is overtaken. All processes of a
user share the counter of a key through a locked file. Where none can be written, or for an exchange on this
machine, each process has its own. Facts: protocol notes limits §3.
"""

import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from krakencli.places import state_directory

PATIENCE = 10.0
MOST_BEHIND = 20
"""So many full counters may wait in line; a file that says more is believed no further."""
_guard = threading.Lock()
_STATE = re.compile(rb"(\d{1,6}\.\d{6}) (\d{1,12}\.\d{6})\n")


class Tier(NamedTuple):
    """The counter's maximum, and what it loses in a second."""

    maximum: float
    decay: float


TIERS = {"starter": Tier(15, 0.33), "intermediate": Tier(20, 0.5), "pro": Tier(20, 1)}
COSTS = {
    **dict.fromkeys(("Ledgers", "QueryLedgers", "TradesHistory", "QueryTrades"), 2),
    **dict.fromkeys(("AddOrder", "AddOrderBatch", "AmendOrder", "EditOrder"), 0),
    **dict.fromkeys(("CancelOrder", "CancelOrderBatch", "CancelAll", "CancelAllOrdersAfter"), 0),
}
"""What a call adds, where it is not 1. Trading has the engine's counter, and never waits for this one."""


class State(NamedTuple):
    """The counter's level at a Unix time."""

    level: float = 0.0
    at: float = 0.0


_own: dict[str, State] = {}
"""What this process knows, by name: all there is where there is no file."""


class Counter:
    """One key's counter. `shared` says that other processes take part; `wall` is Unix time in seconds."""

    def __init__(
        self,
        name: str,
        *,
        shared: bool = True,
        directory: Path | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._name = f"calls-{sha256(name.encode()).hexdigest()[:32]}"
        self._shared, self._directory, self._wall = shared, directory, wall

    def book(self, method: str, tier: str) -> float:
        """Count a call that is about to be made; the seconds that it has to wait."""
        cost, limits = COSTS.get(method, 1), TIERS[tier]
        if not cost:
            return 0.0
        level = self._change(lambda state: booked(state, cost, limits, self._wall()))
        return max(0.0, (level - limits.maximum) / limits.decay)

    def fill(self, tier: str) -> None:
        """Believe the exchange, which says that the counter is full."""
        maximum = TIERS[tier].maximum

        def full(state: State) -> State:
            now = self._wall()
            return State(max(maximum, decayed(state, TIERS[tier], now)), now)

        self._change(full)

    def _change(self, step: Callable[[State], State]) -> float:
        with _guard:
            state = self._on_disk(step) or step(_own.get(self._name, State()))
            _own[self._name] = state
        return state.level

    def _on_disk(self, step: Callable[[State], State]) -> State | None:
        """The state after a step that all processes see; None where there is no place for it."""
        if not self._shared:
            return None
        from filelock import FileLock, Timeout  # noqa: PLC0415 - public streams count no calls

        with suppress(OSError, RuntimeError, Timeout):
            directory = self._directory or state_directory()
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(directory / f"{self._name}.lock", PATIENCE, mode=0o600)
            with lock.acquire(poll_interval=0.002):
                return _stepped(directory / self._name, step)
        return None


def booked(state: State, cost: float, limits: Tier, now: float) -> State:
    """The counter after one more call."""
    level = decayed(state, limits, now) + cost
    return State(min(level, limits.maximum * MOST_BEHIND), now)


def decayed(state: State, limits: Tier, now: float) -> float:
    """The level now. A clock that went back takes nothing away."""
    return max(0.0, state.level - max(0.0, now - state.at) * limits.decay)


def _stepped(path: Path, step: Callable[[State], State]) -> State:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        found = _STATE.fullmatch(os.read(descriptor, 64))
        state = step(State(float(found[1]), float(found[2])) if found else State())
        text = b"%.6f %.6f\n" % state
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, text)
        os.ftruncate(descriptor, len(text))
    finally:
        os.close(descriptor)
    return state
