"""When to connect again after a connection or an attempt has ended, and when to give up. Sans I/O."""

import random
from collections.abc import Iterator

from krakencli.errors import ProtocolError, UnreachableError
from krakencli.transport.link import Closed

TRIES_BEFORE_SUCCESS = 3
AFTER_MAINTENANCE = 5.0
AFTER_BAN = (60.0, 600.0)
BANNED = (403, 429)
NO_MARKET_DATA = 1013
"""The close code of an outage, which is waited for like maintenance (limits §6)."""


def backoff(rng: random.Random) -> Iterator[float]:
    """Seconds to wait before each new attempt, with up to 20 % on top (protocol notes, limits §6)."""
    yield 0.0
    for delay in (1.0, 2.0, 5.0, 10.0, 20.0):
        yield delay * rng.uniform(1.0, 1.2)
    while True:
        yield 30.0 * rng.uniform(1.0, 1.2)


class Reconnection:
    """Counts failures in a row and turns each into a delay.

    `retry` is how many failures in a row are borne; None stands for two before the first success and any
    number after it, -1 for any number from the start.
    """

    def __init__(self, rng: random.Random, retry: int | None = None) -> None:
        self.failures = 0
        self._rng, self._retry = rng, retry
        self._delays = backoff(rng)
        self._bans = 0

    def healthy(self) -> None:
        """The connection has been good for long enough to forget what was before."""
        self.failures = self._bans = 0
        self._delays = backoff(self._rng)

    def after(self, closed: Closed, *, succeeded: bool, maintenance: bool) -> float:
        """Seconds to wait before the next attempt.

        `succeeded` says whether any valid frame ever came. Raises UnreachableError where trying again is
        hopeless or no longer allowed, ProtocolError where nothing but garbage came.
        """
        self.failures += 1
        self._give_up_if_hopeless(closed, succeeded=succeeded)
        delay = next(self._delays)
        if closed.http_status in BANNED:
            self._bans += 1
            return max(delay, AFTER_BAN[min(self._bans, len(AFTER_BAN)) - 1])
        patient = maintenance or closed.code == NO_MARKET_DATA
        return max(delay, AFTER_MAINTENANCE) if patient else delay

    def _give_up_if_hopeless(self, closed: Closed, *, succeeded: bool) -> None:
        allowed = self._retry
        if allowed is None:
            allowed = -1 if succeeded else TRIES_BEFORE_SUCCESS - 1
        hopeless = closed.permanent and (closed.error is not None or not succeeded)
        if not hopeless and (allowed < 0 or self.failures <= allowed):
            return
        if closed.error is not None:
            raise closed.error
        tries = f", after {self.failures} tries" if self.failures > 1 else ""
        if closed.garbage and not succeeded:
            raise ProtocolError(
                f"{closed.link.url}: {closed.reason}{tries}",
                suggestion="check the address: Kraken's is wss://ws.kraken.com/v2",
            )
        raise UnreachableError(
            f"cannot stream from {closed.link.url}: {closed.reason}{tries}",
            suggestion=_advice(closed),
            retryable=not closed.permanent,
        )


def _advice(closed: Closed) -> str:
    if "certificate" in closed.reason:
        return "name your own certificate authority with --ca-file"
    if closed.http_status in BANNED:
        return "too many connections from this address: wait ten minutes"
    if closed.permanent:
        return "check the address: Kraken's is wss://ws.kraken.com/v2"
    return "check the network, or go without it: --sandbox"
