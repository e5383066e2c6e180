"""REST calls: public and signed, repeated where that is harmless, with errors in the program's own terms.

The only module, with `adapter`, that imports `requests`. Every failure is built as a value and raised where
no exception of a library is being handled, so that no chain of exceptions holds a request: no message,
`repr` or traceback shows a secret, a signature or a second factor. Facts: protocol notes REST §1 and §2.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from requests import PreparedRequest, Request
from requests.exceptions import RequestException

from krakencli import __version__, trust
from krakencli.credentials import Credentials, checked
from krakencli.errors import StreamError, UsageError
from krakencli.rest import address, envelope, verdict
from krakencli.rest.adapter import TrustedAdapter, send
from krakencli.rest.counter import Counter
from krakencli.rest.nonce import next_nonce, turn
from krakencli.rest.signing import sign

READS = frozenset(
    {
        *("Balance", "BalanceEx", "TradeBalance", "TradeVolume", "GetApiKeyInfo", "GetWebSocketsToken"),
        *("OpenOrders", "ClosedOrders", "QueryOrders", "TradesHistory", "QueryTrades"),
        *("OpenPositions", "Ledgers", "QueryLedgers"),
    }
)
"""Private methods that change nothing. Only these are sent again when it is unknown whether they arrived."""

PATIENCE, PATIENCE_OF_CHANGES = 10.0, 2.0
"""Seconds that a call waits for the one before it: orders and their cancelling are in more of a hurry."""
FULL = (5.0, 10.0)
"""Seconds that a read waits when the exchange says that the key's call counter is full (notes limits §7)."""

Param = str | int | bool | None
Prepared = tuple[PreparedRequest, tuple[str, ...]]
"""A request, and the texts that no message may repeat."""


class Client:
    """One exchange's REST API at `base` (`https://api.kraken.com`).

    `timeout` is (connect, read) in seconds, `delays` the pauses before each further attempt of a read;
    `unit` scales both. `nonce` gives a number above all before it for a key. Private calls wait as the key's
    call counter demands, which `say` is told in words; `wall` is the time of day that it counts by. Calls may
    come from several threads. UsageError where `base` is no address, or the certificates cannot be read.
    """

    def __init__(  # noqa: PLR0913 - settings, each with a default
        self,
        base: str,
        *,
        ca_file: str | None = None,
        timeout: tuple[float, float] = (5.0, 15.0),
        delays: Sequence[float] = (1.0, 2.0),
        unit: float = 1.0,
        user_agent: str = f"kraken-stream/{__version__}",
        nonce: Callable[[str], int] = next_nonce,
        sleep: Callable[[float], None] = time.sleep,
        say: Callable[[str], None] = lambda _: None,
        wall: Callable[[], float] = time.time,
        most_bytes: int = 32 << 20,
    ) -> None:
        self.base, self.host, self._plain, self._loopback = address.parse(base)
        _prepared(Request("GET", self.base))
        self._adapter = TrustedAdapter(None if self._plain else trust.context(ca_file))
        self._timeout = (timeout[0] * unit, timeout[1] * unit)
        self._delays = tuple(delay * unit for delay in delays)
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._nonce = nonce
        self._sleep = sleep
        self._most_bytes = most_bytes
        self._say, self._wall = say, wall
        self._full = tuple(delay * unit for delay in FULL)

    def public(self, method: str, /, **params: Param) -> Any:
        """The `result` of a public method; parameters that are None are left out.

        Raises UnreachableError (no connection, no answer), AuthError or RemoteError (answered with an error).
        """
        query = urlencode(_texts(params))
        url = f"{self.base}/0/public/{method}" + (f"?{query}" if query else "")

        def get() -> Prepared:
            return Request("GET", url, headers=self._headers).prepare(), ()

        return _raised(self._call(get, method, repeat=True))

    def private(self, method: str, credentials: Credentials, /, **params: Param) -> Any:
        """The `result` of a signed method; the key's second factor, where it has one, is signed along.

        Raises as `public` does, and OutcomeUnknownError where a method that changes something may or may
        not have done so. A refused nonce is replaced once; a read that was one too many is made again later.
        """
        if self._plain and not self._loopback:
            raise UsageError(f"keys are never sent to {self.host} unencrypted", suggestion="use https://")
        checked(credentials.key, credentials.secret)
        params = {"otp": credentials.otp or None, **params}

        def post() -> Prepared:
            return self._signed(method, credentials, _texts(params))

        def call() -> object:
            return self._call(post, method, repeat=repeat, turn=lambda: self._turn(method, credentials))

        repeat = method in READS
        outcome = call()
        if envelope.wants_another_nonce(outcome):
            outcome = call()
        for delay in self._full if repeat else ():
            if not envelope.is_full(outcome):
                break
            self._counter(credentials.key).fill(credentials.tier)
            self._wait(delay, "the exchange says that the key's call counter is full")
            outcome = call()
        return _raised(outcome)

    def close(self) -> None:
        """Close the connections kept open for further calls."""
        self._adapter.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _turn(self, method: str, credentials: Credentials) -> Iterator[None]:
        """One attempt, when the key's counter allows it, and with no other on its way."""
        seconds = self._counter(credentials.key).book(method, credentials.tier)
        self._wait(seconds, "the key's call counter is full")
        with turn(credentials.key, PATIENCE if method in READS else PATIENCE_OF_CHANGES):
            yield

    def _counter(self, key: str) -> Counter:
        return Counter(f"{self.base} {key}", shared=not self._loopback, wall=self._wall)

    def _wait(self, seconds: float, why: str) -> None:
        if seconds > 0:
            self._say(f"waiting {math.ceil(seconds)} s: {why}")
            self._sleep(seconds)

    def _signed(self, method: str, credentials: Credentials, params: dict[str, str]) -> Prepared:
        path = f"/0/private/{method}"
        nonce = self._nonce(credentials.key)
        body = urlencode({"nonce": str(nonce), **params}).encode()
        signature = sign(credentials.secret, path, nonce, body)
        headers = {
            **self._headers,
            "API-Key": credentials.key,
            "API-Sign": signature,
            "Content-Type": "application/x-www-form-urlencoded",
        }
        hide = (credentials.key, credentials.secret, signature, params.get("otp", ""))
        return Request("POST", self.base + path, data=body, headers=headers).prepare(), hide

    def _call(
        self,
        prepare: Callable[[], Prepared],
        method: str,
        *,
        repeat: bool,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> object:
        """The result of a call, or its error as a value. Each attempt is prepared anew."""
        for delay in (*(self._delays if repeat else ()), None):
            with turn():
                request, hide = prepare()
                outcome = send(
                    self._adapter,
                    request,
                    timeout=self._timeout,
                    most=self._most_bytes,
                    direct=self._loopback,
                )
            if delay is None or not verdict.may_pass(outcome):
                break
            self._sleep(delay)
        return verdict.read(outcome, method, self.host, hide, changes=not repeat)


def _prepared(request: Request) -> PreparedRequest:
    try:
        return request.prepare()
    except RequestException:
        problem = UsageError("the REST address is not of the form https://HOST", suggestion=address.HOW)
    raise problem


def _raised(outcome: object) -> Any:
    if isinstance(outcome, StreamError):
        raise outcome
    return outcome


def _texts(params: dict[str, Param]) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in params.items()
        if value is not None
    }
