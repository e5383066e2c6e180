"""The exchange's cancel-all timer, kept armed: over the socket, over REST where that fails (§12.5).

Arming it again is harmless, so that a lost answer is answered by another try. It has one owner at a time: who
arms it first, then the thread that `keep` runs in, then who disarms it.
"""

from collections.abc import Callable
from datetime import datetime

from krakencli.clock import Clock
from krakencli.errors import AuthError, RemoteError, StreamError
from krakencli.protocol.trading import Answer
from krakencli.trading.advice import REFUSED_TOKEN, advice, normal
from krakencli.trading.desk import Desk

METHOD = "cancel_all_orders_after"
SLICE = 0.2
"""Seconds after which it looks whether it is to stop."""
PING_EVERY = 15.0
"""Seconds; the exchange closes connections on which nothing is said for a minute."""
AGAIN = (0.0, 1.0, 2.0, 5.0, 10.0)
"""Seconds before each attempt to connect again; the last goes on."""

_NOT_ALLOWED = ("egeneral:permission denied", *REFUSED_TOKEN)

Rest = Callable[[int], Answer]
Say = Callable[[str], None]


class Timer:
    """`seconds` is the time-out; `rest` sets it over REST, None where that is not at hand; `say` tells."""

    def __init__(self, desk: Desk, rest: Rest | None, seconds: int, clock: Clock, say: Say) -> None:
        self._desk, self._rest, self._seconds, self._clock, self._say = desk, rest, seconds, clock, say
        self._unit = clock.unit
        self.fires = ""
        self._armed_at = clock.monotonic()
        self._pinged_at = clock.monotonic()
        self._attempts = 0
        self._attempt_at = 0.0
        self._failing = False

    @property
    def left(self) -> float:
        """Seconds until it fires, by our clock; it may be below zero."""
        return self._armed_at + self._seconds * self._unit - self._clock.monotonic()

    def arm(self) -> None:
        """For the first time. Raises StreamError where neither way leads to the exchange."""
        try:
            self._desk.open()
        except StreamError as error:
            if self._rest is None:
                raise
            self._say(f"{error.message}; arming over REST")
        self._set(self._seconds)

    def disarm(self) -> None:
        """Raises StreamError where it cannot be known to be disarmed."""
        self._set(0)

    def keep(self, stopped: Callable[[], bool]) -> None:
        """Renew it every third of its time, until `stopped`. Never raises a StreamError: it tells, and tries
        again.
        """
        due = self._next()
        while not stopped():
            now = self._clock.monotonic()
            if now >= due or (self._lost() and self._connected_again()):
                due = self._renewed()
            elif now - self._pinged_at >= PING_EVERY * self._unit and self._desk.alive:
                self._pinged_at = now
                self._desk.ping()
            self._desk.wait(min(SLICE, max(due - now, 0.01)))

    def _renewed(self) -> float:
        """Arm it again; when that is due the next time."""
        if self.left < 0:
            self._say("THE TIMER RAN OUT: the exchange has canceled all orders; arming it again")
        try:
            self._set(self._seconds)
        except StreamError as error:
            self._failing = True
            self._say(f"NOT RENEWED: {error.message}; all orders are canceled in {max(self.left, 0):.0f} s")
            return self._clock.monotonic() + min(1.0, self._seconds / 10) * self._unit
        if self._failing:
            self._failing = False
            self._say(f"renewed again; without renewal all orders are canceled at {self.fires}")
        return self._next()

    def _next(self) -> float:
        """When it is to be renewed."""
        return self._armed_at + self._seconds / 3 * self._unit

    def _set(self, seconds: int) -> None:
        began = self._clock.monotonic()
        answer = self._over_socket(seconds)
        if answer is None or not (answer.success or self._rest is None):
            answer = self._over_rest(seconds)
        if not answer.success:
            kind = AuthError if normal(answer.error).startswith(_NOT_ALLOWED) else RemoteError
            raise kind(f"{METHOD} was refused: {answer.error}", suggestion=advice(answer.error))
        self._armed_at = began
        self.fires = _moment(answer.result.get("triggerTime"))

    def _over_socket(self, seconds: int) -> Answer | None:
        """None where the socket brought no answer; it is given up then."""
        if not self._desk.alive:
            return None
        patience = max(min(5.0, self._seconds / 6), 0.5)
        heard = self._desk.ask(METHOD, lambda: {"timeout": seconds}, within=patience)
        if heard.answers:
            return heard.answers[0]
        self._say(f"connection lost: {heard.lost}")
        self._give_up()
        return None

    def _over_rest(self, seconds: int) -> Answer:
        if self._rest is None:
            raise RemoteError("no connection, and no key for REST", retryable=True)
        return self._rest(seconds)

    def _lost(self) -> bool:
        """Whether the connection is gone; tells it once."""
        if self._desk.alive:
            return False
        if not self._attempts:
            self._say(f"connection lost: {self._desk.lost}; connecting again")
            self._give_up()
        return True

    def _give_up(self) -> None:
        self._desk.close()
        self._attempts = 1
        self._attempt_at = self._clock.monotonic() + AGAIN[0]

    def _connected_again(self) -> bool:
        """Try where it is time to; True asks for a renewal at once."""
        if self._clock.monotonic() < self._attempt_at:
            return False
        patience = max(min(10.0, self._seconds / 6), 1.0)
        try:
            self._desk.open(tries=(0.0,), within=patience)
        except StreamError:
            delay = AGAIN[min(self._attempts, len(AGAIN) - 1)]
            self._attempts += 1
            self._attempt_at = self._clock.monotonic() + delay * self._unit
            return False
        self._attempts = 0
        self._pinged_at = self._clock.monotonic()
        self._say("connected again")
        return True


def _moment(value: object) -> str:
    """A triggerTime that is a time; "" for "0" and whatever else."""
    text = value if isinstance(value, str) else ""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text
