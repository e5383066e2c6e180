"""Nonces: unsigned 64-bit numbers that rise strictly per key, in all processes of a user.

Nanoseconds of the clock, pushed on where the clock stands still or goes back. The last one is kept in a
locked file per key, named by the key's hash. The exchange wants them to arrive in order too, so that a call
holds its key's turn from its nonce to its answer. Where no file can be written (read-only or missing home)
the clock and this process's own memory must do: a call is never refused for want of a file.
Facts: protocol notes REST §2.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from krakencli.places import state_directory

DIGITS = 20
HIGHEST = 2**64 - 1
PATIENCE = 10.0
"""Seconds to wait for other processes; each holds the lock for well under a millisecond."""

_memory: dict[str, int] = {}
_guard = threading.Lock()
_turns: dict[str, threading.Lock] = {}


def next_nonce(key: str, directory: Path | None = None, clock: Callable[[], int] = time.time_ns) -> int:
    """A nonce above every one before it. `directory` is the user's state directory unless given."""
    name = _name(key)
    with _guard:
        nonce = _next_on_disk(name, directory, clock)
        _memory[name] = nonce
    return nonce


@contextmanager
def turn(key: str, patience: float = PATIENCE, directory: Path | None = None) -> Iterator[None]:
    """While this lasts no other call of the key is on its way, in any process of the user.

    One that waits for longer than `patience` seconds goes without: it may be refused, and that is no harm.
    """
    with ExitStack() as held:
        mine = _turns.setdefault(_name(key), threading.Lock())
        if mine.acquire(timeout=patience):
            held.callback(mine.release)
            _hold_on_disk(held, f"turn-{_name(key)}.lock", patience, directory)
        yield


def _hold_on_disk(held: ExitStack, name: str, patience: float, directory: Path | None) -> None:
    from filelock import FileLock, Timeout  # noqa: PLC0415 - as below

    with suppress(OSError, RuntimeError, Timeout):
        directory = directory or state_directory()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(directory / name, patience, mode=0o600)
        held.enter_context(lock.acquire(poll_interval=0.002))


def _name(key: str) -> str:
    return f"nonce-{sha256(key.encode()).hexdigest()[:32]}"


def _next_on_disk(name: str, directory: Path | None, clock: Callable[[], int]) -> int:
    from filelock import FileLock, Timeout  # noqa: PLC0415 - public streams need no nonce

    with suppress(OSError, RuntimeError, Timeout):  # RuntimeError: a user without a home directory
        directory = directory or state_directory()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(directory / f"{name}.lock", PATIENCE, mode=0o600).acquire(poll_interval=0.002):
            return _advance(directory / name, name, clock)
    return _risen(name, 0, clock)


def _advance(path: Path, name: str, clock: Callable[[], int]) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        nonce = _risen(name, _number(os.read(descriptor, DIGITS + 1)), clock)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, b"%0*d" % (DIGITS, nonce))  # one write of one length: never half a number
        os.ftruncate(descriptor, DIGITS)
    finally:
        os.close(descriptor)
    return nonce


def _risen(name: str, stored: int, clock: Callable[[], int]) -> int:
    return max(stored + 1, _memory.get(name, 0) + 1, clock())


def _number(text: bytes) -> int:
    """What the file holds; 0 where it holds anything else, or a number that leaves no room to rise."""
    value = int(text) if text.isdigit() and len(text) == DIGITS else 0
    return value if value < HIGHEST - 2**32 else 0
