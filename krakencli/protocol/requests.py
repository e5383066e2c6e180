"""Requests under way: what was asked, what is answered, what is still to be sent. Sans I/O.

Every subscription is answered one by one (protocol notes v2 §4), so a request stays open until its last
symbol has an answer.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from krakencli.model import Subscription
from krakencli.protocol.dialect import Dialect, Method
from krakencli.protocol.messages import Response
from krakencli.protocol.pace import Pace, cost, fits

SYMBOLS_PER_REQUEST = 100


@dataclass(slots=True)
class Request:
    """What it asked for and is not answered yet; `asked_at` is None until it is sent."""

    method: Method
    open: dict[str | None, Subscription]
    asked_at: float | None = field(default=None)


class Requests:
    """The requests of one connection. `token` goes into each, where the host wants one."""

    def __init__(self, dialect: Dialect, token: str | None = None) -> None:
        self._dialect, self._token = dialect, token
        self._requests: dict[int, Request] = {}
        self._outbox: deque[tuple[int, int, bytes]] = deque()
        self._number = 0

    def ask(self, method: Method, subscriptions: Iterable[Subscription]) -> None:
        """Queue as few requests as can carry them."""
        for group in packed(subscriptions):
            number = self._next_number()
            self._requests[number] = Request(method, {s.symbol: s for s in group})
            frame = self._dialect.subscribe(method, group, number, self._token)
            self._outbox.append((number, cost(group) if method == "subscribe" else 0, frame))

    def ping(self) -> None:
        self._outbox.append((0, 0, self._dialect.ping(self._next_number())))

    def outgoing(self, now: float, pace: Pace) -> list[bytes]:
        """The frames that the pace lets go now, in their order."""
        if not self._outbox:
            return []
        pace.refill(now)
        frames = []
        while self._outbox and pace.take(now, self._outbox[0][1]):
            number, _, frame = self._outbox.popleft()
            if number in self._requests:
                self._requests[number].asked_at = now
            frames.append(frame)
        return frames

    def late(self, sent_before: float) -> list[Request]:
        """Takes out the requests that were sent before then and are not answered."""
        numbers = [
            number
            for number, request in self._requests.items()
            if request.asked_at is not None and request.asked_at < sent_before
        ]
        return [self._requests.pop(number) for number in numbers]

    def refused(self, response: Response) -> list[Request]:
        """Takes out those that a complaint about the pace may be about: the one it names, or all of them."""
        numbers = [n for n in self._requests if n == response.req_id] or list(self._requests)
        self._outbox = deque(entry for entry in self._outbox if entry[0] not in numbers)
        return [self._requests.pop(number) for number in numbers]

    def match(self, response: Response) -> tuple[Method, list[Subscription], float | None]:
        """What a response answers: by request and symbol, or by symbol alone; nothing where nobody waits.

        A refusal without a symbol is about a shared parameter and so about the whole request (§4, rule 2).
        The method is the request's: `Subscription Not Found` names the wrong one (§4, rule 10); the last is
        when it was sent.
        """
        number = response.req_id
        for candidate in [number] if number is not None else list(self._requests):
            request = self._requests.get(candidate)
            if request is None:
                continue
            answered = _answered(request, response)
            if not request.open:
                del self._requests[candidate]
            if answered:
                return request.method, answered, request.asked_at
        return "subscribe", [], None

    def _next_number(self) -> int:
        self._number += 1
        return self._number


def _answered(request: Request, response: Response) -> list[Subscription]:
    """What of the request a response answers; it is open no more."""
    if response.symbol in request.open:
        return [request.open.pop(response.symbol)]
    if response.symbol is None and not response.success and response.req_id is not None:
        answered = list(request.open.values())
        request.open.clear()
        return answered
    return []


def packed(subscriptions: Iterable[Subscription]) -> Iterator[list[Subscription]]:
    """Groups that one request can carry: alike but for their symbol, few enough."""
    groups: dict[tuple[object, ...], list[Subscription]] = {}
    for subscription in subscriptions:
        alike = (subscription.wire, subscription.params, subscription.snapshot, subscription.symbol is None)
        groups.setdefault(alike, []).append(subscription)
    for group in groups.values():
        size = min(SYMBOLS_PER_REQUEST, fits(group[0]))
        for start in range(0, len(group), size):
            yield group[start : start + size]


def open_ones(requests: Iterable[Request]) -> dict[Method, Collection[Subscription]]:
    """What requests that came to nothing had asked for, by what they asked."""
    asked: dict[Method, list[Subscription]] = {"subscribe": [], "unsubscribe": []}
    for request in requests:
        asked[request.method] += request.open.values()
    return {method: subscriptions for method, subscriptions in asked.items() if subscriptions}
