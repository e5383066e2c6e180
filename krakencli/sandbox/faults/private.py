"""The faults of the private host, as a table: tokens that end, answers that are lost or late, reports that
do not come.

The exchange itself goes on as if nothing had happened: an order whose answer is lost has been placed, a
report that is lost still counts in its channel's `sequence`, and REST has it. `at` counts what suits the kind
on one connection: requests with a token, answers to trading requests, updates of a channel. All act over both
protocols; a request's `method` is v2's name of it in either.
"""

from __future__ import annotations

from krakencli.sandbox.faults import asked
from krakencli.sandbox.faults.asked import Asked
from krakencli.sandbox.faults.subscriptions import DelayAcknowledgement, LoseAcknowledgement, Mute
from krakencli.sandbox.faults.terms import Terms
from krakencli.sandbox.faults.watch import Ending, Post, Watch, WatchedKind
from krakencli.sandbox.hosts import INVALID_SESSION

_CHANNELS = ("executions", "balances", "openOrders", "ownTrades")


class ExpireToken(Watch):
    """The token of a request is good no longer, wherever it is used, before the exchange looks at it."""

    def hear(self, text: str | None) -> list[str] | None:
        """Leaves the refusal to the exchange."""
        request = _with_token(text, self.post)
        if request is not None and self.post.suits():
            self.post.exchange.desk.revoke(request.token)
            self.post.delivered(text, [])
        return None


class InvalidSession(Watch):
    """A request is refused although its token is good, and stays so."""

    def hear(self, text: str | None) -> list[str] | None:
        """The refusal, as the private back end words it."""
        request = _with_token(text, self.post)
        if request is None or not self.post.suits():
            return None
        sent = [asked.refusal(request, INVALID_SESSION, self.post.exchange.now())]
        self.post.delivered(text, sent)
        return sent


class LoseAnswer(LoseAcknowledgement):
    """A trading request is carried out; its answer does not come."""

    def concerns(self, text: str) -> bool:
        """Whether a frame is such an answer."""
        return _answers(text, self.post)


class DelayAnswer(DelayAcknowledgement):
    """The answer comes late; what is told of the order does not wait for it."""

    def concerns(self, text: str) -> bool:
        """Whether a frame is such an answer."""
        return _answers(text, self.post)


class CutAnswer(Watch):
    """A trading request is carried out; in the place of its answer the connection is cut."""

    def __init__(self, post: Post) -> None:
        super().__init__(post)
        self._has_acted = False

    @property
    def is_over(self) -> bool:
        """Not once it has acted: the line stays dead."""
        return super().is_over and not self._has_acted

    @property
    def ending(self) -> Ending | None:
        """Without a word."""
        return Ending(None) if self._has_acted else None

    def take(self, text: str) -> list[str]:
        """Nothing goes out any more."""
        if not self._has_acted and self.post.left and _answers(text, self.post) and self.post.suits():
            self._has_acted = True
            self.post.delivered(text, [])
        return [] if self._has_acted else [text]


class LoseReports(Watch):
    """Updates of a private channel do not come; `sequence` shows that they were sent."""

    def take(self, text: str) -> list[str]:
        """Nothing, in the place of one that is lost."""
        if not self.post.speech.is_update(text) or not self.post.suits():
            return [text]
        self.post.delivered(text, [])
        return []


def _with_token(text: str | None, post: Post) -> Asked | None:
    """The request of the private host that a text is, if the fault concerns it."""
    request = asked.read(text) if post.left else None
    concerned = request is not None and post.fault.method in {None, request.method}
    return request if concerned else None


def _answers(text: str, post: Post) -> bool:
    """Whether a frame answers a trading request that the fault concerns."""
    method = asked.answered(text)
    return method is not None and post.fault.method in {None, method}


_TAKES = ("at", "connection", "method")
_OF_CHANNEL = Terms(takes=("at", "connection"), choices={"channel": _CHANNELS})

KINDS: dict[str, WatchedKind] = {
    "expire_token": WatchedKind(Terms(takes=_TAKES), ExpireToken),
    "invalid_session": WatchedKind(Terms(takes=_TAKES), InvalidSession),
    "lose_answer": WatchedKind(Terms(takes=_TAKES), LoseAnswer),
    "delay_answer": WatchedKind(Terms(takes=_TAKES, usual={"seconds": 1.0}), DelayAnswer),
    "cut_answer": WatchedKind(Terms(takes=_TAKES), CutAnswer),
    "lose_reports": WatchedKind(_OF_CHANNEL, LoseReports, of_topic=True),
    "no_reports": WatchedKind(_OF_CHANNEL, Mute, of_topic=True),
}
