"""One private connection, used like a counter: hand a request in, wait for its answers.

It connects again only as long as nothing was handed in: a request is put on the wire at most once, whatever
happens afterwards. It owns the link and its inbox, and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from krakencli.clock import Clock
from krakencli.errors import StreamError, UnreachableError
from krakencli.protocol import trading
from krakencli.protocol.masking import masked
from krakencli.protocol.trading import Answer, Params, TradingDialect
from krakencli.transport.inbox import Inbox
from krakencli.transport.link import Arrival, Batch, Closed, Link, Opened, Postponed

Connect = Callable[[Inbox[Arrival]], Link]
Trace = Callable[[str, bytes], None]

TRIES = (0.0, 1.0, 2.0)
"""Seconds before each attempt to connect."""
CONNECT_WITHIN = 60.0
"""Seconds for all attempts together; each fetches a token, and REST may be slow."""
BLOCKED = (403, 429)


@dataclass(slots=True)
class Heard:
    """What came of a request. `lost` says why answers are missing, "" where all came."""

    answers: list[Answer] = field(default_factory=list)
    lost: str = ""


class Desk:
    """`open` it, `ask`, `close`. Not to be shared between threads."""

    def __init__(
        self,
        connect: Connect,
        clock: Clock,
        trace: Trace | None = None,
        dialect: TradingDialect = trading,
    ) -> None:
        self._connect, self._clock, self._trace, self._dialect = connect, clock, trace, dialect
        self._inbox: Inbox[Arrival] = Inbox()
        self._link: Link | None = None
        self._token: str | None = None
        self._number = 0
        self.lost = "not connected"

    @property
    def alive(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._link is not None and not self.lost

    def open(self, tries: tuple[float, ...] = TRIES, within: float = CONNECT_WITHIN) -> None:
        """Connect. Raises UnreachableError, or what kept the token from being fetched."""
        ends_at = self._now() + within * self._clock.unit
        for attempt, delay in enumerate(tries, 1):
            self._pause(delay * self._clock.unit)
            closed = self._attempt(ends_at)
            if closed is None:
                return
            if closed.error is not None:
                raise closed.error
            if closed.permanent or closed.http_status in BLOCKED or attempt == len(tries):
                raise _unreachable(closed, attempt)

    def ask(
        self,
        method: str,
        params: Callable[[], Params],
        *,
        within: float,
        expected: int = 1,
        settle: float = 0.0,
    ) -> Heard:
        """Send one request, once, and gather its answers: `expected` of them, and what follows in `settle`
        seconds. `params` is called when it is sent.
        """
        assert self._link is not None
        assert self._token is not None
        self._number += 1
        heard = Heard()
        self._send(self._dialect.request(method, params(), self._number, self._token))
        ends_at = self._now() + within * self._clock.unit
        settled = False
        while not self.lost and (left := ends_at - self._now()) > 0:
            if len(heard.answers) >= expected and not settled:
                settled, ends_at = True, self._now() + settle * self._clock.unit
                continue
            for frame in self._frames(left):
                answer = self._dialect.read(frame, method, self._number)
                if answer is not None:
                    heard.answers.append(answer)
        if len(heard.answers) < expected:
            heard.lost = self.lost or f"no answer within {within:g} s"
        return heard

    def wait(self, seconds: float) -> None:
        """Let time pass; returns early when something comes, the connection ends or `wake` is called."""
        self._frames(seconds)

    def wake(self) -> None:
        """End a `wait`; a signal handler or another thread may call it."""
        self._inbox.wake()

    def ping(self) -> None:
        """Keep a connection from being closed for idleness (protocol notes v2 §3.4, v1 §3)."""
        self._number += 1
        self._send(self._dialect.ping(self._number))

    def close(self, wait: float = 0.1) -> None:
        """Say goodbye."""
        if self._link is not None:
            self._link.close(wait=wait)
            self._link = None
        self.lost = self.lost or "closed by this program"

    def _attempt(self, ends_at: float) -> Closed | None:
        """None once a connection is open, else how the attempt ended."""
        try:
            link = self._connect(self._inbox)
        except OSError as error:  # no more files may be opened
            raise UnreachableError(f"cannot open a connection: {error.strerror or error}") from None
        link.start()
        while (left := ends_at - self._now()) > 0:
            match self._inbox.get(left):
                case Opened(link=opened, token=token) if opened is link:
                    self._link, self._token, self.lost = link, token or "", ""
                    return None
                case Closed(link=closed) as end if closed is link:
                    return end
                case Postponed(link=postponed, seconds=seconds) if postponed is link:
                    link.close()
                    raise _too_many(seconds)
        link.close()
        return Closed(link, "no answer in time", opened=False)

    def _frames(self, within: float) -> list[bytes]:
        """What arrives next, the token masked; nothing where the connection ends or `within` passes."""
        arrival = self._inbox.get(within)
        if arrival is None or arrival.link is not self._link:
            return []
        if isinstance(arrival, Closed):
            self.lost = arrival.reason
        if not isinstance(arrival, Batch):
            return []
        frames = masked(arrival.frames, self._token) if self._token else arrival.frames
        if self._trace is not None:
            for frame in frames:
                self._trace("<", frame)
        return frames

    def _send(self, frame: bytes) -> None:
        assert self._link is not None
        if self._trace:
            self._trace(">", frame)
        self._link.send(frame)

    def _pause(self, seconds: float) -> None:
        """Wait; what is left over from the attempt before is dropped."""
        ends_at = self._now() + seconds
        while (left := ends_at - self._now()) > 0:
            self._inbox.get(left)

    def _now(self) -> float:
        return self._clock.monotonic()


def _unreachable(closed: Closed, attempt: int) -> StreamError:
    times = f", after {attempt} tries" if attempt > 1 else ""
    return UnreachableError(
        f"cannot connect to {closed.link.url}: {closed.reason}{times}",
        suggestion=_advice(closed),
        retryable=not closed.permanent,
    )


def _too_many(seconds: float) -> StreamError:
    return UnreachableError(
        f"too many connection attempts in ten minutes, the next in {seconds:.0f} s",
        suggestion="wait so long, or use --via rest",
        retryable=True,
    )


def _advice(closed: Closed) -> str:
    if "certificate" in closed.reason:
        return "name your own certificate authority with --ca-file"
    if closed.http_status in BLOCKED:
        return "too many connections from this address: wait ten minutes, or use --via rest"
    return "check the address" if closed.permanent else "check the network, or try --via rest"
